package contract_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/routes"
)

// The key that seals has two uses: what signs requests to customers, under the org alone, and
// the credentials of connections, under their channel, too. A function has the one that it
// needs. One that may decrypt credentials may decrypt those of one channel.
func TestPermissions_Credentials(t *testing.T) {
	t.Parallel()
	w, aws := newWorld(t), &recorder{}
	store := aws.before(t, dynamotest.Endpoint())
	signing := map[string]string{"org_id": w.org}
	credential := func(channel string) map[string]string {
		return map[string]string{"org_id": w.org, "connection_id": nowhere, "channel": channel, "credential": "access_token"}
	}
	sealing := 0
	for _, f := range template(t).Functions() {
		all := statements(t, f)
		may := func(action string, context map[string]string) bool {
			return slices.ContainsFunc(all, func(s statement) bool {
				return slices.Contains(s.Action, action) && meets(t, s.Condition, context)
			})
		}
		channels := 0
		for _, channel := range []string{"whatsapp", "instagram", "messenger", "twilio", "email"} {
			if may("kms:Decrypt", credential(channel)) {
				channels++
			}
		}
		if channels > 1 || channels > 0 && strings.HasPrefix(f.Name, "manage-") {
			t.Errorf("%s may decrypt the credentials of %d channels", f.Name, channels)
		}
		if may("kms:Encrypt", signing) && may("kms:Encrypt", credential("whatsapp")) {
			t.Errorf("%s may encrypt both what signs and credentials", f.Name)
		}
		if !may("kms:Encrypt", signing) && !may("kms:Encrypt", credential("whatsapp")) {
			continue
		}
		route, _ := routes.Find(f.Name)
		aws.reset()
		w.exercise(t, route, w.deps(store, ""))
		for _, c := range aws.made() {
			action, isKey := strings.CutSuffix(c.operation, " on the key")
			if !isKey {
				continue
			}
			var call struct{ EncryptionContext map[string]string }
			if err := json.Unmarshal([]byte(c.body), &call); err != nil {
				t.Fatal(err)
			}
			sealing++
			if !may(action, call.EncryptionContext) {
				t.Errorf("%s calls %s with the context %v, which its policy refuses", f.Name, action, call.EncryptionContext)
			}
		}
	}
	if sealing < 10 {
		t.Errorf("got %d calls of KMS, want those of all functions that seal", sealing)
	}
}

// meets evaluates the conditions that the template has for a call's encryption context, as
// IAM does.
func meets(t *testing.T, conditions map[string]map[string]string, context map[string]string) bool {
	t.Helper()
	const prefix, keys = "kms:EncryptionContext:", "kms:EncryptionContextKeys"
	for operator, tests := range conditions {
		for key, value := range tests {
			name, isContext := strings.CutPrefix(key, prefix)
			_, has := context[name]
			switch {
			case operator == "StringEquals" && isContext:
				if !has || context[name] != value {
					return false
				}
			case operator == "Null" && isContext:
				if has != (value == "false") {
					return false
				}
			case operator == "ForAllValues:StringEquals" && key == keys:
				for name := range context {
					if name != value {
						return false
					}
				}
			default:
				t.Errorf("this test does not know the condition %s of %s", operator, key)
			}
		}
	}
	return true
}
