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
	// refetchAfter is the shortest time between two fetches for unknown keys, so that
	// forged tokens cannot make us flood the pool.
	refetchAfter = 10 * time.Second
	// maxAge is the longest time for which a withdrawn key of the pool still works.
	maxAge    = time.Hour
	fetchTime = 3 * time.Second
	maxKeySet = 64 << 10
	minBits   = 2048
)

// keySet caches the keys that the pool publishes. General JWK libraries support every kind
// of key and are four times as large as this verifier; a pool has RSA keys only.
type keySet struct {
	url    string
	client *http.Client
	now    func() time.Time

	mu      sync.Mutex // held while fetching, so that concurrent callers share one fetch
	keys    map[string]*rsa.PublicKey
	fetched time.Time
}

// find returns the key with the given id, nil if the pool has none. An error means that the
// pool could not be reached.
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
	// A cached answer stays in use while the pool cannot be reached.
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

// rsa returns the RSA key, nil for a key that must not sign tokens.
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
