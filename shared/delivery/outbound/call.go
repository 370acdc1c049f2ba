package outbound

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// Call sends one signed request and returns its answer, within the context's time and the
// 15 seconds of an attempt. It returns an error only for our own faults; a receiver's failure
// is in the answer. The body is read up to the call's Max, whatever its headers promise.
func (c *Client) Call(ctx context.Context, call delivery.Call) (delivery.Answer, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // closes the connection of a body that was not read to its end
	if _, _, err := parse("url", call.URL); err != nil {
		return delivery.Answer{Failure: delivery.BadURL}, nil
	}
	req, err := http.NewRequestWithContext(ctx, call.Method, escape(call.URL), bytes.NewReader(call.Body))
	if err != nil {
		return delivery.Answer{Failure: delivery.BadURL}, nil
	}
	req.Header.Set("User-Agent", toolAgent)
	if len(call.Body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range call.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("Idempotency-Key", call.ID)
	if err := sign(req.Header, delivery.Request{ID: call.ID, At: call.At, Body: call.Body, Secrets: call.Secrets}); err != nil {
		return delivery.Answer{}, fmt.Errorf("sign %s: %w", call.ID, err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return delivery.Answer{Failure: FailureOf(err)}, nil
	}
	defer func() { _ = res.Body.Close() }()
	answer := delivery.Answer{
		Status: res.StatusCode, Type: res.Header.Get("Content-Type"), Encoding: res.Header.Get("Content-Encoding"), Location: res.Header.Get("Location"),
		RetryAfter: retryAfter(res, c.now()),
	}
	for _, name := range call.Want {
		if value := res.Header.Get(name); value != "" {
			if answer.Headers == nil {
				answer.Headers = map[string]string{}
			}
			answer.Headers[name] = value
		}
	}
	answer.Body, err = io.ReadAll(io.LimitReader(res.Body, int64(call.Max)+1))
	if err != nil {
		answer.Failure = FailureOf(err)
	}
	if len(answer.Body) > call.Max {
		answer.Body, answer.More = answer.Body[:call.Max], true
	}
	return answer, nil
}

// toolAgent is the User-Agent header of calls, unless they have their own.
const toolAgent = "Quintet-Tools/1"
