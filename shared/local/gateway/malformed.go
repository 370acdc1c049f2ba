package gateway

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Requests that are no HTTP, or whose path has a broken escape (/%zz), never
// reach a handler of net/http: its server writes a plain answer of its own to
// the connection. API Gateway answers those, too, as any 4xx. So its listener
// hands out connections that replace such an answer.

// serverAnswer is how net/http's own answers go on after the status line. An
// answer of a handler always has a Date.
const serverAnswer = "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"

// sendBuffer is what a client's socket holds of an answer. The system's own
// choice grows to several megabytes, which hides from a developer what a client
// does that reads slowly.
const sendBuffer = 64 << 10

// gatewayListener hands out connections that answer malformed requests as API
// Gateway does.
type gatewayListener struct {
	net.Listener
	answer func() []byte // the whole response
}

// Listener wraps l, which serves g.
func (g *Gateway) Listener(l net.Listener) net.Listener { return gatewayListener{l, g.malformed} }

// Accept waits for the next connection.
func (l gatewayListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer) // without it only the tests of slow clients see a difference
		return gatewayConn{TCPConn: tcp, answer: l.answer}, nil
	}
	return conn, err
}

type gatewayConn struct {
	*net.TCPConn
	answer func() []byte
}

// ReadFrom keeps the connection's own from being found, which is for files.
func (c gatewayConn) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{c.TCPConn}, r)
}

func (c gatewayConn) Write(p []byte) (int, error) {
	line, _, _ := bytes.Cut(p, []byte("\r\n"))
	if bytes.HasPrefix(line, []byte("HTTP/1.1 4")) && bytes.HasPrefix(p[len(line):], []byte(serverAnswer)) {
		if _, err := c.TCPConn.Write(c.answer()); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	return c.TCPConn.Write(p)
}

// malformed returns the response to what net/http cannot read.
func (g *Gateway) malformed() []byte {
	w := &recorded{header: http.Header{}}
	c := &call{id: uuid.NewString(), at: time.Now()}
	c.name(w.header)
	w.header.Set("Connection", "close")
	c.fail(w, &http.Request{URL: nothing, Header: http.Header{}}, g.unknown, problemMalformed)
	g.access(Access{At: c.at, Method: "-", Path: "-", Status: w.status, Duration: time.Since(c.at), RequestID: c.id})
	var b bytes.Buffer
	response := http.Response{
		StatusCode: w.status, ProtoMajor: 1, ProtoMinor: 1, Header: w.header, Close: true,
		Body: io.NopCloser(strings.NewReader(w.body.String())), ContentLength: int64(w.body.Len()),
	}
	_ = response.Write(&b) // a buffer takes everything
	return b.Bytes()
}

// recorded is an answer in memory.
type recorded struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorded) Header() http.Header         { return r.header }
func (r *recorded) WriteHeader(status int)      { r.status = status }
func (r *recorded) Write(p []byte) (int, error) { return r.body.Write(p) }
