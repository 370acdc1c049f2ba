package meta

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
)

// preferences reads what people told WhatsApp about marketing messages.
func (b *batch) preferences(account string, value object) {
	list, contacts := value.objects("user_preferences"), contactsOf(value)
	for _, o := range list {
		p := channel.Preference{
			Person: contacts.describe(o.person("wa_id", "user_id", "parent_user_id")), At: o.moment("timestamp"), OptedOut: o.text("value") == "stop",
		}
		known := slices.Contains([]string{"stop", "resume", "signup"}, o.text("value")) && o.text("category") == "marketing_messages"
		if !known || !identified(p.Person) {
			b.ignore(account, "the preference %q of %q is not used", word(o.text("value")), word(o.text("category")))
			continue
		}
		b.add(channel.Update{Account: account, Preference: &p})
	}
	if len(list) == 0 {
		b.ignore(account, "a change of preferences names none")
	}
}

// notices read the fields about the business account, its numbers and its templates. They return
// nil for news that nobody needs to act on.
var notices = map[string]func(value object) *channel.Notice{
	"account_update":                  accountUpdate,
	"account_alerts":                  accountAlert,
	"account_review_update":           accountReview,
	"phone_number_quality_update":     numberQuality,
	"message_template_status_update":  templateStatus,
	"message_template_quality_update": templateQuality,
	"template_category_update":        templateCategory,
}

// notice reads a change of one of the fields of notices. Those of the business account name no
// number, so the message names the account: the webhook of one app may have events of several.
func (b *batch) notice(account, field string, value, entry object) {
	n := notices[field](value)
	if n == nil {
		b.ignore(account, "the change %q of the field %q needs no action", word(value.text("event")), field)
		return
	}
	n.At = entry.moment("time")
	n.Message += " This concerns the business account " + entry.id("id") + "."
	b.add(channel.Update{Account: account, Notice: n})
}

// accountEvents are the events of an account that its owner should know of.
var accountEvents = map[string]channel.Notice{
	"ACCOUNT_DELETED":         {Message: "The WhatsApp business account was deleted.", Action: "Connect a number of another business account.", Stops: true},
	"ACCOUNT_OFFBOARDED":      {Message: "The number was disconnected from the WhatsApp API.", Action: "Connect the number to the API again in the WhatsApp Business app.", Stops: true},
	"ACCOUNT_RESTRICTION":     {Message: "Meta has restricted the WhatsApp business account", Action: "Look at the restriction in Meta's WhatsApp Manager, and appeal it there if it is wrong."},
	"ACCOUNT_VIOLATION":       {Message: "Meta reports a violation of its policies", Action: "Look at the violation in Meta's WhatsApp Manager. Further ones restrict the account."},
	"DISABLED_UPDATE":         {Message: "Meta has disabled the WhatsApp business account", Action: "Ask for a review in Meta's Business Support Home.", Stops: true},
	"PARTNER_APP_UNINSTALLED": {Message: "The app was removed from the WhatsApp business account.", Action: "Add the app to the business account again, and verify the connection.", Stops: true},
	"PARTNER_REMOVED":         {Message: "The WhatsApp business account is no longer shared with the app's business.", Action: "Share the business account again, and verify the connection.", Stops: true},
}

func accountUpdate(value object) *channel.Notice {
	event := value.name("event")
	n, known := accountEvents[event]
	if !known {
		return nil
	}
	n.Code = event
	switch event {
	case "DISABLED_UPDATE":
		ban := value.object("ban_info")
		switch state := ban.text("waba_ban_state"); state {
		case "REINSTATE":
			return nil
		case "SCHEDULE_FOR_DISABLE":
			n.Message, n.Stops = "Meta will disable the WhatsApp business account", false
		}
		n.Message = sentence(n.Message, ban.name("waba_ban_date"))
	case "ACCOUNT_VIOLATION":
		n.Message = sentence(n.Message, value.object("violation_info").name("violation_type"))
	case "ACCOUNT_RESTRICTION":
		var kinds []string
		for _, r := range value.objects("restriction_info") {
			kinds = append(kinds, r.name("restriction_type"))
			n.Stops = n.Stops || r.text("restriction_type") == "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"
		}
		n.Message = sentence(n.Message, line(kinds...))
	}
	return &n
}

// accountAlert reads an alert in Meta's own words.
func accountAlert(value object) *channel.Notice {
	alert := value.object("alert_info")
	if alert == nil {
		alert = value
	}
	kind := alert.name("alert_type")
	if kind == "" || alert.text("alert_status") == "RESOLVED" || alert.text("alert_severity") == "INFORMATIONAL" {
		return nil
	}
	return &channel.Notice{Code: kind, Message: cmp.Or(alert.name("alert_description"), sentence("Meta has an alert for the WhatsApp business account", kind)), Action: "Look at the account in Meta's WhatsApp Manager."}
}

func accountReview(value object) *channel.Notice {
	if value.text("decision") != "REJECTED" {
		return nil
	}
	return &channel.Notice{Code: "REJECTED", Message: "Meta's review has rejected the WhatsApp business account.", Action: "Ask for another review in Meta's Business Support Home.", Stops: true}
}

func numberQuality(value object) *channel.Notice {
	event := value.name("event")
	if event != "FLAGGED" && event != "DOWNGRADE" {
		return nil
	}
	limit := cmp.Or(value.name("current_limit"), value.name("max_daily_conversations_per_business"))
	return &channel.Notice{
		Code: event, Message: sentence(fmt.Sprintf("The quality of the number %s is low; its messaging limit", value.name("display_phone_number")), cmp.Or(limit, "unknown")),
		Action: "Send fewer messages that people block or report. Answers to their own messages are not limited.",
	}
}

// badStatuses are the statuses in which a template cannot be sent, or soon may not be.
var badStatuses = []string{"REJECTED", "PAUSED", "DISABLED", "FLAGGED", "LOCKED", "ARCHIVED", "LIMIT_EXCEEDED", "PENDING_DELETION", "DELETED"}

func templateStatus(value object) *channel.Notice {
	event := value.name("event")
	if !slices.Contains(badStatuses, event) {
		return nil
	}
	reason := value.name("reason")
	if strings.EqualFold(reason, "NONE") {
		reason = ""
	}
	details := cmp.Or(value.object("other_info").name("description"), value.object("rejection_info").name("reason"))
	return &channel.Notice{Code: event, Message: sentence(template(value)+" is "+strings.ToLower(event), line(reason, details)), Action: "Correct the template in Meta's WhatsApp Manager, or choose another one for the connection."}
}

func templateQuality(value object) *channel.Notice {
	score := value.name("new_quality_score")
	if score != "RED" && score != "YELLOW" {
		return nil
	}
	return &channel.Notice{Code: score, Message: sentence(template(value)+" has a lower quality", score), Action: "Change the template or send it to fewer people: Meta pauses templates of low quality."}
}

func templateCategory(value object) *channel.Notice {
	category := cmp.Or(value.name("correct_category"), value.name("new_category"))
	if category == "" {
		return nil
	}
	return &channel.Notice{Code: "CATEGORY", Message: sentence(template(value)+" has another category, which may change its price", category), Action: "Compare the prices of the categories, or ask Meta for a review of the category."}
}

// template names the template that a change is about.
func template(value object) string {
	return fmt.Sprintf("The template %s (%s)", value.name("message_template_name"), value.name("message_template_language"))
}

// sentence ends a sentence with what Meta adds, if it adds something.
func sentence(text, more string) string {
	if more == "" {
		return text + "."
	}
	return text + ": " + more + "."
}
