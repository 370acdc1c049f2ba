package contract_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/turn"
)

// hookSecret is the secret of the automations with a webhook trigger.
const hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// takenKey is an Idempotency-Key that was used for the body usedBody.
const takenKey, usedBody = "order 4711", `{"order":"4711"}`

// addHooks publishes automations that are started by webhooks: one for each way to verify, and a
// disabled one.
func (w *world) addHooks(t *testing.T) {
	t.Helper()
	sealer := later.AutomationSecrets(w.deps(dynamotest.Endpoint(), ""))
	for name, by := range map[string]automation.VerifyType{
		"HOOK": automation.StandardWebhooks, "HASHED_HOOK": automation.HMACSHA256, "BEARER_HOOK": automation.Bearer, "DISABLED_HOOK": automation.HMACSHA256,
	} {
		a := automation.Automation{ID: automation.NewID(), OrgID: w.shop, Name: "Orders", CreatedAt: w.Now(), UpdatedAt: w.Now()}
		if err := w.Store.CreateAutomation(t.Context(), nil, a); err != nil {
			t.Fatal(err)
		}
		w.names[name] = "hook-" + a.ID
		_, err := w.Store.ChangeAutomation(t.Context(), nil, w.shop, a.ID, w.Now(), func(a *automation.Automation) error {
			sealed, err := sealer.SealAutomationSecret(t.Context(), a.OrgID, a.ID, automation.VerifySecret, hookSecret)
			a.Disabled = name == "DISABLED_HOOK"
			a.Published = &automation.Published{Version: 1, At: w.Now(), Draft: automation.Draft{
				Secrets: automation.Secrets{automation.VerifySecret: sealed},
				Definition: automation.Definition{
					Trigger: automation.Trigger{Type: automation.Webhook, Path: w.names[name], Verify: &automation.Verify{Type: by}},
					Steps:   []automation.Step{{ID: "order", Type: automation.Set, Values: map[string]string{"order": "{{trigger.body.order}}"}}},
				},
			}}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	key, err := idempotency.New(w.shop, post, "/api/webhooks/automations/"+w.names["HASHED_HOOK"], takenKey, []byte(usedBody))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Store.KeepAnswer(t.Context(), &idempotency.Change{Key: key, Answer: func(any) (idempotency.Answer, error) {
		return idempotency.Answer{Status: http.StatusAccepted, Body: []byte(`{"run_id":"` + nowhere + `"}`)}, nil
	}}, nil); err != nil {
		t.Fatal(err)
	}
}

// byStandard and byHash sign a request that starts an automation. Each is a new event.
func byStandard(r *http.Request, body string) {
	signer, err := standardwebhooks.NewWebhook(hookSecret)
	if err != nil {
		return // the request stays unsigned
	}
	id, now := "msg_"+turn.NewID(), time.Now()
	signature, err := signer.Sign(id, now, []byte(body))
	if err != nil {
		return
	}
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	r.Header.Set("webhook-signature", signature)
}

func byHash(r *http.Request, body string) {
	mac := hmac.New(sha256.New, []byte(hookSecret))
	mac.Write([]byte(body))
	r.Header.Set("X-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
}
