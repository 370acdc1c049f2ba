package wire

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// shelf is a store with the idempotency methods.
type shelf struct {
	made int
	kept map[idempotency.Key]idempotency.Answer
	lost bool // another request with the key is always a moment earlier
}

func (s *shelf) Answered(_ context.Context, k idempotency.Key) (*idempotency.Answer, error) {
	for key, a := range s.kept {
		if key.ID == k.ID && key.Body != k.Body {
			return nil, idempotency.ErrMismatch
		}
		if key == k {
			return &a, nil
		}
	}
	return nil, nil
}

func (s *shelf) put(ctx context.Context, once *idempotency.Change, thing string) error {
	if once != nil {
		if a, err := s.Answered(ctx, once.Key); err != nil || a != nil {
			return cmp.Or(err, error(idempotency.ErrAnswered))
		}
		a, err := once.Answer(thing)
		if err != nil {
			return err
		}
		s.kept[once.Key] = a
		if s.lost {
			return idempotency.ErrAnswered
		}
	}
	s.made++
	return nil
}

// anybody is an Authenticator that accepts every credential. The credential is the id of the agent that it is
// bound to, or empty.
type anybody struct{}

func (anybody) Authenticate(_ context.Context, credential string) (identity.Caller, error) {
	return identity.Caller{OrgID: "o", KeyID: "k", AgentID: strings.TrimPrefix(credential, "none")}, nil
}
func (anybody) Origins(context.Context, string) ([]string, error) { return nil, nil }

func (s *shelf) handler(status int, may ...func(identity.Caller) error) http.Handler {
	write := func(w http.ResponseWriter, e *fault.Error) { _ = JSON(w, 499, string(e.Code)) }
	return Handle(write, Changes(anybody{}, append(may, nil)[0], s, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (string, error) {
		if err := caller.May("own"); err != nil {
			return "", err
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return "", err
		}
		if string(body) == "bad" {
			return "", fault.Field("body", "bad")
		}
		return string(body), s.put(r.Context(), once, string(body))
	}, func(thing string) Answer {
		if status == http.StatusNoContent {
			return Answer{Status: status}
		}
		return Answer{Status: status, Body: thing}
	}))
}

func TestChanges(t *testing.T) {
	long := strings.Repeat("k", 255)
	type ask struct {
		key, body string
		status    int
		replayed  bool
	}
	for name, c := range map[string]struct {
		status int
		lost   bool
		asks   []ask
		made   int
	}{
		"without a key":      {201, false, []ask{{"", "a", 201, false}, {"", "a", 201, false}}, 2},
		"with a key":         {201, false, []ask{{"k", "a", 201, false}, {"k", "a", 201, true}, {"k", "a", 201, true}}, 1},
		"the longest key":    {201, false, []ask{{long, "a", 201, false}, {long, "a", 201, true}}, 1},
		"a key too long":     {201, false, []ask{{long + "x", "a", 499, false}}, 0},
		"not ASCII":          {201, false, []ask{{"order-\xe9", "a", 499, false}, {"order-\xe8", "a", 499, false}}, 0},
		"no content":         {204, false, []ask{{"k", "a", 204, false}, {"k", "a", 204, true}}, 1},
		"another body":       {201, false, []ask{{"k", "a", 201, false}, {"k", "b", 499, false}}, 1},
		"another key":        {201, false, []ask{{"k", "a", 201, false}, {"l", "a", 201, false}}, 2},
		"no effect, no keep": {201, false, []ask{{"k", "bad", 499, false}, {"k", "a", 201, false}}, 1},
		"a race lost":        {201, true, []ask{{"k", "a", 201, true}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := &shelf{kept: map[idempotency.Key]idempotency.Answer{}, lost: c.lost}
			h := s.handler(c.status)
			var first string
			for i, a := range c.asks {
				r := httptest.NewRequest(http.MethodPost, "/things", strings.NewReader(a.body))
				r.Header.Set("Authorization", "none")
				if a.key != "" {
					r.Header.Set("Idempotency-Key", a.key)
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if replayed := w.Header().Get("Idempotency-Replayed") == "true"; w.Code != a.status || replayed != a.replayed {
					t.Errorf("%d: got %d replayed=%v, want %d replayed=%v: %s", i, w.Code, replayed, a.status, a.replayed, w.Body)
				}
				if i == 0 {
					first = w.Body.String()
				} else if a.replayed && w.Body.String() != first {
					t.Errorf("%d: got %q, want %q as at first", i, w.Body, first)
				}
			}
			if s.made != c.made {
				t.Errorf("got %d changes, want %d", s.made, c.made)
			}
		})
	}
}

// A stored answer is replayed only to callers with permission for the request.
func TestChanges_AnswersOfOthers(t *testing.T) {
	for name, c := range map[string]struct {
		may      func(identity.Caller) error
		caller   string // who repeats the request
		body     string
		replayed bool
	}{
		"who asked":                       {nil, "none", "a", true},
		"bound to the agent":              {nil, "own", "a", true},
		"bound to another":                {nil, "other", "a", false},
		"bound, with another wish":        {nil, "own", "bad", false},
		"may manage":                      {identity.Caller.MayManage, "none", "a", true},
		"may not manage":                  {identity.Caller.MayManage, "own", "a", false},
		"may not even with another's key": {identity.Caller.MayManage, "other", "a", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &shelf{kept: map[idempotency.Key]idempotency.Answer{}}
			h := s.handler(http.StatusCreated, c.may)
			ask := func(caller, body string) *httptest.ResponseRecorder {
				r := httptest.NewRequest(http.MethodPost, "/things", strings.NewReader(body))
				r.Header.Set("Authorization", caller)
				r.Header.Set("Idempotency-Key", "k")
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				return w
			}
			first := ask("none", "a")
			again := ask(c.caller, c.body)
			if told := again.Body.String() == first.Body.String(); told != c.replayed || (again.Header().Get("Idempotency-Replayed") == "true") != c.replayed {
				t.Errorf("got %d %s %v, want the first answer replayed: %t", again.Code, again.Body, again.Header(), c.replayed)
			}
			if s.made != 1 {
				t.Errorf("got %d changes, want 1", s.made)
			}
		})
	}
}

// A result of the wrong type is an internal error, and nothing is written.
func TestChanges_OtherResultType(t *testing.T) {
	answer := keepable(func(string) Answer { return Answer{Status: 200, Body: "x"} })
	if _, err := answer(7); err == nil {
		t.Error("got a number shown as text, want an error")
	}
	if a, err := answer(nil); err != nil || a.Status != 200 {
		t.Errorf("got %+v, %v; want status 200", a, errors.Unwrap(err))
	}
}
