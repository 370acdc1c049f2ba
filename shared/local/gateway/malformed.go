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

// A request that is not valid HTTP, or whose path has a broken escape (/%zz), never
// reaches a handler: net/http's server itself writes a plain-text answer to the
// connection. API Gateway answers such a request like any other 4xx. So the gateway's
// listener returns connections that replace the server's answer.

// serverAnswer is the text after the status line of net/http's own answers. A handler's
// answer differs, because it always has a Date.
const serverAnswer = "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"

// sendBuffer is the size of a client's socket buffer. The system's buffer grows to several
// megabytes, so a developer would not notice a client that reads slowly.
const sendBuffer = 64 << 10

// gatewayListener accepts connections that answer malformed requests like API Gateway.
type gatewayListener struct {
	net.Listener
	answer func() []byte // the whole response
}

// Listener wraps the listener l of a server whose handler is g.
func (g *Gateway) Listener(l net.Listener) net.Listener { return gatewayListener{l, g.malformed} }

// Accept waits for the next connection.
func (l gatewayListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer) // an error affects only tests of slow clients
		return gatewayConn{TCPConn: tcp, answer: l.answer}, nil
	}
	return conn, err
}

type gatewayConn struct {
	*net.TCPConn
	answer func() []byte
}

// ReadFrom hides TCPConn's ReadFrom, which would bypass Write.
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

// malformed returns the response to a request that net/http cannot parse.
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
	_ = response.Write(&b) // cannot fail
	return b.Bytes()
}

// recorded is a ResponseWriter that keeps the answer in memory.
type recorded struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorded) Header() http.Header         { return r.header }
func (r *recorded) WriteHeader(status int)      { r.status = status }
func (r *recorded) Write(p []byte) (int, error) { return r.body.Write(p) }
