// Package identity has orgs, their users and their credentials (API keys and sessions). An
// Authenticator finds the Caller of a credential.
package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Prefixes are the key prefixes, one for each vendor, whose clients expect keys of a certain
// form. A key with any prefix works on every surface.
var Prefixes = []string{"af", "fj", "fg", "fx", "ft"}

// PrefixRule says what a key's prefix may be.
var PrefixRule = "must be one of " + strings.Join(Prefixes, ", ")

const (
	alphabet    = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	secretBytes = 20 // 160 random bits
	secretChars = 27 // 160 bits in base 62
	sumChars    = 6  // 32 bits in base 62
	live        = "_live_"
)

// Key is an API key in its stored form, without the raw key.
type Key struct {
	ID        string // UUIDv7
	OrgID     string
	AgentID   string // the only agent that it may use; empty: not bound
	Name      string
	Prefix    string // one of Prefixes
	Hint      string // its last four characters, to tell keys apart in a list
	Hash      string // hex SHA-256 of the raw key
	CreatedAt time.Time
	RevokedAt time.Time // zero while it is live

	Secret string // the raw key, set only after minting and never stored
}

// NewSecret returns a new raw key: `<prefix>_live_`, 160 bits from random and their CRC-32,
// both in base 62. With the checksum, a mistyped key can be refused and a leaked one
// recognised without reading the store.
func NewSecret(prefix string, random io.Reader) (string, error) {
	var b [secretBytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", err
	}
	secret := base62(new(big.Int).SetBytes(b[:]), secretChars)
	return prefix + live + secret + checksum(prefix+live+secret), nil
}

// WellFormed reports whether raw has the form of NewSecret's keys: a known prefix, the right
// length and alphabet, and a valid checksum.
func WellFormed(raw string) bool { return wellFormed(raw, Prefixes) }

func wellFormed(raw string, prefixes []string) bool {
	prefix, rest, ok := strings.Cut(raw, live)
	if !ok || len(rest) != secretChars+sumChars || strings.Trim(rest, alphabet) != "" {
		return false
	}
	if !slices.Contains(prefixes, prefix) {
		return false
	}
	secret := rest[:secretChars]
	return rest[secretChars:] == checksum(prefix+live+secret)
}

// Hash returns the hex SHA-256 of a raw key, the only form that is stored.
// A key has 160 random bits, so a slow password hash would add nothing.
func Hash(raw string) string {
	sum := sha256.Sum256([]byte(raw))
	return hex.EncodeToString(sum[:])
}

// Mint returns a new raw key and the Key to store for it. The caller sets k's ID, OrgID,
// AgentID, Name, Prefix and CreatedAt.
func Mint(k Key, random io.Reader) (raw string, stored Key, err error) {
	raw, err = NewSecret(k.Prefix, random)
	if err != nil {
		return "", Key{}, err
	}
	k.Hash, k.Hint = Hash(raw), raw[len(raw)-4:]
	return raw, k, nil
}

// NewKey returns a new key that is not bound to an agent, with its secret. The error is
// Invalid for an invalid name or prefix.
func NewKey(orgID, name, prefix string, now time.Time) (Key, error) {
	if err := ValidateName(name); err != nil {
		return Key{}, err
	}
	if !slices.Contains(Prefixes, prefix) {
		return Key{}, fault.Rule("prefix", PrefixRule)
	}
	return mint(orgID, strings.TrimSpace(name), prefix, now)
}

func mint(orgID, name, prefix string, now time.Time) (Key, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Key{}, err
	}
	raw, k, err := Mint(Key{ID: id.String(), OrgID: orgID, Name: name, Prefix: prefix, CreatedAt: now}, rand.Reader)
	k.Secret = raw
	return k, err
}

func checksum(s string) string {
	return base62(big.NewInt(int64(crc32.ChecksumIEEE([]byte(s)))), sumChars)
}

// base62 writes n in base 62, padded on the left to the given width.
func base62(n *big.Int, width int) string {
	out := make([]byte, width)
	base, digit := big.NewInt(int64(len(alphabet))), new(big.Int)
	for i := width - 1; i >= 0; i-- {
		n.DivMod(n, base, digit)
		out[i] = alphabet[digit.Int64()]
	}
	return string(out)
}

// ErrNoKey is the error for an API key that does not exist or belongs to another org.
var ErrNoKey = fault.New(fault.NotFound, "API key not found")

// ErrUnauthorized is the error of a request without a live credential.
var ErrUnauthorized = &fault.Error{Code: fault.Unauthorized, Message: "Invalid or expired API key"}

// ErrNoCredential is the error of a request without any credential. It has the text of
// ErrUnauthorized, for surfaces that do not distinguish the two.
var ErrNoCredential = &fault.Error{Code: fault.Unauthorized, Message: ErrUnauthorized.Message}
