package outbound

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// sign adds the headers of the Standard Webhooks specification, with one signature for each
// secret, so that a receiver may have either during a rotation.
func sign(h http.Header, r delivery.Request) error {
	if len(r.Secrets) == 0 {
		return errors.New("there is no secret to sign with")
	}
	var signatures []string
	for _, secret := range r.Secrets {
		w, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return errors.New("a signing secret is damaged") // its text must not be logged
		}
		signature, err := w.Sign(r.ID, r.At, r.Body)
		if err != nil {
			return err
		}
		signatures = append(signatures, signature)
	}
	h.Set(standardwebhooks.HeaderWebhookID, r.ID)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(r.At.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return nil
}
