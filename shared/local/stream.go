package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// stream answers a request with a response that the function is still writing.
func (g *gateway) stream(w http.ResponseWriter, r *http.Request, c *call, route Route, event []byte) {
	answer, err := g.invoke(context.Background(), route.Function, event)
	if err != nil {
		g.functionFailed(w, r, c, route, err)
		return
	}
	// Whatever happens here, the function is listened to until it has finished:
	// on AWS a client that leaves does not stop it either.
	defer func() { _, _ = io.Copy(io.Discard, answer.body) }()

	if answer.contentType != streamingType {
		g.functionFailed(w, r, c, route, fmt.Errorf("%w: its content type is %q", errMalformed, answer.contentType))
		return
	}
	head, body, err := readPrelude(answer.body)
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
	_, err = io.Copy(out, answer.body)
	if err == nil || errors.Is(err, errClientGone) {
		return
	}
	g.log.printf("%s %s: %s failed while it was streaming: %v", r.Method, r.URL.Path, route.Function, err)
	// The status is out, so cutting the connection is the only way to tell.
	panic(http.ErrAbortHandler)
}
