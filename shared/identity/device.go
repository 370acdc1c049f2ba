package identity

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// DeviceLife is the time for which a device stays known after its last log-in.
const DeviceLife = 365 * 24 * time.Hour

const (
	deviceName   = 16 // random bytes
	devicePublic = deviceName + 8
	deviceBytes  = devicePublic + sha256.Size
)

// Devices recognises known devices, on which a user has logged in before, by a token that
// the device stores. A token consists of a random name, its expiry in seconds since 1970,
// and an HMAC-SHA256 of both and the user's email address. So it needs no row and is useless
// for another user. It only proves that its holder once knew the password, and only selects
// the limit that failures count against.
type Devices struct {
	// Key returns the key that signs tokens; nil if devices are not recognised.
	Key func(ctx context.Context) ([]byte, error)
	Now func() time.Time
}

// Issue returns a token for the device on which a user has just logged in, or "" if devices
// are not recognised.
func (d *Devices) Issue(ctx context.Context, email string) (token string, err error) {
	key, err := d.key(ctx)
	if key == nil || err != nil {
		return "", err
	}
	b := make([]byte, devicePublic, deviceBytes)
	_, _ = rand.Read(b[:deviceName])                                                   // never fails
	binary.BigEndian.PutUint64(b[deviceName:], uint64(d.Now().Add(DeviceLife).Unix())) //nolint:gosec // after 1970
	return base64.RawURLEncoding.EncodeToString(append(b, sign(key, b, email)...)), nil
}

// name returns the name of the device of a token. It returns "" for a token that is forged,
// has expired or belongs to another user.
func (d *Devices) name(ctx context.Context, token, email string) (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != deviceBytes {
		return "", nil //nolint:nilerr // not one of our tokens
	}
	key, err := d.key(ctx)
	if key == nil || err != nil {
		return "", err
	}
	public := b[:devicePublic]
	if !hmac.Equal(b[devicePublic:], sign(key, public, email)) {
		return "", nil
	}
	if ends := binary.BigEndian.Uint64(public[deviceName:]); d.Now().Unix() >= int64(ends) { //nolint:gosec // we made it
		return "", nil
	}
	return base64.RawURLEncoding.EncodeToString(public[:deviceName]), nil
}

func (d *Devices) key(ctx context.Context) ([]byte, error) {
	if d == nil || d.Key == nil {
		return nil, nil
	}
	return d.Key(ctx)
}

func sign(key, public []byte, email string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(public) // of one length, so that nothing can move from one part to the other
	mac.Write([]byte(email))
	return mac.Sum(nil)
}
