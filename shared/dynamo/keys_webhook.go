package dynamo

import "strings"

// webhookKey is the key of a webhook's row. Ids sort by creation, so the partition is the org's
// list of webhooks. Triggers of automations are in it, too, after all ids.
func webhookKey(orgID, id string) key { return key{webhooksPK(orgID), id} }

func webhooksPK(orgID string) string { return orgPK(orgID) + webhooksMark }

const webhooksMark = "#WEBHOOKS"

func isWebhook(at key) bool { return strings.HasSuffix(at.pk, webhooksMark) && !isTrigger(at.sk) }

// triggerKey is the key of the trigger of an automation that events start.
func triggerKey(orgID, automationID string) key {
	return key{webhooksPK(orgID), triggerPrefix + automationID}
}

// triggerPrefix sorts after all ids.
const triggerPrefix = "trigger#"

func isTrigger(sk string) bool { return strings.HasPrefix(sk, triggerPrefix) }
