package money_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// refusing is a store client that, once it is on, refuses every settlement with an error
// code of DynamoDB.
type refusing struct {
	code     string
	on       atomic.Bool
	attempts atomic.Int64
}

func (r *refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	if !r.on.Load() || !strings.HasSuffix(req.Header.Get("X-Amz-Target"), ".TransactWriteItems") {
		return http.DefaultTransport.RoundTrip(req)
	}
	r.attempts.Add(1)
	if req.Body != nil {
		_ = req.Body.Close()
	}
	return &http.Response{
		StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Request: req,
		Body: io.NopCloser(strings.NewReader(`{"__type":"com.amazonaws.dynamodb.v20120810#` + r.code + `","message":"refused"}`)),
	}, nil
}

// A settlement that runs out of its function's time leaves time to release the hold, the
// idempotency key and the claim on the thread.
func TestSettle_OutOfTime(t *testing.T) {
	for _, code := range []string{"ThrottlingException", "InternalServerError"} {
		t.Run(code, func(t *testing.T) {
			r := &refusing{code: code}
			b := newBank(t, ledger.Credit, &producer{words: 3}, dynamotest.Through(r))
			r.on.Store(true)
			ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
			defer cancel()
			in := b.once(t)
			if _, err := b.engine.Run(ctx, in, turn.Quiet{}); err == nil {
				t.Error("got a settled turn, want an error")
			}
			if ctx.Err() != nil {
				t.Error("got a function past its deadline, want time left")
			}
			b.wantBooks(t)
			b.wantFree(t, in)
		})
	}
}

// A settlement that can never succeed is not retried.
func TestSettle_PermanentError(t *testing.T) {
	for _, code := range []string{"ValidationException", "AccessDeniedException", "ResourceNotFoundException"} {
		t.Run(code, func(t *testing.T) {
			r := &refusing{code: code}
			b := newBank(t, ledger.Credit, &producer{words: 3}, dynamotest.Through(r))
			r.on.Store(true)
			in := b.once(t)
			_, err := b.engine.Run(t.Context(), in, turn.Quiet{})
			wantCode(t, err, fault.Internal)
			if got := r.attempts.Load(); got != 1 {
				t.Errorf("got %d attempts to settle, want 1", got)
			}
			b.wantBooks(t)
			b.wantFree(t, in)
		})
	}
}

// once returns a turn with an idempotency key in a thread named by the client.
func (b *bank) once(t *testing.T) turn.Input {
	t.Helper()
	key, err := idempotency.New(b.org, http.MethodPost, "/chat", "k", nil)
	if err != nil {
		t.Fatal(err)
	}
	in := b.ask(b.agent.ID, "wanted", "hi")
	in.Once = &key
	return in
}

// wantFree checks that a turn has released its key and its thread.
func (b *bank) wantFree(t *testing.T, in turn.Input) {
	t.Helper()
	calm := b.Beside()
	b.Table.Store, b.Table.Client = calm.Store, calm.Client
	b.engine = &turn.Engine{Store: calm.Store, Model: &producer{words: 3}, DefaultModel: "test", Now: time.Now}
	in.Agent = b.Agent(t, b.org, "another").ID
	if out, err := b.engine.Run(t.Context(), in, turn.Quiet{}); err != nil || out.Replayed {
		t.Errorf("got replayed %v, %v for another turn with the same key and thread, want a new turn", out.Replayed, err)
	}
}

