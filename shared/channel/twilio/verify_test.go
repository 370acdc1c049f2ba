package twilio_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	fake "github.com/quintet-agents/quintet/tests/twilio"
)

func TestVerify(t *testing.T) {
	const number, whatsapp = "+15551234567", "whatsapp:+15551234567"
	wrong := connected(number)
	wrong.Secrets = connection.Secrets{"auth_token": "another-token"}
	for name, c := range map[string]struct {
		account channel.Account
		status  string
		senders []fake.Sender
		want    []string // the codes of problems
	}{
		"a number":                    {connected(number), "", []fake.Sender{{From: "+155512345678", WebhookURL: "https://x"}, {From: number, WebhookURL: hook}}, nil},
		"a short code":                {connected("12345"), "", []fake.Sender{{From: "123456"}, {From: "12345", WebhookURL: hook}}, nil},
		"WhatsApp, on a further page": {connected(whatsapp), "", []fake.Sender{{From: "whatsapp:+15557654321"}, {From: "rcs:x"}, {From: whatsapp, WebhookURL: hook}}, nil},
		"WhatsApp, updating":          {connected(whatsapp), "", []fake.Sender{{From: whatsapp, WebhookURL: hook, Status: "ONLINE:UPDATING"}}, nil},
		"RCS":                         {connected("rcs:shop"), "", []fake.Sender{{From: "rcs:shop", WebhookURL: hook}}, nil},
		"a service":                   {connected(shop), "", []fake.Sender{{From: shop, WebhookURL: hook}}, nil},
		"with overrides":              {connected(number), "", []fake.Sender{{From: number, WebhookURL: hook + "#rc=2"}}, nil},
		"a wrong token":               {wrong, "", nil, []string{"20003"}},
		"a suspended account":         {connected(number), "suspended", nil, []string{"account_suspended"}},
		"no such number":              {connected(number), "", []fake.Sender{{From: "+155512345678"}}, []string{"sender_missing"}},
		"no such short code":          {connected("12345"), "", nil, []string{"sender_missing"}},
		"no such sender":              {connected(whatsapp), "", []fake.Sender{{From: number}}, []string{"sender_missing"}},
		"no such service":             {connected(shop), "", nil, []string{"sender_missing"}},
		"another URL":                 {connected(number), "", []fake.Sender{{From: number, WebhookURL: hook + "/"}}, []string{"webhook_url"}},
		"no URL":                      {connected(number), "", []fake.Sender{{From: number}}, []string{"webhook_url"}},
		"GET":                         {connected(number), "", []fake.Sender{{From: number, WebhookURL: hook, Method: "GET"}}, []string{"webhook_method"}},
		"an application":              {connected(number), "", []fake.Sender{{From: number, WebhookURL: hook, ApplicationSID: "AP1"}}, []string{"webhook_application"}},
		"a number for calls":          {connected(number), "", []fake.Sender{{From: number, NoSMS: true}}, []string{"sender_unavailable", "webhook_url"}},
		"a sender in review":          {connected(whatsapp), "", []fake.Sender{{From: whatsapp, WebhookURL: hook, Status: "TWILIO_REVIEW"}}, []string{"sender_unavailable"}},
		"a service that passes on":    {connected(shop), "", []fake.Sender{{From: shop, WebhookURL: hook, OnNumber: true}}, []string{"sender_unavailable"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := account
			a.Status, a.Senders = c.status, c.senders
			problems, err := client(fake.Start(t, a).URL).Verify(t.Context(), c.account, hook)
			var got []string
			for _, p := range problems {
				if got = append(got, p.Code); p.Message == "" || p.Action == "" {
					t.Errorf("got %+v, want a message and an action", p)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" || err != nil {
				t.Errorf("%v (-want +got)\n%s", err, d)
			}
		})
	}
}

// No answer is no problem of the connection.
func TestVerify_NoAnswer(t *testing.T) {
	got, err := client("http://10.0.0.1").Verify(t.Context(), connected("+15551234567"), hook)
	if err == nil || len(got) != 0 {
		t.Errorf("got %+v, %v, want an error", got, err)
	}
	odd := connected("+15551234567")
	odd.Identifiers = map[string]string{"account_sid": "AC1"}
	if got, err = client("http://10.0.0.1").Verify(t.Context(), odd, hook); err != nil || len(got) != 1 {
		t.Errorf("an account that is none: got %+v, %v, want a problem", got, err)
	}
}
