package openai_test

import (
	stdcmp "cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/apikey"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
	"github.com/quintet-agents/quintet/shared/model/openai"
	"github.com/quintet-agents/quintet/shared/model/watch"
)

const (
	refusedKey = `{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}`
	helloWhole = `{"choices":[{"message":{"content":"hello"},"finish_reason":"stop"}]}`
)

// lock is an endpoint that accepts one key and answers hello.
type lock struct {
	mu     sync.Mutex
	knows  string
	status int    // of a refusal
	sends  string // before a refusal
	says   string // the body of a refusal; empty: refusedKey
	tried  []string
}

func (l *lock) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	l.tried = append(l.tried, key)
	res := &http.Response{StatusCode: http.StatusOK, Request: r, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(helloWhole))}
	if key != l.knows {
		res.StatusCode, res.Body = l.status, io.NopCloser(strings.NewReader(l.sends+stdcmp.Or(l.says, refusedKey)))
	}
	return res, nil
}

// provider returns a provider that calls the lock with a key of the source.
func (l *lock) provider(read apikey.Source) *openai.Provider {
	return openai.New("http://model.invalid/v1", apikey.From(read, time.Now), &http.Client{Transport: l}, watch.Default)
}

// The forms of a call: non-streamed and streamed.
var forms = map[string]func(context.Context, *openai.Provider) (string, error){
	"whole": func(ctx context.Context, p *openai.Provider) (string, error) {
		reply, err := p.Converse(ctx, modeltest.Ask("hello"))
		return reply.Text, err
	},
	"streamed": func(ctx context.Context, p *openai.Provider) (string, error) {
		events, err := modeltest.Collect(ctx, p, modeltest.Ask("hello"))
		text := ""
		for _, e := range events {
			if d, ok := e.(model.TextDelta); ok {
				text += string(d)
			}
		}
		return text, err
	},
}

// A call whose key is refused is retried with the new key, and the next call begins with it.
func TestKey_Rotated(t *testing.T) {
	for name, refusal := range map[string]struct {
		status int
		sends  string
	}{
		"401":               {http.StatusUnauthorized, ""},
		"403":               {http.StatusForbidden, ""},
		"an error in a 200": {http.StatusOK, ""},
		"an error event":    {http.StatusOK, "data: "},
	} {
		for form, ask := range forms {
			t.Run(name+" "+form, func(t *testing.T) {
				l := &lock{knows: "second", status: refusal.status, sends: refusal.sends}
				keys := []string{"first", "second"}
				p := l.provider(func(context.Context) (string, error) {
					key := keys[0]
					keys = keys[1:]
					return key, nil
				})
				for range 2 {
					if got, err := ask(t.Context(), p); got != "hello" || err != nil {
						t.Errorf("got %q, %v, want hello", got, err)
					}
				}
				if d := cmp.Diff([]string{"first", "second", "second"}, l.tried); d != "" {
					t.Errorf("the keys (-want +got):\n%s", d)
				}
			})
		}
	}
}

// A key without an accepted successor costs at most one more request.
func TestKey_Refused(t *testing.T) {
	for name, tc := range map[string]struct {
		second string // what the second read returns; empty: it fails
		tried  []string
		logged string
	}{
		"unchanged":    {"first", []string{"first", "first"}, "the key was read again and has not changed"},
		"also refused": {"second", []string{"first", "second", "second"}, "the model's server refuses the key"},
		"gone":         {"", []string{"first", "first"}, "the parameter is gone"},
	} {
		for form, ask := range forms {
			t.Run(name+" "+form, func(t *testing.T) {
				l := &lock{knows: "third", status: http.StatusUnauthorized}
				reads := 0
				p := l.provider(func(context.Context) (string, error) {
					switch reads++; {
					case reads == 1:
						return "first", nil
					case tc.second == "":
						return "", errors.New("the parameter is gone")
					default:
						return tc.second, nil
					}
				})
				_, err := ask(t.Context(), p)
				checkFault(t, err, fault.ModelRefused, 0)
				if !strings.Contains(err.Error(), tc.logged) {
					t.Errorf("got %q, want it to say %q", err, tc.logged)
				}
				_, err = ask(t.Context(), p)
				checkFault(t, err, fault.ModelRefused, 0)
				if d := cmp.Diff(tc.tried, l.tried); d != "" || reads != 2 {
					t.Errorf("%d reads, want 2; the keys (-want +got):\n%s", reads, d)
				}
			})
		}
	}
}

// A key that cannot be read gives ModelUnavailable without a request to the model.
func TestKey_Unreadable(t *testing.T) {
	for form, ask := range forms {
		t.Run(form, func(t *testing.T) {
			l := &lock{}
			_, err := ask(t.Context(), l.provider(func(context.Context) (string, error) { return "", errors.New("access denied") }))
			checkFault(t, err, fault.ModelUnavailable, apikey.FailureLife)
			if len(l.tried) > 0 || !strings.Contains(err.Error(), "access denied") {
				t.Errorf("got %q after %d requests, want the cause after none", err, len(l.tried))
			}
		})
	}
}

// A call whose context ends while it waits for a key has the error of a canceled call.
func TestKey_CallerLeaves(t *testing.T) {
	for form, ask := range forms {
		for name, reads := range map[string]int{"the first key": 1, "the next key": 2} {
			t.Run(name+" "+form, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := &lock{knows: "second", status: http.StatusUnauthorized}
					n := 0
					p := l.provider(func(ctx context.Context) (string, error) {
						if n++; n < reads {
							return "first", nil
						}
						<-ctx.Done()
						return "", ctx.Err()
					})
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					_, err := ask(ctx, p)
					checkFault(t, err, fault.Internal, 0)
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("got %v, want DeadlineExceeded", err)
					}
					synctest.Wait()
					time.Sleep(time.Minute) // the read's own end
				})
			})
		}
	}
}
