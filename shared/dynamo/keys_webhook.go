package dynamo

import "strings"

// webhookKey is the key of a webhook's row. Ids sort by creation, so the partition is the org's
// list of webhooks.
func webhookKey(orgID, id string) key { return key{webhooksPK(orgID), id} }

func webhooksPK(orgID string) string { return orgPK(orgID) + webhooksMark }

const webhooksMark = "#WEBHOOKS"

func isWebhook(at key) bool { return strings.HasSuffix(at.pk, webhooksMark) }
