package boot_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/boot"
)

const (
	bufferSize = 100
	waitTime   = 10 * time.Second
	drainTime  = 30 * time.Second
	margin     = 5 * time.Second
)

// slow runs a handler whose client reads at the pace of the test. stuck counts how often
// the process would have exited.
func slow(ctx context.Context, t *testing.T, h http.HandlerFunc) (body io.ReadCloser, stuck *atomic.Int32) {
	t.Helper()
	stuck = new(atomic.Int32)
	start := boot.StreamedWith(h, boot.Patience{
		Bytes: bufferSize, Wait: waitTime, Drain: drainTime, Margin: margin, Stuck: func() { stuck.Add(1) },
	})
	res, err := start(ctx, events.APIGatewayProxyRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return res.Body.(io.ReadCloser), stuck
}

// A client that does not read delays its turn by one wait for a full buffer.
func TestStream_ReaderStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, done := time.Now(), make(chan time.Duration, 1)
		body, stuck := slow(t.Context(), t, func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				write(w, strings.Repeat("x", bufferSize))
			}
			done <- time.Since(began)
		})
		if got := <-done; got != waitTime {
			t.Errorf("got %v for the handler, want %v", got, waitTime)
		}
		got, err := io.ReadAll(body)
		if len(got) != 0 || err == nil || errors.Is(err, io.EOF) {
			t.Errorf("got %d bytes, %v, want an error only", len(got), err)
		}
		if err := body.Close(); err != nil || stuck.Load() != 0 {
			t.Errorf("got %v and %d ends of the process, want nil and none", err, stuck.Load())
		}
	})
}

// A stream that fits into the buffer never waits, and a late client reads all of it.
func TestStream_BufferHoldsAShortStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, done := time.Now(), make(chan time.Duration, 1)
		body, _ := slow(t.Context(), t, func(w http.ResponseWriter, _ *http.Request) {
			for range bufferSize {
				write(w, "x")
			}
			done <- time.Since(began)
		})
		if got := <-done; got != 0 {
			t.Errorf("got %v for the handler, want no time", got)
		}
		time.Sleep(drainTime)
		if got, err := io.ReadAll(body); err != nil || string(got) != strings.Repeat("x", bufferSize) {
			t.Errorf("got %d bytes, %v; want the %d of the buffer", len(got), err, bufferSize)
		}
		_ = body.Close()
	})
}

// A client that reads fast enough receives a stream of any size.
func TestStream_LongAnswerOfASlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		want := strings.Repeat("0123456789", bufferSize)
		body, _ := slow(t.Context(), t, func(w http.ResponseWriter, _ *http.Request) { write(w, want) })
		var got strings.Builder
		chunk := make([]byte, 10)
		for {
			n, err := body.Read(chunk)
			got.Write(chunk[:n])
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(waitTime * 9 / 10 / (10 * bufferSize / 10))
		}
		if d := cmp.Diff(want, got.String()); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		_ = body.Close()
	})
}

// After the handler's end, the client must read the rest within a bounded time.
func TestStream_DrainIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body, stuck := slow(t.Context(), t, func(w http.ResponseWriter, _ *http.Request) { write(w, "rest") })
		if n, err := body.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Fatalf("got %d bytes, %v; want 1", n, err)
		}
		time.Sleep(drainTime + time.Second)
		if n, err := body.Read(make([]byte, 1)); n != 0 || err == nil || errors.Is(err, io.EOF) {
			t.Errorf("got %d bytes, %v, want an error", n, err)
		}
		_ = body.Close()
		time.Sleep(time.Hour)
		if stuck.Load() != 0 {
			t.Error("got the process ended although the platform took the error, want it alive")
		}
	})
}

// If the platform reads nothing at all, the process exits, but not before the handler's
// end.
func TestStream_PlatformIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const work = time.Hour
		body, stuck := slow(t.Context(), t, func(w http.ResponseWriter, _ *http.Request) {
			write(w, "begun")
			time.Sleep(work)
		})
		time.Sleep(work + drainTime + boot.StuckGrace - time.Second)
		if stuck.Load() != 0 {
			t.Error("got the process ended too early, want it alive")
		}
		time.Sleep(2 * time.Second)
		if stuck.Load() != 1 {
			t.Errorf("got %d ends of the process, want 1", stuck.Load())
		}
		_ = body.Close()
	})
}

// No write waits shortly before the function's deadline, so that a turn can settle.
func TestStream_WritesLeaveTimeToSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const left = margin + 2*time.Second
		ctx, cancel := context.WithTimeout(t.Context(), left)
		defer cancel()
		began, done := time.Now(), make(chan time.Duration, 1)
		body, _ := slow(ctx, t, func(w http.ResponseWriter, _ *http.Request) {
			write(w, strings.Repeat("x", 2*bufferSize))
			done <- time.Since(began)
		})
		if got := <-done; got != left-margin {
			t.Errorf("got %v for the handler, want %v", got, left-margin)
		}
		_ = body.Close()
	})
}

// The answer of a handler that ends just before the deadline reaches a fast client.
func TestStream_EndsAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		body, stuck := slow(ctx, t, func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Minute - 100*time.Millisecond)
			write(w, "the end")
		})
		time.Sleep(10 * time.Millisecond) // on the way
		if got, err := io.ReadAll(body); err != nil || string(got) != "the end" {
			t.Errorf("got %q, %v, want all of it", got, err)
		}
		_ = body.Close()
		if stuck.Load() != 0 {
			t.Error("got the process ended although the client read, want it alive")
		}
	})
}

// Close returns after the handler's end, because the runtime then polls for the next event.
func TestStream_CloseWaitsForTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		body, _ := slow(t.Context(), t, func(w http.ResponseWriter, _ *http.Request) {
			write(w, "begun")
			time.Sleep(time.Minute)
			ended = true
		})
		_ = body.Close()
		if !ended {
			t.Error("got a handler that still runs, want it ended")
		}
	})
}
