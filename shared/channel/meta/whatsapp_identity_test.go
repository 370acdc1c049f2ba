package meta_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
)

// Changed ids are no messages, under the new and the old names of their fields.
func TestParse_WhatsAppIdentity(t *testing.T) {
	type person = channel.Person
	for name, c := range map[string]struct {
		members       string
		before, after person
		ignored       string
	}{
		"number": {
			members: `"from":"1650","system":{"body":"b","type":"user_changed_number","wa_id":"1651","user_id":"US.2","previous_user_id":"US.1","parent_user_id":"US.ENT.2","previous_parent_user_id":"US.ENT.1"}`,
			before:  person{Address: "1650", UserID: "US.1", ParentID: "US.ENT.1"}, after: person{Address: "1651", UserID: "US.2", ParentID: "US.ENT.2"},
		},
		"user id": {
			members: `"from_user_id":"US.2","system":{"type":"user_changed_user_id","user_id":"US.2","previous_user_id":"US.1"}`,
			before:  person{UserID: "US.1"}, after: person{UserID: "US.2"},
		},
		"user id in the text": {
			members: `"system":{"type":"user_changed_user_id","body":"User Jo changed from US.1349 to US.2450","user_id":"US.2450"}`,
			before:  person{UserID: "US.1349"}, after: person{UserID: "US.2450"},
		},
		"old number": {
			members: `"from":"1650","system":{"body":"NAME changed from 1650 to 1651","type":"customer_changed_number","new_wa_id":"1651"}`,
			before:  person{Address: "1650"}, after: person{Address: "1651"},
		},
		"older number": {
			members: `"from":"1651","system":{"type":"customer_changed_number","wa_id":1651,"customer":"1650","identity":"h"}`,
			before:  person{Address: "1650"}, after: person{Address: "1651"},
		},
		"sender has the old id": {
			members: `"from":"1650","from_user_id":"US.1","system":{"type":"user_changed_number","wa_id":"1651","user_id":"US.2"}`,
			before:  person{Address: "1650", UserID: "US.1"}, after: person{Address: "1651", UserID: "US.2"},
		},

		"security code":   {members: `"from":"1650","system":{"type":"customer_identity_changed","customer":"1650","identity":"h"}`, ignored: `the system message "customer_identity_changed" changes no id`},
		"same":            {members: `"from":"1650","system":{"type":"user_changed_number","wa_id":"1650"}`, ignored: `the system message "user_changed_number" changes no id`},
		"unknown before":  {members: `"system":{"type":"user_changed_user_id","user_id":"US.2"}`, ignored: `the system message "user_changed_user_id" changes no id`},
		"several in text": {members: `"system":{"type":"user_changed_user_id","body":"US.1 US.3 US.2","user_id":"US.2"}`, ignored: `the system message "user_changed_user_id" changes no id`},
		"no system":       {members: `"from":"1650"`, ignored: `the system message "" changes no id`},
		"group":           {members: `"from":"1650","group_id":"G","system":{"type":"user_changed_number","wa_id":"1651"}`, ignored: "a message of a group is not answered"},
	} {
		got := only(t, change("messages", news(`"messages":[{"id":"wamid.A","timestamp":"1749416383","type":"system",`+c.members+`}]`)))
		want := channel.Update{Account: number, Ignored: c.ignored}
		if c.ignored == "" {
			want.Identity = &channel.IdentityChange{ID: "wamid.A", At: noon, Before: c.before, After: c.after}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// A number that is shared by the button for it is the sender's own; a forwarded card is not.
func TestParse_WhatsAppSharedNumber(t *testing.T) {
	card := func(origin string) string {
		return change("messages", news(`"messages":[{"from_user_id":"US.1","id":"wamid.A","timestamp":"1749416383","type":"contacts","contacts":[{`+origin+`"name":{"formatted_name":"Jo"},"phones":[{"phone":"+1 650","wa_id":"1650"}]}]}]`))
	}
	message := channel.Update{Account: number, Message: &channel.Inbound{
		ID: "wamid.A", From: channel.Person{UserID: "US.1"}, At: noon, Type: "contacts", Handling: channel.Answer, Text: "[contact]\nJo\n+1 650",
	}}
	link := channel.Update{Account: number, Identity: &channel.IdentityChange{
		ID: "wamid.A:contact_request", Before: channel.Person{UserID: "US.1"}, After: channel.Person{UserID: "US.1", Address: "1650"}, At: noon,
	}}
	if diff := cmp.Diff([]channel.Update{link, message}, parse(t, card(`"origin":"contact_request",`))); diff != "" {
		t.Errorf("requested: -want +got:\n%s", diff)
	}
	for _, origin := range []string{`"origin":"other",`, ``} {
		if diff := cmp.Diff([]channel.Update{message}, parse(t, card(origin))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", origin, diff)
		}
	}
}

func TestParse_WhatsAppUserIDUpdate(t *testing.T) {
	want := channel.Update{Account: number, Identity: &channel.IdentityChange{
		ID: "user_id_update:US.1:US.2", Before: channel.Person{Address: "1650", UserID: "US.1"}, After: channel.Person{Address: "1650", UserID: "US.2"}, At: noon,
	}}
	for _, ids := range []string{`"user_id":{"previous":"US.1","current":"US.2"}`, `"user_id":"US.2","previous_user_id":"US.1"`} {
		got := only(t, change("user_id_update", news(`"user_id_update":[{"wa_id":"1650",`+ids+`,"timestamp":"1749416383"}]`)))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", ids, diff)
		}
	}
	if got := only(t, change("user_id_update", news(`"x":1`))); got.Ignored == "" {
		t.Errorf("got %+v, want it ignored", got)
	}
}
