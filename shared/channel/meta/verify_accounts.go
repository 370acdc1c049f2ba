package meta

import (
	"cmp"
	"context"
	"strconv"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
)

// The webhook fields that we read: of a page, of an Instagram account, and of the page that
// stands for an Instagram account.
var (
	messengerFields = []string{"messages", "messaging_postbacks", "message_echoes", "message_deliveries", "message_reads"}
	instagramFields = []string{"messages", "messaging_postbacks", "messaging_seen", "message_reactions"}
	linkedFields    = []string{"messages", "messaging_postbacks", "message_reactions"}
)

// Verify asks Meta about the token, the app and the number, and subscribes the app to the
// number's account again.
func (w WhatsApp) Verify(ctx context.Context, a channel.Account, webhookURL string) ([]connection.Problem, error) {
	id := a.Identifiers[phoneNumberID]
	if f := digits(id); f != nil {
		return nil, f
	}
	var n numberShape
	return w.verify(ctx, whatsApp, w.root(), a, webhookURL,
		tokenStep("", "whatsapp_business_messaging"),
		secretStep(id),
		numberStep(id, &n),
		optional(webhookStep("whatsapp_business_account", func() string { return cmp.Or(n.Webhook.Number, n.Webhook.Account) })),
		optional(subscribeStep(func() string { return n.Health.account() })),
	)
}

// Verify asks Meta about the token, the app and the page, and subscribes the app to the page
// again.
func (p Messenger) Verify(ctx context.Context, a channel.Account, webhookURL string) ([]connection.Problem, error) {
	id := a.Identifiers[pageID]
	if f := digits(id); f != nil {
		return nil, f
	}
	return p.verify(ctx, messenger, p.root(), a, webhookURL,
		tokenStep(id, "pages_messaging"),
		secretStep(id),
		optional(webhookStep("page", none)),
		optional(subscribeStep(func() string { return id }, messengerFields...)),
	)
}

// Verify asks Meta about the token and the account, and subscribes the app to the account
// again. The app is asked too, except for tokens of Instagram Login: they do not name it.
func (i Instagram) Verify(ctx context.Context, a channel.Account, webhookURL string) ([]connection.Problem, error) {
	id, token := a.Identifiers[accountID], a.Secrets[accessToken]
	if f := digits(id); f != nil {
		return nil, f
	}
	if instagramLogin(token) {
		return i.verify(ctx, instagram, i.instagramRoot(), a, webhookURL,
			accountStep(id),
			optional(subscribeStep(func() string { return id }, instagramFields...)),
		)
	}
	subscriber := id
	return i.verify(ctx, instagram, i.root(), a, webhookURL,
		tokenStep("", "instagram_manage_messages", "instagram_business_manage_messages"),
		secretStep(id),
		func(ctx context.Context, _ *verification) *channel.SendError {
			page, f := i.pageOf(ctx, id, token)
			subscriber = cmp.Or(page, id)
			return f
		},
		optional(webhookStep("instagram", none)),
		optional(subscribeStep(func() string { return subscriber }, linkedFields...)),
	)
}

func none() string { return "" }

// accountStep checks that a token of Instagram Login belongs to the account. Its id in
// webhooks is user_id; id is another one, in the scope of the app.
func accountStep(id string) step {
	return func(ctx context.Context, v *verification) *channel.SendError {
		var me struct {
			UserID   flexible `json:"user_id"`
			Username string   `json:"username"`
		}
		if f := v.read(ctx, v.service, v.root+"/me?fields=user_id,username", v.token, &me); f != nil {
			return f
		}
		if string(me.UserID) != id {
			v.add("account_id", "The access token belongs to the account "+string(me.UserID)+" ("+me.Username+")", "Set account_id to the id of the account that the access token belongs to, or use a token of the account "+id+".")
		}
		return nil
	}
}

type (
	numberShape struct {
		Status   string `json:"status"`
		Quality  string `json:"quality_rating"`
		Platform string `json:"platform_type"`
		Webhook  struct {
			Number  string `json:"phone_number"`
			Account string `json:"whatsapp_business_account"`
		} `json:"webhook_configuration"`
		Health healthShape `json:"health_status"`
	}
	healthShape struct {
		CanSend  string `json:"can_send_message"`
		Entities []struct {
			Type    string `json:"entity_type"`
			ID      string `json:"id"`
			CanSend string `json:"can_send_message"`
			Errors  []struct {
				Code     int    `json:"error_code"`
				Message  string `json:"error_description"`
				Solution string `json:"possible_solution"`
			} `json:"errors"`
		} `json:"entities"`
	}
)

// account returns the id of the number's WhatsApp business account; empty: Meta names none.
func (h healthShape) account() string {
	for _, e := range h.Entities {
		if e.Type == "WABA" {
			return e.ID
		}
	}
	return ""
}

// blocked is the state of what cannot send.
const blocked = "BLOCKED"

// ends are the states of a number that cannot send, with what to do.
var ends = map[string]string{
	"DISCONNECTED": register,
	"MIGRATED":     "The number has moved to another account: connect it with that account's phone number ID.",
	"DELETED":      "The number was deleted: connect another one.",
	"BANNED":       "Ask for a review in the business's support home at Meta.",
}

const (
	healthy  = "CONNECTED"
	reported = "People have blocked or reported the number: send fewer templates, and only to people who expect them."
	lookAt   = "Look at the number in WhatsApp Manager."
)

// numberStep reads the number and checks that it can send.
func numberStep(id string, n *numberShape) step {
	return func(ctx context.Context, v *verification) *channel.SendError {
		const fields = "status,quality_rating,platform_type,webhook_configuration,health_status"
		if f := v.read(ctx, v.service, v.root+"/"+id+"?fields="+fields, v.token, n); f != nil {
			return f
		}
		if action := ends[n.Status]; action != "" {
			v.add("number_status", "The state of the number is "+n.Status, action)
		} else if n.Status != "" && n.Status != healthy {
			v.add(connection.ProviderLimit, "The state of the number is "+n.Status, lookAt)
		}
		if n.Platform != "" && n.Platform != "CLOUD_API" {
			v.add("number_platform", "The number is not registered for the Cloud API but for "+n.Platform, register)
		}
		if n.Quality == "RED" {
			v.add(connection.ProviderLimit, "The quality rating of the number is RED", reported)
		}
		for _, e := range n.Health.Entities {
			for _, cause := range e.Errors {
				if e.CanSend == blocked {
					v.add(strconv.Itoa(cause.Code), cmp.Or(cause.Message, "WhatsApp blocks the messages of the "+e.Type), cmp.Or(cause.Solution, "Look at the account in WhatsApp Manager."))
				}
			}
		}
		return nil
	}
}
