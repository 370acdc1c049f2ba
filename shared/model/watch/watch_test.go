package watch_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/watch"
)

// script is a server that waits before its response and before each byte of the body.
type script struct {
	head  time.Duration
	bytes []time.Duration
}

func (s script) Do(r *http.Request) (*http.Response, error) {
	if err := wait(r.Context(), s.head); err != nil {
		return nil, err
	}
	return &http.Response{Body: &bytes{r.Context(), s.bytes}}, nil
}

type bytes struct {
	ctx   context.Context //nolint:containedctx // the request's
	waits []time.Duration
}

func (b *bytes) Read(p []byte) (int, error) {
	if len(b.waits) == 0 {
		return 0, io.EOF
	}
	err := wait(b.ctx, b.waits[0])
	b.waits = b.waits[1:]
	if err != nil {
		return 0, err
	}
	p[0] = 'x'
	return 1, nil
}

func (*bytes) Close() error { return nil }

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func TestCall_Silence(t *testing.T) {
	limits := watch.Limits{FirstToken: 60 * time.Second, Idle: 10 * time.Second, Answer: 300 * time.Second}
	const s = time.Second
	for _, tc := range []struct {
		name   string
		call   func(watch.Limits, context.Context) *watch.Call
		server script
		begun  int // the answer begins with this byte
		silent bool
		took   time.Duration
	}{
		{"stream, lively", watch.Limits.Stream, script{59 * s, []time.Duration{59 * s, 59 * s, 9 * s}}, 2, false, 186 * s},
		{"stream, silent before its head", watch.Limits.Stream, script{time.Hour, nil}, 9, true, 60 * s},
		{"stream, silent before its first token", watch.Limits.Stream, script{s, []time.Duration{50 * s, time.Hour}}, 9, true, 111 * s},
		{"stream, silent between tokens", watch.Limits.Stream, script{s, []time.Duration{50 * s, time.Hour}}, 1, true, 61 * s},
		{"whole, slow", watch.Limits.Whole, script{s, []time.Duration{299 * s, 9 * s}}, 9, false, 309 * s},
		{"whole, silent", watch.Limits.Whole, script{time.Hour, nil}, 9, true, 300 * s},
		{"whole, silent in the middle", watch.Limits.Whole, script{s, []time.Duration{299 * s, time.Hour}}, 9, true, 310 * s},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				call := tc.call(limits, t.Context())
				defer call.End()
				err := run(call, tc.server, tc.begun)
				if took := time.Since(began); took != tc.took {
					t.Errorf("took %v, want %v", took, tc.took)
				}
				failure := call.Failure(err)
				if tc.silent != fault.Is(failure, fault.ModelUnavailable) || tc.silent != (err != nil) {
					t.Errorf("error %v, failure %v, want silent %v", err, failure, tc.silent)
				}
			})
		})
	}
}

// run reads the server's whole response.
func run(call *watch.Call, server script, begun int) error {
	r, err := http.NewRequestWithContext(call.Context(), http.MethodPost, "http://model.invalid", nil)
	if err != nil {
		return err
	}
	res, err := call.Client(server).Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	for n := 1; ; n++ {
		if _, err := res.Body.Read(make([]byte, 1)); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if n == begun {
			call.Begun()
		}
	}
}

// A slow consumer of the answer does not count against the server.
func TestCall_SlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		call := watch.Limits{FirstToken: time.Second, Idle: time.Second}.Stream(t.Context())
		defer call.End()
		r, err := http.NewRequestWithContext(call.Context(), http.MethodPost, "http://model.invalid", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := call.Client(script{0, make([]time.Duration, 3)}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		for range 3 {
			time.Sleep(time.Hour)
			if _, err := res.Body.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestCall_TooLarge(t *testing.T) {
	call := watch.Limits{}.Whole(t.Context())
	defer call.End()
	r, err := http.NewRequestWithContext(call.Context(), http.MethodPost, "http://model.invalid", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := call.Client(script{0, make([]time.Duration, 1)}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	res, err = call.Client(flood{}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, res.Body)
	if !errors.Is(err, model.ErrTooLarge) || n > model.MaxBody+64<<10 {
		t.Errorf("got %d bytes, error %v, want at most %d and ErrTooLarge", n, err, model.MaxBody+64<<10)
	}
	_ = res.Body.Close()
}

type flood struct{}

func (flood) Do(*http.Request) (*http.Response, error) {
	return &http.Response{Body: io.NopCloser(endless{})}, nil
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// A canceled context of the caller is not reported as a timeout of the server.
func TestCall_Abandoned(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	call := watch.Default.Stream(ctx)
	defer call.End()
	cancel()
	if err := call.Failure(io.EOF); !fault.Is(err, fault.Internal) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want an Internal error that wraps context.Canceled", err)
	}
}
