package ses_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/ses"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// identify creates an identity in MiniStack, which verifies it at once.
func identify(t *testing.T, name, orgs string) *sesv2.Client {
	t.Helper()
	api := sesv2.NewFromConfig(config(dynamotest.Endpoint(), "us-east-1"))
	_, err := api.CreateEmailIdentity(t.Context(), &sesv2.CreateEmailIdentityInput{
		EmailIdentity: &name, Tags: []types.Tag{{Key: aws.String(connection.IdentityTag), Value: &orgs}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = api.DeleteEmailIdentity(t.Context(), &sesv2.DeleteEmailIdentityInput{EmailIdentity: &name})
	})
	return api
}

// recorded is what MiniStack records of a mail.
type recorded struct {
	MessageID string `json:"MessageId"`
	To        []string
	Subject   string
	BodyText  string
	BodyHTML  string `json:"BodyHtml"`
}

func mailbox(t *testing.T) map[string]recorded {
	t.Helper()
	res, err := http.Get(dynamotest.Endpoint() + "/_ministack/ses/messages")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var all struct{ Messages map[string][]recorded }
	if err := json.NewDecoder(res.Body).Decode(&all); err != nil {
		t.Fatal(err)
	}
	byID := map[string]recorded{}
	for _, mails := range all.Messages {
		for _, m := range mails {
			byID[m.MessageID] = m
		}
	}
	return byID
}

// The engine's own parser of MIME finds the subject and both texts of a mail.
func TestEngine_Send(t *testing.T) {
	identify(t, "engine.example", org)
	a := account()
	a.Name, a.Identifiers["address"] = "Käse & Söhne", "support@engine.example"
	m := outgoing()
	m.Mail.Subject, m.Text = "発送 🚚 of a long subject that needs more than one encoded word", "Grüße\n\n<b>Jo</b> https://a.example/?q=1&r=2"
	receipt, err := client(dynamotest.Endpoint(), "us-east-1").Send(t.Context(), a, m)
	if err != nil {
		t.Fatal(err)
	}
	got := mailbox(t)[receipt.MessageID]
	got.BodyText = strings.ReplaceAll(got.BodyText, "\r\n", "\n")
	html := strings.ReplaceAll(got.BodyHTML, "\r\n", "\n")
	got.BodyHTML = ""
	want := recorded{MessageID: receipt.MessageID, To: []string{home}, Subject: "Re: " + m.Mail.Subject, BodyText: m.Text}
	got.BodyText = strings.TrimSuffix(got.BodyText, "\n")
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for _, part := range []string{"<p>Grüße</p>", "&lt;b&gt;Jo&lt;/b&gt;", `href="https://a.example/?q=1&amp;r=2"`} {
		if !strings.Contains(html, part) {
			t.Errorf("got the HTML %s, want %s in it", html, part)
		}
	}
	if !strings.HasSuffix(receipt.MessageID, "@email.amazonses.com") || strings.Count(receipt.MessageID, "@") != 1 {
		t.Errorf("got the id %s", receipt.MessageID)
	}
}

// The engine refuses addresses that are not verified. Without our own check of the identity, any
// org could send from any address of the account.
func TestEngine_Identities(t *testing.T) {
	api := identify(t, "tagged.example", "another")
	a := account()
	a.Identifiers["address"] = "support@tagged.example"
	c := client(dynamotest.Endpoint(), "us-east-1")
	_, err := c.Send(t.Context(), a, outgoing())
	if f := failureOf(t, err); f.Name != "IdentityNotAssigned" {
		t.Errorf("got %v", err)
	}
	a.Identifiers["address"] = "support@unknown.example"
	_, err = c.Send(t.Context(), a, outgoing())
	if f := failureOf(t, err); f.Name != "IdentityNotFound" {
		t.Errorf("got %v", err)
	}
	// MiniStack does not show a tag that is added later.
	if _, err := api.DeleteEmailIdentity(t.Context(), &sesv2.DeleteEmailIdentityInput{EmailIdentity: aws.String("tagged.example")}); err != nil {
		t.Fatal(err)
	}
	identify(t, "tagged.example", org)
	a.Identifiers["address"] = "support@tagged.example"
	if _, err := c.Send(t.Context(), a, outgoing()); err != nil {
		t.Errorf("after the tag: got %v", err)
	}
}

// An account in the sandbox is a problem of a verification, and stops a send to a person.
func TestEngine_Sandbox(t *testing.T) {
	api := identify(t, "sandbox.example", org)
	production := func(enabled bool) {
		_, err := api.PutAccountDetails(t.Context(), &sesv2.PutAccountDetailsInput{
			MailType: types.MailTypeTransactional, WebsiteURL: aws.String("https://sandbox.example"), ProductionAccessEnabled: &enabled,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	production(false)
	defer production(true)
	a := of(connection.Mailgun, "support@sandbox.example")
	c := ses.New(config(dynamotest.Endpoint(), "us-east-1"), zone{"sandbox.example.": {"mxa.mailgun.org.": 10}}.resolver(t), func() time.Time { return at })
	got, err := c.Verify(t.Context(), a, "")
	if err != nil || len(got) != 1 || got[0].Code != "Sandbox" {
		t.Errorf("got %v, %v, want the sandbox", got, err)
	}
	_, err = c.Send(t.Context(), a, outgoing())
	if f := failureOf(t, err); f.Kind != channel.Stopped || f.Name != "EmailAddressNotVerified" {
		t.Errorf("got %v", err)
	}
	production(true)
	if got, err := c.Verify(t.Context(), a, ""); err != nil || len(got) != 0 {
		t.Errorf("with production access: got %v, %v, want no problem", got, err)
	}
}

// Each start of a local deployment assigns the identity again, with other orgs.
func TestEngine_Assign(t *testing.T) {
	c := client(dynamotest.Endpoint(), "us-east-1")
	a := account()
	a.Identifiers["address"] = "support@assigned.example"
	for _, orgs := range [][]string{{"another"}, {"another", org}} {
		if err := c.Assign(t.Context(), "assigned.example", orgs...); err != nil {
			t.Fatal(err)
		}
		_, err := c.Send(t.Context(), a, outgoing())
		if got, want := err == nil, len(orgs) > 1; got != want {
			t.Errorf("assigned to %v: got %v, want success %t", orgs, err, want)
		}
	}
}
