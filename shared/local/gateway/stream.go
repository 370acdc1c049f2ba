package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// stream answers a request with a response that the function is still writing.
func (g *Gateway) stream(w http.ResponseWriter, r *http.Request, c *call, route sam.Route, event []byte) {
	answer, err := g.invoke(context.Background(), route.Function, event)
	if err != nil {
		g.functionFailed(w, r, c, route, err)
		return
	}
	// Always read the function's answer to its end: on AWS, a client's disconnect does
	// not stop the function either.
	defer func() { _, _ = io.Copy(io.Discard, answer.Body) }()

	if answer.ContentType != streamingType {
		g.functionFailed(w, r, c, route, fmt.Errorf("%w: its content type is %q", errMalformed, answer.ContentType))
		return
	}
	head, body, err := readPrelude(answer.Body)
	if err != nil {
		g.functionFailed(w, r, c, route, err)
		return
	}
	out := newClientWriter(w, route.Timeout, true)
	defer out.close()
	head.write(w)
	if _, err := out.Write(body); err != nil {
		return
	}
	_, err = io.Copy(out, answer.Body)
	if err == nil || errors.Is(err, errClientGone) {
		return
	}
	g.log.Printf("%s %s: %s failed while it was streaming: %v (request %s)", r.Method, r.URL.Path, route.Function, err, c.id)
	// The status was sent, so only a closed connection can report the error.
	panic(http.ErrAbortHandler)
}
