package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"github.com/quintet-agents/quintet/shared/connection"
)

// The errors of a request that is not Meta's. They differ for the log only.
var (
	ErrUnsigned       = errors.New("the request has no X-Hub-Signature-256")
	ErrWrongSignature = errors.New("the X-Hub-Signature-256 is not that of the body and the app secret")
	ErrNoAppSecret    = errors.New("the connection has no app secret")
)

const (
	signatureHeader = "X-Hub-Signature-256"
	signaturePrefix = "sha256="
)

// VerifySignature checks that Meta has signed a request's body, as received, with the app
// secret of the connection. The older SHA-1 signature is ignored.
func VerifySignature(secrets connection.Secrets, header http.Header, body []byte) error {
	secret := secrets["app_secret"]
	if secret == "" {
		return ErrNoAppSecret
	}
	values := header.Values(signatureHeader)
	if len(values) == 0 {
		return ErrUnsigned
	}
	given, ok := strings.CutPrefix(values[0], signaturePrefix)
	if len(values) > 1 || !ok {
		return ErrWrongSignature
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	// The texts are compared, so that capital digits are refused too.
	if !hmac.Equal([]byte(given), []byte(hex.EncodeToString(mac.Sum(nil)))) {
		return ErrWrongSignature
	}
	return nil
}
