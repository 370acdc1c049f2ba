package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Keeper reads the stored answers to requests with an idempotency key.
type Keeper interface {
	// Answered returns nil for a new key. The error is a Conflict for a key that was used with
	// another body.
	Answered(ctx context.Context, k idempotency.Key) (*idempotency.Answer, error)
}

// Answer is a status and a JSON body; nil means no body.
type Answer struct {
	Status int
	Body   any
}

// Changes answers requests that change something. may refuses callers; nil refuses none. do makes the
// change for the caller, and show derives the answer from its result. Under an idempotency key, the store
// keeps that answer together with the change, and a repeated request gets it again if its caller may make
// the change. For an agent-bound caller, only do can decide that.
//
// do passes once on to the store method that makes the change. It is nil for a request without a key. The
// store calls show for the answer that it keeps, so the result that the store receives must not contain
// secrets.
func Changes[T any](
	auth Authenticator, may func(identity.Caller) error, kept Keeper,
	do func(r *http.Request, caller identity.Caller, once *idempotency.Change) (T, error), show func(T) Answer,
) HandlerFunc {
	return Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		if may != nil {
			if err := may(caller); err != nil {
				return err
			}
		}
		key, err := requestKey(r, caller.OrgID)
		if err != nil {
			return err
		}
		return Change(w, r, caller, kept, key, func(once *idempotency.Change) (T, error) { return do(r, caller, once) }, show)
	})
}

// Change is Changes for a request whose caller and key are known. The key may be nil.
func Change[T any](
	w http.ResponseWriter, r *http.Request, caller identity.Caller, kept Keeper, key *idempotency.Key,
	do func(once *idempotency.Change) (T, error), show func(T) Answer,
) error {
	if key != nil && caller.AgentID == "" {
		if done, err := replayed(w, r, kept, *key); done || err != nil {
			return err
		}
	}
	var once *idempotency.Change
	if key != nil {
		once = &idempotency.Change{Key: *key, Answer: keepable(show)}
	}
	result, err := do(once)
	if err != nil {
		if key != nil && mayBeAnswered(err, caller) {
			if done, err := replayed(w, r, kept, *key); done || err != nil {
				return err
			}
		}
		return err
	}
	return show(result).write(w)
}

// mayBeAnswered reports whether err may be the effect of another request with the same key, which has made
// the change. For an agent-bound caller, that is certain only if the store itself reports it, because an
// earlier error may be a refusal of the caller.
func mayBeAnswered(err error, caller identity.Caller) bool {
	if caller.AgentID != "" {
		return errors.Is(err, idempotency.ErrAnswered)
	}
	return !fault.Is(err, fault.Internal) && !fault.Is(err, fault.Forbidden)
}

// keepable adapts show to the store, which passes nil for a change without a result.
func keepable[T any](show func(T) Answer) func(any) (idempotency.Answer, error) {
	return func(result any) (idempotency.Answer, error) {
		t, ok := result.(T)
		if !ok && result != nil {
			return idempotency.Answer{}, fmt.Errorf("the store returned a %T, and the answer needs a %T", result, t)
		}
		a := show(t)
		if a.Body == nil {
			return idempotency.Answer{Status: a.Status}, nil
		}
		body, err := Encode(a.Body)
		return idempotency.Answer{Status: a.Status, Body: body}, err
	}
}

func replayed(w http.ResponseWriter, r *http.Request, kept Keeper, key idempotency.Key) (bool, error) {
	a, err := kept.Answered(r.Context(), key)
	if err != nil || a == nil {
		return false, err
	}
	MarkReplayed(w, true)
	if len(a.Body) == 0 {
		w.WriteHeader(a.Status)
		return true, nil
	}
	writeJSON(w, a.Status, a.Body)
	return true, nil
}

// Announce sets the headers of a turn's answer, before its first byte.
func Announce(w http.ResponseWriter, o turn.Opening) {
	ShowQuotas(w, o.Quotas)
	MarkReplayed(w, o.Replayed)
}

// MarkReplayed sets the header of a replayed answer.
func MarkReplayed(w http.ResponseWriter, replayed bool) {
	if replayed {
		w.Header().Set("Idempotency-Replayed", "true")
	}
}

func (a Answer) write(w http.ResponseWriter) error {
	if a.Body == nil {
		w.WriteHeader(a.Status)
		return nil
	}
	return JSON(w, a.Status, a.Body)
}

// requestKey returns the idempotency key of a request, or nil. The body can be read again afterwards.
func requestKey(r *http.Request, orgID string) (*idempotency.Key, error) {
	if r.Header.Values("Idempotency-Key") == nil {
		return nil, nil
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, body.Max+1))
	if err != nil {
		return nil, body.ErrUnreadable
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	return Key(r, orgID, raw)
}

// CheckKey returns an error for an invalid idempotency key. It needs no caller.
func CheckKey(r *http.Request) error {
	_, err := Key(r, "", nil)
	return err
}

// Key returns the idempotency key of a request whose body was already read, or nil.
func Key(r *http.Request, orgID string, body []byte) (*idempotency.Key, error) {
	keys := r.Header.Values("Idempotency-Key")
	switch {
	case keys == nil:
		return nil, nil
	case len(keys) > 1:
		return nil, fault.Field("Idempotency-Key", "Idempotency-Key must be given once")
	}
	k, err := idempotency.New(orgID, r.Method, param.FoldIDs(r.URL.EscapedPath()), keys[0], body)
	if err != nil {
		return nil, err
	}
	return &k, nil
}
