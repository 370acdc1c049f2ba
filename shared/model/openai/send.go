package openai

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/quintet-agents/quintet/shared/model/watch"
)

const (
	attempts = 3 // of a request, before an answer begins

	// longestWait bounds the wait between attempts. If a server asks for a longer wait,
	// the request is not retried, and the caller of the interactive turn gets the
	// Retry-After.
	longestWait = 2 * time.Second

	firstWait = 500 * time.Millisecond // doubled with each attempt

	maxRefusal = 64 << 10 // bytes that are read of an error response
)

// send sends a request and retries it as long as retryIn allows.
func (p *Provider) send(ctx context.Context, call *watch.Call, key string, body []byte, stream bool) (*http.Response, error) {
	for n := 1; ; n++ {
		response, err := p.sendOnce(ctx, call, key, body, stream)
		wait, again := retryIn(response, err, n)
		if !again || ctx.Err() != nil {
			return response, err
		}
		if response != nil {
			_, _ = io.CopyN(io.Discard, response.Body, maxRefusal) // so that the connection can be used again
			_ = response.Body.Close()
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

func (p *Provider) sendOnce(ctx context.Context, call *watch.Call, key string, body []byte, stream bool) (*http.Response, error) {
	endpoint, err := p.endpoint()
	if err != nil {
		return nil, &problem{status: statusNoEndpoint, cause: fmt.Errorf("the model's base URL is invalid: %w", shortURL(err))}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint.String(), bytes.NewReader(body))
	if err != nil {
		return nil, &problem{status: statusNoEndpoint, cause: fmt.Errorf("the model's base URL is invalid: %w", shortURL(err))}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	if stream {
		r.Header.Set("Accept", "text/event-stream")
	}
	r.Header.Set("User-Agent", "quintet")
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := call.Client(p.client).Do(r)
	return response, shortURL(err)
}

// shortURL replaces the URL in an error of the packages url and http by its bare form.
func shortURL(err error) error {
	of, ok := errors.AsType[*url.Error](err)
	if !ok {
		return err
	}
	short := &url.Error{Op: of.Op, Err: of.Err}
	if u, err := url.Parse(of.URL); err == nil {
		short.URL = bare(u)
	}
	return short
}

// sameMethod follows only redirects that keep the method. After any other redirect the
// client would send a GET, which chat completions do not support; such a redirect means
// that the base URL is wrong.
func sameMethod(r *http.Request, before []*http.Request) error {
	if r.Method != http.MethodPost || len(before) > 3 {
		return http.ErrUseLastResponse
	}
	return nil
}

// retryIn returns the wait before the next attempt, and false if there should be none.
func retryIn(response *http.Response, err error, n int) (time.Duration, bool) {
	if n == attempts || problemAlready(err) {
		return 0, false
	}
	wait := min(firstWait<<(n-1), longestWait)
	wait -= rand.N(wait / 4)
	if err != nil {
		return wait, true
	}
	again := busy[response.StatusCode] || response.StatusCode == http.StatusConflict || response.StatusCode >= http.StatusInternalServerError
	switch response.Header.Get("X-Should-Retry") {
	case "true":
		again = true
	case "false":
		again = false
	}
	if asked := retryAfter(response); asked > 0 {
		return asked, again && asked <= longestWait
	}
	return wait, again
}

// retryAfter returns the response's Retry-After, which has seconds or a date, or 0.
func retryAfter(response *http.Response) time.Duration {
	if ms, err := strconv.ParseFloat(response.Header.Get("Retry-After-Ms"), 64); err == nil && ms > 0 && ms < 1e9 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	header := response.Header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(header, 64); err == nil && seconds > 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second))
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(time.Until(date), 0)
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
