package contract_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/routes"
)

// The key that seals has two uses: what signs requests to customers, under the org alone, and
// the credentials of connections, under their channel, too. A function has the one that it
// needs. One that may decrypt credentials may decrypt those of one channel, or a worker those of
// the channels of one vendor.
func TestPermissions_Credentials(t *testing.T) {
	t.Parallel()
	w, aws := newWorld(t), &recorder{}
	store, bedrock := aws.before(t, dynamotest.Endpoint()), localModel(t)
	signing := map[string]string{"org_id": w.org}
	credential := func(channel string) map[string]string {
		return map[string]string{"org_id": w.org, "connection_id": nowhere, "channel": channel, "credential": "access_token"}
	}
	provider := map[string]string{"org_id": w.org, "agent_id": nowhere, "purpose": string(agent.ProviderSecret)}
	header := map[string]string{"org_id": w.org, "agent_id": nowhere, "purpose": string(agent.HeaderSecret)}
	verify := map[string]string{"org_id": w.org, "automation_id": nowhere, "purpose": automation.VerifySecret, "name": automation.VerifySecret}
	steps := map[string]string{"org_id": w.org, "automation_id": nowhere, "purpose": "header", "name": automation.HeaderSecret("a", "X-Key")}
	sealing := 0
	for _, f := range template(t).Functions() {
		all := statements(t, f)
		may := func(action string, context map[string]string) bool {
			return slices.ContainsFunc(all, func(s statement) bool {
				return slices.Contains(s.Action, action) && meets(t, s.Condition, context)
			})
		}
		var channels []string
		for _, c := range connection.Channels() {
			if may("kms:Decrypt", credential(string(c))) {
				channels = append(channels, string(c))
			}
		}
		if d := cmp.Diff(opened(f.Name), channels); d != "" {
			t.Errorf("%s: channels whose credentials it may decrypt (-want +got):\n%s", f.Name, d)
		}
		asks := slices.ContainsFunc(all, func(s statement) bool { return slices.Contains(s.Action, "sts:AssumeRole") })
		if may("kms:Decrypt", provider) != asks {
			t.Errorf("%s: got the right to decrypt providers' keys %t, to assume roles %t, want both or neither", f.Name, !asks, asks)
		}
		if got, want := may("kms:Decrypt", header), usesTools(f.Name); got != want {
			t.Errorf("%s may decrypt secret headers of tools: got %t, want %t", f.Name, got, want)
		}
		if got, want := may("kms:Decrypt", verify), f.Name == "inbound-automation-create"; got != want {
			t.Errorf("%s may decrypt the secrets of automations' webhooks: got %t, want %t", f.Name, got, want)
		}
		if got, want := may("kms:Decrypt", steps), f.Name == "worker-automation"; got != want {
			t.Errorf("%s may decrypt secret headers of automations' steps: got %t, want %t", f.Name, got, want)
		}
		for name, context := range map[string]map[string]string{"webhooks": verify, "steps": steps} {
			if got, want := may("kms:Encrypt", context), f.Name == "manage-automation-create" || f.Name == "manage-automation-update"; got != want {
				t.Errorf("%s may encrypt the secrets of automations' %s: got %t, want %t", f.Name, name, got, want)
			}
		}
		if may("kms:Encrypt", signing) && may("kms:Encrypt", credential("whatsapp")) {
			t.Errorf("%s may encrypt both what signs and credentials", f.Name)
		}
		if !may("kms:Encrypt", signing) && !may("kms:Encrypt", credential("whatsapp")) && !may("kms:Decrypt", header) && !may("kms:Decrypt", verify) && len(channels) == 0 && !asks {
			continue
		}
		route, _ := routes.Find(f.Name)
		aws.reset()
		w.exercise(t, route, w.deps(store, bedrock))
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
		t.Errorf("got %d calls of KMS, want those of all functions that seal or open", sealing)
	}
}

// usesTools reports whether a function calls tools or MCP servers that are stored.
func usesTools(function string) bool {
	switch function {
	case "agentflow-chat-create", "flapjack-message-create", "flexyagents-chat-create", "flowgent-chat-create",
		"worker-automation", "worker-callback", "worker-mail", "worker-meta", "worker-twilio", "manage-tool-get", "manage-tool-update", "manage-tool-try":
		return true
	}
	return false
}

// opened returns the channels whose credentials a function opens.
func opened(function string) []string {
	parts := strings.Split(function, "-")
	var all []string
	for _, c := range connection.Channels() {
		if parts[0] == "inbound" && parts[1] == string(c) || parts[0] == "worker" && parts[1] == string(c.Vendor()) ||
			(function == "flowgent-template-create" || function == "worker-automation") && c == connection.WhatsApp {
			all = append(all, string(c))
		}
	}
	return all
}

// meets evaluates the conditions that the template has for a call's encryption context, as
// IAM does.
func meets(t *testing.T, conditions map[string]map[string]list, context map[string]string) bool {
	t.Helper()
	const prefix, keys = "kms:EncryptionContext:", "kms:EncryptionContextKeys"
	for operator, tests := range conditions {
		for key, values := range tests {
			name, isContext := strings.CutPrefix(key, prefix)
			_, has := context[name]
			switch {
			case operator == "StringEquals" && isContext:
				if !has || !slices.Contains(values, context[name]) {
					return false
				}
			case operator == "Null" && isContext:
				if has != slices.Equal(values, list{"false"}) {
					return false
				}
			case operator == "ForAllValues:StringEquals" && key == keys:
				for name := range context {
					if !slices.Contains(values, name) {
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
