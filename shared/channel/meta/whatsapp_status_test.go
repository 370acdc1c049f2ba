package meta_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
)

func TestParse_WhatsAppStatuses(t *testing.T) {
	for name, c := range map[string]struct {
		members string // beside the id and the time
		more    string // beside the statuses
		want    channel.Status
		ignored string
	}{
		"sent": {
			members: `"status":"sent","recipient_id":"1650","conversation":{"id":"c","origin":{"type":"service"}},"pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"},"biz_opaque_callback_data":"send-1"`,
			want:    channel.Status{State: channel.Sent, Person: channel.Person{Address: "1650"}, Ref: "send-1", Price: channel.Price{Type: "regular", Category: "utility"}},
		},
		"delivered": {
			members: `"status":"delivered","recipient_user_id":"US.1","recipient_parent_user_id":"US.ENT.1","pricing":{"pricing_model":"PMP","type":"free_customer_service","category":"service"}`,
			want:    channel.Status{State: channel.Delivered, Person: channel.Person{UserID: "US.1", ParentID: "US.ENT.1"}, Price: channel.Price{Type: "free_customer_service", Category: "service"}},
		},
		"read, with a contact that has no profile": {
			members: `"status":"read","recipient_user_id":"US.1"`, more: `"contacts":[{"wa_id":"1650","user_id":"US.1"}],`,
			want: channel.Status{State: channel.Read, Person: channel.Person{Address: "1650", UserID: "US.1"}},
		},
		"played":                 {members: `"status":"played","recipient_id":"1650"`, want: channel.Status{State: channel.Played, Person: channel.Person{Address: "1650"}}},
		"no recipient":           {members: `"status":"read"`, want: channel.Status{State: channel.Read}},
		"user id as recipient":   {members: `"status":"read","recipient_id":"US.1"`, want: channel.Status{State: channel.Read, Person: channel.Person{UserID: "US.1"}}},
		"category of before v24": {members: `"status":"sent","conversation":{"id":"c","expiration_timestamp":"1","origin":{"type":"marketing"}},"pricing":{"billable":true,"pricing_model":"CBP"}`, want: channel.Status{State: channel.Sent, Price: channel.Price{Category: "marketing"}}},
		"new category":           {members: `"status":"sent","pricing":{"type":"regular","category":"general_purpose_ai"}`, want: channel.Status{State: channel.Sent, Price: channel.Price{Type: "regular", Category: "general_purpose_ai"}}},
		"failed": {
			members: `"status":"failed","recipient_id":"1650","errors":[{"code":131026,"title":"Message undeliverable","message":"Message undeliverable","error_data":{"details":"Not on WhatsApp"},"href":"h"},{"code":1}]`,
			want:    channel.Status{State: channel.Failed, Person: channel.Person{Address: "1650"}, Failure: &channel.SendError{Kind: channel.Undeliverable, Code: 131026, Message: "Message undeliverable", Details: "Not on WhatsApp"}},
		},
		"failed outside the window": {
			members: `"status":"failed","errors":[{"code":131047,"title":"Re-engagement message"}]`,
			want:    channel.Status{State: channel.Failed, Failure: &channel.SendError{Kind: channel.WindowClosed, Code: 131047, Message: "Re-engagement message"}},
		},
		"failed account":                      {members: `"status":"failed","errors":[{"code":"131042","title":"Payment"}]`, want: channel.Status{State: channel.Failed, Failure: &channel.SendError{Kind: channel.Stopped, Code: 131042, Message: "Payment", Action: "Add a payment method to the WhatsApp business account."}}},
		"failed with an error without a code": {members: `"status":"failed","errors":[{"title":"t"}]`, want: channel.Status{State: channel.Failed, Failure: &channel.SendError{Kind: channel.Rejected, Message: "t"}}},
		"failed without errors":               {members: `"status":"failed"`, want: channel.Status{State: channel.Failed, Failure: &channel.SendError{Kind: channel.Rejected, Message: "WhatsApp gives no reason"}}},
		"price is text":                       {members: `"status":"sent","pricing":"x","conversation":7`, want: channel.Status{State: channel.Sent}},

		"group":   {members: `"status":"read","recipient_type":"group","recipient_id":"G","recipient_participant_id":"1650"`, ignored: "a status of a group is not used"},
		"unknown": {members: `"status":"captured","type":"payment"`, ignored: `the status "captured" is not used`},
		"none":    {members: `"x":1`, ignored: `the status "" is not used`},
	} {
		got := only(t, change("messages", news(c.more+`"statuses":[{"id":"wamid.A","timestamp":"1749416383",`+c.members+`}]`)))
		want := channel.Update{Account: number, Ignored: c.ignored}
		if c.ignored == "" {
			c.want.MessageID, c.want.At = "wamid.A", noon
			want.Status = &c.want
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	if got := only(t, change("messages", news(`"statuses":[{"status":"read"}]`))); got.Ignored != "a status names no message" {
		t.Errorf("got %+v, want it ignored", got)
	}
}

func TestParse_WhatsAppPreferences(t *testing.T) {
	for preference, want := range map[string]channel.Update{
		`"wa_id":"1650","user_id":"US.1","category":"marketing_messages","value":"stop"`: {Preference: &channel.Preference{Person: channel.Person{Address: "1650", UserID: "US.1"}, OptedOut: true, At: noon}},
		`"user_id":"US.1","category":"marketing_messages","value":"resume"`:              {Preference: &channel.Preference{Person: channel.Person{UserID: "US.1"}, At: noon}},
		`"user_id":"US.1","category":"marketing_messages","value":"signup"`:              {Preference: &channel.Preference{Person: channel.Person{UserID: "US.1"}, At: noon}},
		`"user_id":"US.1","category":"calls","value":"stop"`:                             {Ignored: `the preference "stop" of "calls" is not used`},
		`"user_id":"US.1","category":"marketing_messages","value":"later"`:               {Ignored: `the preference "later" of "marketing_messages" is not used`},
		`"category":"marketing_messages","value":"stop"`:                                 {Ignored: `the preference "stop" of "marketing_messages" is not used`},
	} {
		want.Account = number
		got := only(t, change("user_preferences", news(`"user_preferences":[{"timestamp":1749416383,"detail":"d",`+preference+`}]`)))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", preference, diff)
		}
	}
}

// concerns ends the notices, because an app may have several business accounts.
const concerns = " This concerns the business account 102290129340398."

// Notices about the account say what happened and whether it stops the connection.
func TestParse_WhatsAppNotices(t *testing.T) {
	for name, c := range map[string]struct {
		field, value  string
		code, message string
		stops         bool
	}{
		"disabled":      {"account_update", `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"DISABLE","waba_ban_date":"June 8, 2026"}}`, "DISABLED_UPDATE", "Meta has disabled the WhatsApp business account: June 8, 2026.", true},
		"to disable":    {"account_update", `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"SCHEDULE_FOR_DISABLE","waba_ban_date":"June 8, 2026"}}`, "DISABLED_UPDATE", "Meta will disable the WhatsApp business account: June 8, 2026.", false},
		"reinstated":    {"account_update", `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"REINSTATE"}}`, "", "", false},
		"deleted":       {"account_update", `{"event":"ACCOUNT_DELETED"}`, "ACCOUNT_DELETED", "The WhatsApp business account was deleted.", true},
		"violation":     {"account_update", `{"event":"ACCOUNT_VIOLATION","violation_info":{"violation_type":"SPAM"}}`, "ACCOUNT_VIOLATION", "Meta reports a violation of its policies: SPAM.", false},
		"restricted":    {"account_update", `{"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"RESTRICTED_BIZ_INITIATED_MESSAGING","expiration":1}]}`, "ACCOUNT_RESTRICTION", "Meta has restricted the WhatsApp business account: RESTRICTED_BIZ_INITIATED_MESSAGING.", false},
		"no answers":    {"account_update", `{"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"A"},{"restriction_type":"RESTRICTED_CUSTOMER_INITIATED_MESSAGING"}]}`, "ACCOUNT_RESTRICTION", "Meta has restricted the WhatsApp business account: A, RESTRICTED_CUSTOMER_INITIATED_MESSAGING.", true},
		"partner":       {"account_update", `{"event":"PARTNER_ADDED"}`, "", "", false},
		"alert":         {"account_alerts", `{"entity_type":"WABA","alert_info":{"alert_severity":"CRITICAL","alert_status":"ACTIVE","alert_type":"OBA_APPROVED","alert_description":"Something is wrong."}}`, "OBA_APPROVED", "Something is wrong.", false},
		"resolved":      {"account_alerts", `{"alert_info":{"alert_status":"RESOLVED","alert_type":"X"}}`, "", "", false},
		"review":        {"account_review_update", `{"decision":"REJECTED"}`, "REJECTED", "Meta's review has rejected the WhatsApp business account.", true},
		"approved":      {"account_review_update", `{"decision":"APPROVED"}`, "", "", false},
		"quality":       {"phone_number_quality_update", `{"display_phone_number":"15550783881","event":"DOWNGRADE","current_limit":"TIER_1K"}`, "DOWNGRADE", "The quality of the number 15550783881 is low; its messaging limit: TIER_1K.", false},
		"upgrade":       {"phone_number_quality_update", `{"event":"UPGRADE"}`, "", "", false},
		"template":      {"message_template_status_update", `{"event":"PAUSED","message_template_id":1,"message_template_name":"offer","message_template_language":"en_US","reason":"NONE","other_info":{"title":"FIRST_PAUSE","description":"Low quality"}}`, "PAUSED", "The template offer (en_US) is paused: Low quality.", false},
		"rejected":      {"message_template_status_update", `{"event":"REJECTED","message_template_name":"offer","message_template_language":"en_US","reason":"INVALID_FORMAT"}`, "REJECTED", "The template offer (en_US) is rejected: INVALID_FORMAT.", false},
		"approval":      {"message_template_status_update", `{"event":"APPROVED","message_template_name":"offer"}`, "", "", false},
		"score":         {"message_template_quality_update", `{"previous_quality_score":"GREEN","new_quality_score":"RED","message_template_name":"offer","message_template_language":"en_US"}`, "RED", "The template offer (en_US) has a lower quality: RED.", false},
		"better score":  {"message_template_quality_update", `{"previous_quality_score":"RED","new_quality_score":"GREEN"}`, "", "", false},
		"category":      {"template_category_update", `{"message_template_name":"offer","message_template_language":"en_US","previous_category":"UTILITY","new_category":"MARKETING"}`, "CATEGORY", "The template offer (en_US) has another category, which may change its price: MARKETING.", false},
		"no category":   {"template_category_update", `{}`, "", "", false},
		"account error": {"messages", news(`"errors":[{"code":131031,"title":"Account locked","message":"m","error_data":{"details":"Business account has been locked"}}]`), "131031", "Business account has been locked", true},
		"slowed down":   {"messages", news(`"errors":[{"code":131048,"title":"Spam rate limit hit"}]`), "quality_limit", "Spam rate limit hit (code 131048)", false},
		"rate error":    {"messages", news(`"errors":[{"code":130429,"title":"Rate limit hit"}]`), "130429", "Rate limit hit", false},
	} {
		got := only(t, change(c.field, c.value))
		switch {
		case c.code == "":
			if got.Ignored == "" {
				t.Errorf("%s: got %+v, want it ignored", name, got)
			}
		case got.Notice == nil:
			t.Errorf("%s: got %+v, want a notice", name, got)
		default:
			if n := got.Notice; n.Code != c.code || strings.TrimSuffix(n.Message, concerns) != c.message || n.Stops != c.stops || c.field != "messages" && (n.Action == "" || !strings.HasSuffix(n.Message, concerns) || n.At.Unix() != 1749416390) {
				t.Errorf("%s: got %+v, want %+v", name, n, c)
			}
		}
	}
}
