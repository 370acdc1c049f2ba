package session

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"
)

const (
	// refetchAfter is how long the pool's answer stands when somebody comes with
	// a key that it did not have: strangers must not make us ask at their pace.
	refetchAfter = 10 * time.Second
	// maxAge is how long a key works that the pool has withdrawn.
	maxAge    = time.Hour
	fetchTime = 3 * time.Second
	maxKeySet = 64 << 10
	minBits   = 2048
)

// keySet is what the pool publishes. Ready-made readers of key sets know every
// kind of key, at four times the size of the whole verifier; a pool has RSA
// keys only.
type keySet struct {
	url    string
	client *http.Client
	now    func() time.Time

	mu      sync.Mutex // also held while fetching: the others wait for the same answer
	keys    map[string]*rsa.PublicKey
	fetched time.Time
}

// find returns the key of that name, nil if the pool has none. An error means
// that the pool could not be asked and nothing is known.
func (s *keySet) find(ctx context.Context, kid string) (*rsa.PublicKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	age := s.now().Sub(s.fetched)
	if key := s.keys[kid]; s.keys != nil && (key != nil && age < maxAge || age < refetchAfter) {
		return key, nil
	}
	keys, err := s.fetch(ctx)
	switch {
	case err == nil:
		s.keys = keys
	case s.keys == nil:
		return nil, fmt.Errorf("the user pool's keys: %w", err)
	}
	// An old answer stands while there is no new one.
	s.fetched = s.now()
	return s.keys[kid], nil
}

func (s *keySet) fetch(ctx context.Context) (map[string]*rsa.PublicKey, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, err
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", res.StatusCode)
	}
	var published struct {
		Keys []publishedKey `json:"keys"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxKeySet)).Decode(&published); err != nil {
		return nil, err
	}
	keys := map[string]*rsa.PublicKey{}
	for _, k := range published.Keys {
		if key := k.rsa(); key != nil && k.ID != "" {
			keys[k.ID] = key
		}
	}
	return keys, nil
}

// publishedKey is a JSON Web Key.
type publishedKey struct {
	ID       string `json:"kid"`
	Type     string `json:"kty"`
	Use      string `json:"use"`
	Modulus  string `json:"n"`
	Exponent string `json:"e"`
}

// rsa returns the key, or nil if it is none that may sign tokens.
func (k publishedKey) rsa() *rsa.PublicKey {
	n, nErr := base64.RawURLEncoding.DecodeString(k.Modulus)
	e, eErr := base64.RawURLEncoding.DecodeString(k.Exponent)
	if k.Type != "RSA" || k.Use != "sig" || nErr != nil || eErr != nil {
		return nil
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(n)}
	exponent := new(big.Int).SetBytes(e)
	if key.N.BitLen() < minBits || exponent.BitLen() > 31 || exponent.Bit(0) == 0 || exponent.BitLen() < 2 {
		return nil
	}
	key.E = int(exponent.Int64())
	return key
}
