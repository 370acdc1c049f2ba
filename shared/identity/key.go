// Package identity holds orgs, their users and their credentials: API keys,
// sessions and who they speak for.
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

// Prefixes are the key prefixes, one for each surface whose clients expect
// their vendor's look. A key works on every surface whatever its prefix.
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

// Key is an API key as it is stored: everything but the key itself.
type Key struct {
	ID        string // UUIDv7
	OrgID     string
	AgentID   string // the only agent it may speak to; empty when it is not bound
	Name      string
	Prefix    string // one of Prefixes
	Hint      string // its last four characters, to tell keys apart in a list
	Hash      string // hex SHA-256 of the raw key
	CreatedAt time.Time
	RevokedAt time.Time // zero while it is live

	Secret string // the raw key, of one that was just minted; never stored
}

// NewSecret makes a raw key: `<prefix>_live_`, 160 bits from random and their
// CRC-32, both in base 62. The checksum lets a mistyped key be refused, and a
// leaked one be recognised, without a look into the store.
func NewSecret(prefix string, random io.Reader) (string, error) {
	var b [secretBytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", err
	}
	secret := base62(new(big.Int).SetBytes(b[:]), secretChars)
	return prefix + live + secret + checksum(prefix+live+secret), nil
}

// WellFormed reports whether raw looks like a key that NewSecret made: a known
// prefix, the right length and alphabet, a checksum that fits.
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

// Mint makes a raw key and the Key to store for it. k's ID, OrgID, AgentID,
// Name, Prefix and CreatedAt are the caller's to fill.
func Mint(k Key, random io.Reader) (raw string, stored Key, err error) {
	raw, err = NewSecret(k.Prefix, random)
	if err != nil {
		return "", Key{}, err
	}
	k.Hash, k.Hint = Hash(raw), raw[len(raw)-4:]
	return raw, k, nil
}

// NewKey makes a key that is not bound, with its secret. A name or prefix that
// will not do is Invalid.
func NewKey(orgID, name, prefix string, now time.Time) (Key, error) {
	if err := ValidateName(name); err != nil {
		return Key{}, err
	}
	if !slices.Contains(Prefixes, prefix) {
		return Key{}, fault.Field("prefix", "prefix %s", PrefixRule)
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

// ErrUnauthorized is what a request without a live credential gets.
var ErrUnauthorized = &fault.Error{Code: fault.Unauthorized, Message: "Invalid or expired API key"}

// ErrNoCredential is what a request gets that carries no credential at all: it
// reads like ErrUnauthorized, for the surfaces that do not tell the two apart.
var ErrNoCredential = &fault.Error{Code: fault.Unauthorized, Message: ErrUnauthorized.Message}
