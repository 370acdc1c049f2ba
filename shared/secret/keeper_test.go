package secret_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/secret"
)

// box seals with the org's name, and counts how often it opens.
type box struct{ opened int }

func (*box) Seal(_ context.Context, orgID, plain string) ([]byte, error) {
	return []byte(orgID + "|" + plain), nil
}

func (b *box) Open(_ context.Context, orgID string, sealed []byte) (string, error) {
	b.opened++
	plain, ok := strings.CutPrefix(string(sealed), orgID+"|")
	if !ok {
		return "", errors.New("it is another org's")
	}
	return plain, nil
}

type table struct {
	mu    sync.Mutex
	pairs map[string]secret.Pair
}

func (s *table) SecretPair(_ context.Context, orgID, name string) (secret.Pair, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pairs[orgID+name], nil
}

func (s *table) PutSecretPair(_ context.Context, _ *idempotency.Change, orgID, name string, p secret.Pair) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pairs[orgID+name].Version != p.Version-1 {
		return false, nil
	}
	s.pairs[orgID+name] = p
	return true, nil
}

func TestNew(t *testing.T) {
	s := secret.New()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "whsec_"))
	if err != nil || len(key) != 32 || !strings.HasPrefix(s, "whsec_") || s == secret.New() {
		t.Errorf("%s: got %d bytes, %v; want a new whsec_ with 32", s, len(key), err)
	}
}

// A receiver with either secret finds a signature that it can verify until the overlap ends.
func TestRotation(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	store, sealing := &table{pairs: map[string]secret.Pair{}}, &box{}
	clock := func() time.Time { return now }
	rotator, signer := &secret.Keeper{Store: store, Box: sealing, Now: clock}, &secret.Keeper{Store: store, Box: sealing, Now: clock}
	sign := func() []string {
		t.Helper()
		s, err := signer.Signing(t.Context(), "o", "callbacks")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := sign()
	if len(first) != 1 {
		t.Fatalf("got secrets %v, want 1", first)
	}
	next, err := rotator.Rotate(t.Context(), nil, "o", "callbacks")
	if err != nil || next == first[0] {
		t.Fatalf("got secret %q, %v; want a new one", next, err)
	}
	if got := sign(); !cmp.Equal(got, []string{next, first[0]}) { // in another process, at once
		t.Errorf("just after the rotation: got %v, want %v", got, []string{next, first[0]})
	}
	now = now.Add(secret.Overlap - time.Second)
	if got := sign(); !cmp.Equal(got, []string{next, first[0]}) {
		t.Errorf("during the overlap: got %v, want %v", got, []string{next, first[0]})
	}
	now = now.Add(time.Second)
	if got := sign(); !cmp.Equal(got, []string{next}) {
		t.Errorf("after the overlap: got %v, want %v", got, []string{next})
	}
	if sealing.opened != 2 {
		t.Errorf("got %d secrets opened, want 2", sealing.opened)
	}
}

// Concurrent first calls return the same secret.
func TestSigning_ConcurrentFirstCalls(t *testing.T) {
	store := &table{pairs: map[string]secret.Pair{}}
	var all sync.Map
	var race sync.WaitGroup
	for range 20 {
		race.Go(func() {
			k := &secret.Keeper{Store: store, Box: &box{}, Now: time.Now}
			s, err := k.Signing(t.Context(), "o", "callbacks")
			if err != nil {
				t.Error(err)
				return
			}
			all.Store(s[0], true)
		})
	}
	race.Wait()
	n := 0
	all.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("got %d secrets, want 1", n)
	}
}