// An answer beyond the length limit is cut, marked, kept and paid, whole or streamed.
func TestSettle_AnswerTooLarge(t *testing.T) {
	for _, whole := range []bool{true, false} {
		b := newBank(t, 100*ledger.Credit, liar{strings.Repeat("€", 100<<10), &model.Usage{Input: 4, Output: 4096}})
		in := b.ask(b.agent.ID, "long", "hi")
		in.Whole = whole
		out, err := b.engine.Run(t.Context(), in, turn.Quiet{})
		wantCode(t, err, fault.Internal)
		if got := len(out.Turn.Assistant); got != 192<<10 || !out.Turn.Interrupted {
			t.Errorf("whole=%v: got %d bytes, interrupted %v, want %d, true", whole, got, out.Turn.Interrupted, 192<<10)
		}
		if turns := b.turns(t, "long"); len(turns) != 1 || turns[0].Assistant != out.Turn.Assistant {
			t.Errorf("whole=%v: got %d turns, want 1 with the answer", whole, len(turns))
		}
		if b.wantBooks(t) == 0 {
			t.Errorf("whole=%v: got charges of 0, want more", whole)
		}
	}
}

// A turn keeps its key as long as it runs. The Retry-After of a duplicate is the end of
// the key's lease.
func TestSettle_KeyOfRunningTurn(t *testing.T) {
	m := &silent{begun: make(chan struct{}), end: make(chan struct{})}
	b := newBank(t, ledger.Credit, m)
	began := time.Now()
	expired := turn.Claim{Key: *b.once(t).Once, TurnID: turn.NewID(), At: began, Until: began.Add(-time.Second)}
	if _, err := b.Store.Claim(t.Context(), expired); err != nil {
		t.Fatal(err)
	}
	lease := max(600*time.Millisecond, 30*time.Since(began)) // a renewal is in time on this engine, at this load
	b.engine.ClaimLease = lease
	in := b.once(t)
	done := make(chan error)
	go func() {
		_, err := b.engine.Run(context.Background(), in, turn.Quiet{})
		done <- err
	}()
	<-m.begun
	for end := time.Now().Add(2 * lease); time.Now().Before(end); {
		_, err := b.engine.Run(t.Context(), in, turn.Quiet{})
		if !errors.Is(err, idempotency.ErrRunning) || fault.From(err).RetryAfter <= 0 {
			t.Fatalf("got %v, retry after %v for a duplicate, want ErrRunning and the lease", err, fault.From(err).RetryAfter)
		}
	}
	close(m.end)
	if err := <-done; err != nil {
		t.Error(err)
	}
	b.wantBooks(t)
}

// The key of a turn whose function was killed is free once its lease has expired.
func TestSettle_KeyOfKilledTurn(t *testing.T) {
	const lease = 300 * time.Millisecond
	b := newBank(t, ledger.Credit, &producer{words: 3})
	in := b.once(t)
	at := time.Now()
	dead := turn.Claim{Key: *in.Once, TurnID: turn.NewID(), At: at, Until: at.Add(lease)}
	if _, err := b.Store.Claim(t.Context(), dead); err != nil {
		t.Fatal(err)
	}
	for {
		asked := time.Now()
		_, err := b.engine.Run(t.Context(), in, turn.Quiet{})
		if err != nil && asked.After(at.Add(lease)) {
			t.Fatalf("got, %v after the lease, %v, want a free key", asked.Sub(at.Add(lease)), err)
		}
		if err == nil {
			break
		}
		if wait := fault.From(err).RetryAfter; !errors.Is(err, idempotency.ErrRunning) || wait <= 0 {
			t.Fatalf("got, after %v, %v, retry after %v, want ErrRunning with a retry", time.Since(at), err, wait)
		}
	}
	if took := time.Since(at); took < lease {
		t.Errorf("got a free key after %v, want it after the lease of %v", took, lease)
	}
	b.wantBooks(t)
}

// silent is a model that is silent until it is cancelled.
type silent struct {
	model.Provider
	begun, end chan struct{}
}

func (m *silent) Stream(context.Context, model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		close(m.begun)
		<-m.end
		_ = yield(model.Opened{}, nil) && yield(model.TextDelta("done"), nil) &&
			yield(model.Finished{Usage: &model.Usage{Input: 4, Output: 1}, Stop: model.StopEnd}, nil)
	}
}
