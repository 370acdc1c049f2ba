package meta_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/tests/graph"
)

const webhookURL = "https://api.example.com/api/webhooks/x/1"

// now is the clock of verifications.
var now = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// subscribed is an app that sends everything to our URL.
func subscribed(url string, fields ...string) graph.App {
	sub := graph.Subscription{URL: url, Fields: fields}
	return graph.App{ID: "670843887433847", Secret: "a", Webhooks: map[graph.Object]graph.Subscription{graph.WhatsApp: sub, graph.Instagram: sub, graph.Messenger: sub}}
}

func openVerified(t *testing.T) world {
	t.Helper()
	w := open(t)
	w.client.Now = func() time.Time { return now }
	w.SetApp(subscribed(webhookURL, "messages"))
	return w
}

// Nothing is wrong with a good account, and the app is subscribed to it again.
func TestVerify(t *testing.T) {
	w := openVerified(t)
	for name, p := range w.providers {
		if got, err := p.Verify(t.Context(), w.accounts[name], webhookURL); err != nil || len(got) != 0 {
			t.Errorf("%s: got %+v, %v, want no problem", name, got, err)
		}
	}
	for id, want := range map[string][]string{
		shop.AccountID: {},
		pageID:         {"message_deliveries", "message_echoes", "message_reads", "messages", "messaging_postbacks"},
		insta:          {"message_reactions", "messages", "messaging_postbacks", "messaging_seen"},
		"999":          {"message_reactions", "messages", "messaging_postbacks"},
	} {
		if d := cmp.Diff(want, w.Renewed(id)); d != "" {
			t.Errorf("%s: (-want +got):\n%s", id, d)
		}
	}
}

