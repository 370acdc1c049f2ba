package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/local/lambda"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

// buffer answers a request with a non-streamed response of the function.
func (g *Gateway) buffer(w http.ResponseWriter, r *http.Request, c *call, route sam.Route, event []byte) {
	type result struct {
		answer proxyResponse
		err    error
	}
	done := make(chan result, 1)
	// The function continues after the gateway has stopped waiting for it.
	g.late.Go(func() {
		payload, err := lambda.ReadAll(g.invoke(context.Background(), route.Function, event))
		var answer proxyResponse
		if err == nil {
			answer, err = parseResponse(payload)
		}
		done <- result{answer, err}
	})
	timeout := time.NewTimer(route.Timeout)
	defer timeout.Stop()
	select {
	case <-timeout.C:
		g.log.Printf("%s %s: %s did not answer within %v (request %s)", r.Method, r.URL.Path, route.Function, route.Timeout, c.id)
		c.fail(w, r, c.resource.api, problemTimeout)
	case got := <-done:
		if got.err != nil {
			g.functionFailed(w, r, c, route, got.err)
			return
		}
		got.answer.head.write(w)
		out := newClientWriter(w, sam.MaxStreamedTime, false)
		defer out.close()
		_, _ = out.Write(got.answer.body) // fails if the client has disconnected
	}
}

// head is the part of a response before its body, for both buffered and streamed
// responses.
type head struct {
	StatusCode        int                  `json:"statusCode"`
	Headers           map[string]*header   `json:"headers"`           // a nil value means null
	MultiValueHeaders map[string][]*header `json:"multiValueHeaders"` // a nil value means null
	Cookies           []string             `json:"cookies"`           // only in streamed responses
}

// header is a header's value. API Gateway also accepts numbers and booleans.
type header string

// UnmarshalJSON accepts any scalar.
func (h *header) UnmarshalJSON(text []byte) error {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	switch value := value.(type) {
	case string:
		*h = header(value)
	case bool, float64:
		*h = header(text)
	default:
		return fmt.Errorf("a header's value is %s", text)
	}
	return nil
}

type proxyResponse struct {
	head head
	body []byte
}

var errMalformed = errors.New("malformed proxy response")

// parseResponse reads a function's answer to a proxy event.
func parseResponse(payload []byte) (proxyResponse, error) {
	var answer struct {
		head
		Body            *string `json:"body"`
		IsBase64Encoded bool    `json:"isBase64Encoded"`
	}
	if err := json.Unmarshal(payload, &answer); err != nil {
		return proxyResponse{}, fmt.Errorf("%w: %w", errMalformed, err)
	}
	if err := answer.head.check(); err != nil {
		return proxyResponse{}, err
	}
	out := proxyResponse{head: answer.head}
	if answer.Body == nil {
		return out, nil
	}
	out.body = []byte(*answer.Body)
	if answer.IsBase64Encoded {
		var err error
		if out.body, err = base64.StdEncoding.DecodeString(*answer.Body); err != nil {
			return proxyResponse{}, fmt.Errorf("%w: its body: %w", errMalformed, err)
		}
	}
	return out, nil
}

// check sets the default status and rejects an invalid one.
func (h *head) check() error {
	if h.StatusCode == 0 {
		h.StatusCode = http.StatusOK
	}
	if h.StatusCode < 200 || h.StatusCode > 599 {
		return fmt.Errorf("%w: its status is %d", errMalformed, h.StatusCode)
	}
	return nil
}
