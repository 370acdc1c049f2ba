package reply

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/google/uuid"
)

// encoding has one case, because mail servers may change that of an address.
var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// tokenHash is the length of the keyed hash in a token, in bytes. With it a token has 40
// characters, and an address of up to 23 characters before its @ has room for one.
const tokenHash = 9

// Token returns the token that names a thread in the plus part of a reply's address. The key is
// the connection's (see connection.ReplyKey); without one there is no token.
func Token(key []byte, thread uuid.UUID) string {
	if len(key) == 0 {
		return ""
	}
	return encoding.EncodeToString(append(thread[:], hash(key, "token", thread[:], tokenHash)...))
}

// ReadToken returns the thread that a token names. It reports false for a token that was not
// made with the key. An address whose own name has a plus part has the token behind a further
// plus. The token says where an answer belongs and not who wrote it: mail is
// forwarded, so the sender must still be the person of the thread.
func ReadToken(key []byte, token string) (thread uuid.UUID, ok bool) {
	token = strings.ToLower(token[strings.LastIndexByte(token, '+')+1:])
	data, err := encoding.DecodeString(token)
	if err != nil || len(key) == 0 || len(data) != len(thread)+tokenHash {
		return uuid.Nil, false
	}
	copy(thread[:], data)
	if !hmac.Equal([]byte(token), []byte(Token(key, thread))) { // a decoder accepts several spellings
		return uuid.Nil, false
	}
	return thread, true
}

// hash returns the first bytes of the keyed hash of data for a purpose.
func hash(key []byte, purpose string, data []byte, length int) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte("quintet mail reply " + purpose + "\x00"))
	m.Write(data)
	return m.Sum(nil)[:length]
}