// A page keeps the fields that others have subscribed the app to.
func TestVerify_KeepsFields(t *testing.T) {
	w := openVerified(t)
	w.Subscribe(pageID, "feed", "messages")
	if got, err := w.providers["messenger"].Verify(t.Context(), w.accounts["messenger"], webhookURL); err != nil || len(got) != 0 {
		t.Fatalf("got %+v, %v", got, err)
	}
	want := []string{"feed", "message_deliveries", "message_echoes", "message_reads", "messages", "messaging_postbacks"}
	if d := cmp.Diff(want, w.Renewed(pageID)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// Each fault is a problem with a code, a text and what to do.
func TestVerify_Problems(t *testing.T) {
	number := func(change func(*graph.Number)) func(*world) {
		return func(w *world) {
			n := shop
			change(&n)
			w.SetNumber(n)
		}
	}
	const (
		paste    = "In the app's console, paste the callback URL " + webhookURL + " and subscribe to the field messages."
		register = "Register the phone number for the Cloud API in WhatsApp Manager."
	)
	for name, c := range map[string]struct {
		provider string
		change   func(w *world)
		want     []connection.Problem
	}{
		"the token ended": {
			"whatsapp", func(w *world) { w.SetGrant(token, graph.Grant{Invalid: "Session has expired"}) },
			[]connection.Problem{{Code: "190", Message: "Error validating access token: Session has expired", Action: renew}},
		},
		"a token that is not valid": {
			"whatsapp", func(w *world) {
				w.Always(func(w http.ResponseWriter, _ *http.Request) {
					_, _ = w.Write([]byte(`{"data":{"is_valid":false,"error":{"code":190,"message":"` + token + ` was revoked"}}}`))
				})
			},
			[]connection.Problem{{Code: "190", Message: "[access token] was revoked", Action: renew}},
		},
		"an app that wants proofs": {
			"whatsapp", func(w *world) {
				w.Always(graph.Error(http.StatusBadRequest, 100, "API calls from the server require an appsecret_proof argument"))
			},
			[]connection.Problem{
				{Code: "100", Message: "API calls from the server require an appsecret_proof argument", Action: "Turn off Require App Secret under App settings > Advanced: messages are sent without a proof of it."},
			},
		},
		"another token": {
			"messenger", func(w *world) { w.change("messenger", "access_token", "EAAother") },
			[]connection.Problem{{Code: "190", Message: "Invalid OAuth access token.", Action: renew}},
		},
		"the token ends soon, and lacks permissions": {
			"whatsapp",
			func(w *world) {
				w.SetGrant(token, graph.Grant{Scopes: []string{"whatsapp_business_management"}, Expires: now.Add(24 * time.Hour)})
			},
			[]connection.Problem{
				{Code: "permission", Message: "The access token lacks the permission whatsapp_business_messaging", Action: "Make a token with this permission and rotate the connection's credentials."},
				{Code: "token_expires", Message: "The access token ends at 2026-12-01T12:00:00Z", Action: "Make a token of a system user, which does not end, and rotate the connection's credentials."},
			},
		},
		"the token of another page": {
			"messenger", func(w *world) {
				w.accounts["messenger"].Identifiers["page_id"] = "998"
				w.SetPage(graph.Page{ID: "998", Token: "EAAother"})
			},
			[]connection.Problem{
				{Code: "page_token", Message: "The access token is not that of the page 998", Action: "Make a page access token under Messenger > Messenger API Settings and rotate the connection's credentials."},
				{Code: "190", Message: "Malformed access token [access token]", Action: renew},
			},
		},
		"another app secret": {
			"whatsapp", func(w *world) { w.change("whatsapp", "app_secret", "wrong") },
			[]connection.Problem{{
				Code: "app_secret", Message: "Invalid appsecret_proof provided in the API argument",
				Action: "Copy the App secret under App settings > Basic of the app that the access token belongs to, and rotate the connection's credentials. With a wrong one all webhooks are refused.",
			}},
		},
		"an unknown number": {
			"whatsapp", func(w *world) { w.accounts["whatsapp"].Identifiers["phone_number_id"] = "1" },
			[]connection.Problem{
				{Code: "100", Message: "Object with ID '1' does not exist", Action: "Compare the connection's ids with those in Meta's console, and check that the access token's user has access to the account."},
			},
		},
		"a number that is not connected": {
			"whatsapp", number(func(n *graph.Number) { n.Status, n.Quality = "DISCONNECTED", "RED" }),
			[]connection.Problem{
				{Code: "number_status", Message: "The state of the number is DISCONNECTED", Action: register},
				{Code: "provider_limit", Message: "The quality rating of the number is RED", Action: "People have blocked or reported the number: send fewer templates, and only to people who expect them."},
			},
		},
		"an account that cannot pay": {
			"whatsapp", number(func(n *graph.Number) {
				n.Blocked = &graph.Health{Entity: "WABA", Code: 141006, Message: "There is an error with the payment method.", Solution: "Add a payment method."}
			}),
			[]connection.Problem{{Code: "141006", Message: "There is an error with the payment method.", Action: "Add a payment method."}},
		},
		"a number that people have reported": {
			"whatsapp", number(func(n *graph.Number) { n.Status = "FLAGGED" }),
			[]connection.Problem{{Code: "provider_limit", Message: "The state of the number is FLAGGED", Action: "Look at the number in WhatsApp Manager."}},
		},
		"webhooks of the number go elsewhere": {
			"whatsapp", number(func(n *graph.Number) { n.Callback = "https://other.example/hook" }),
			[]connection.Problem{{Code: "webhook_url", Message: "Meta sends the messages to https://other.example/hook", Action: paste}},
		},
		"webhooks of the app go elsewhere": {
			"instagram of a page", func(w *world) { w.SetApp(subscribed("https://other.example/hook", "messaging_postbacks")) },
			[]connection.Problem{
				{Code: "webhook_fields", Message: "The app is not subscribed to the webhook field messages", Action: paste},
				{Code: "webhook_url", Message: "Meta sends the messages to https://other.example/hook", Action: paste},
			},
		},
		"no webhooks": {
			"messenger", func(w *world) { w.SetApp(graph.App{ID: "670843887433847", Secret: "a"}) },
			[]connection.Problem{{Code: "webhook_url", Message: "The app gets no webhooks of Messenger", Action: paste}},
		},
		"an account id of the app's scope": {
			"instagram", func(w *world) { w.accounts["instagram"].Identifiers["account_id"] = "2468" },
			[]connection.Problem{
				{Code: "account_id", Message: "The access token belongs to the account " + insta + " (shop)", Action: "Set account_id to the id of the account that the access token belongs to, or use a token of the account 2468."},
				{Code: "subscription", Message: "Object with ID '2468' does not exist", Action: "Compare the connection's ids with those in Meta's console, and check that the access token's user has access to the account."},
			},
		},
		"an old version": {
			"whatsapp", func(w *world) { w.version("v20.0") },
			[]connection.Problem{{Code: "provider_version", Message: "Version v20.0 of the Graph API has ended; Meta serves a later one in its place", Action: "Ask the operator of the deployment to set MetaGraphVersion to a later version."}},
		},
		"a version that ends soon": {
			"whatsapp", func(w *world) { w.version("v21.0") },
			[]connection.Problem{{Code: "provider_version", Message: "Version v21.0 of the Graph API ends on 2027-01-21", Action: "Ask the operator of the deployment to set MetaGraphVersion to a later version."}},
		},
		"a version without an end": {"whatsapp", func(w *world) { w.version("v26.0") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := openVerified(t)
			c.change(&w)
			got, err := w.providers[c.provider].Verify(t.Context(), w.accounts[c.provider], webhookURL)
			if err != nil {
				t.Fatal(err)
			}
			if stops := slices.ContainsFunc(got, func(p connection.Problem) bool { return !p.Passes() }); len(got) > 0 && stops == got[0].Passes() {
				t.Errorf("got %+v, want first what keeps the account from sending", got)
			}
			for i := range c.want {
				c.want[i].Since = now
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// change replaces a secret of an account.
func (w *world) change(name, secret, value string) { w.accounts[name].Secrets[secret] = value }

// version makes WhatsApp use another version of the API.
func (w *world) version(version string) {
	c := versioned(w.URL, version)
	c.Now = w.client.Now
	w.providers["whatsapp"] = meta.WhatsApp{Client: c}
}

// Without an answer nothing is known to be wrong.
func TestVerify_NoAnswer(t *testing.T) {
	w := openVerified(t)
	for reply, want := range map[string]channel.Kind{"throttled": channel.Throttled, "hung up": channel.Unsent} {
		w.Always(map[string]graph.Reply{"throttled": graph.Error(400, 4, "Application request limit reached"), "hung up": graph.HangUp}[reply])
		for name, p := range w.providers {
			got, err := p.Verify(t.Context(), w.accounts[name], webhookURL)
			if failureOf(t, err).Kind != want || got != nil {
				t.Errorf("%s, %s: got %+v, %v, want %s", name, reply, got, err, want)
			}
		}
	}
}
