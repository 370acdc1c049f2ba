package contract_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/graph"
	"github.com/quintet-agents/quintet/tests/twilio"
)

// The accounts of the connections that webhooks are for, and their secrets.
const (
	shopNumber, shopInsta, shopPage, shopPhone = "101", "102", "103", "+15551230000"
	otherNumber, disabledNumber                = "104", "105"
	appSecret, verifyToken                     = "a", "v"
)

var twilioAccount = twilio.Account{SID: "AC00000000000000000000000000000000", Token: "t", Senders: []twilio.Sender{{From: shopPhone}}}

// sentID is the provider's id of a message that each of the connections has sent.
const sentID = "SM00000000000000000000000000000aaa"

// addChannels creates an org with a connection of each channel that has its secrets, a second
// number and a disabled one. Each has sent a message to somebody.
func (w *world) addChannels(t *testing.T) {
	t.Helper()
	w.shop = w.Org(t, 1000*ledger.Credit, generous)
	agentID := w.handy(t, w.shop).ID
	w.names["SHOP_ADDRESS"] = "shop@" + w.shop + ".invalid"
	for name, at := range map[string]struct {
		channel connection.Channel
		account string
	}{
		"WHATSAPP": {connection.WhatsApp, shopNumber}, "INSTAGRAM": {connection.Instagram, shopInsta},
		"MESSENGER": {connection.Messenger, shopPage}, "TWILIO": {connection.Twilio, shopPhone},
		"EMAIL":          {connection.Email, w.names["SHOP_ADDRESS"]},
		"OTHER_WHATSAPP": {connection.WhatsApp, otherNumber}, "DISABLED_WHATSAPP": {connection.WhatsApp, disabledNumber},
	} {
		c := connection.Connection{
			ID: connection.NewID(), OrgID: w.shop, AgentID: agentID, Channel: at.channel, Name: "Shop", Credentials: 1,
			Identifiers: map[string]string{
				"phone_number_id": at.account, "account_id": at.account, "page_id": at.account, "from": at.account, "account_sid": twilioAccount.SID,
				"address": at.account, connection.ProviderField: string(connection.Postmark),
			},
			Settings: connection.DefaultSettings(), RotatedAt: w.Now(), CreatedAt: w.Now(), UpdatedAt: w.Now(),
		}
		secrets := connection.Secrets{"access_token": "t", "app_secret": appSecret, "verify_token": verifyToken}
		if at.channel == connection.Twilio {
			secrets = connection.Secrets{"auth_token": twilioAccount.Token}
		}
		if at.channel == connection.Email {
			secrets = connection.Secrets{"username": "u", "password": "p", connection.ReplyKey: "k"}
		}
		if name == "DISABLED_WHATSAPP" {
			c = c.Disable(connection.ByOwner, w.Now())
		}
		sealed, err := connection.Seal(t.Context(), later.Credentials(w.deps(dynamotest.Endpoint(), "")), c.Owner(), secrets)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Store.CreateConnection(t.Context(), nil, c, sealed); err != nil {
			t.Fatal(err)
		}
		w.names[name] = c.ID
		w.sent(t, c)
	}
}

// sent stores a chat whose answer was sent under sentID.
func (w *world) sent(t *testing.T, c connection.Connection) {
	t.Helper()
	ref := inbox.Ref{OrgID: c.OrgID, Channel: c.Channel, ConnectionID: c.ID}
	chatID := connection.NewID()
	chat, taken := w.waiting(t, ref, chatID, channel.Inbound{ID: "first", From: channel.Person{Address: "+31600000000"}, Text: "hi"})
	r := inbox.Reply{Ref: chat.Ref, ID: "reply", Parts: []inbox.Part{{Text: "hello"}}, CreatedAt: w.Now()}
	ok, err := w.Store.FinishRun(t.Context(), chat, inbox.Ending{Taken: taken, Reply: &r})
	if err != nil || !ok {
		t.Fatalf("got %t, %v, want a finished run", ok, err)
	}
	if ok, err := w.Store.BeginPart(t.Context(), r, 0, "attempt", w.Now()); err != nil || !ok {
		t.Fatalf("got %t, %v, want a part that leaves", ok, err)
	}
	if _, err := w.Store.FinishPart(t.Context(), r, 0, inbox.Part{State: channel.Sent, Attempt: "attempt", MessageID: sentID, At: w.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := w.Store.CompleteReply(t.Context(), chat, r.ID); err != nil {
		t.Fatal(err)
	}
}

// waiting files a message of a new person and claims the chat.
func (w *world) waiting(t *testing.T, ref inbox.Ref, chatID string, m channel.Inbound) (inbox.Chat, []inbox.Pending) {
	t.Helper()
	r := w.receive(t, ref, channel.Update{Message: &m})
	ref.ChatID = chatID
	contact := inbox.Contact{ID: chatID, OrgID: ref.OrgID, ConnectionID: ref.ConnectionID, Channel: ref.Channel, Person: m.From, LastSeen: w.Now(), CreatedAt: w.Now()}
	err := w.Store.File(t.Context(), r, inbox.Names{Aliases: inbox.Aliases(m.From)}, func(inbox.Found) (inbox.Filing, error) {
		chat := inbox.Chat{Ref: ref, ContactID: chatID, QuietUntil: w.Now(), Mail: m.Mail}
		return inbox.Filing{Contact: &contact, Ownership: inbox.Ownership{Aliases: inbox.Aliases(m.From)}, Chat: &chat, Message: &inbox.Pending{Message: m, At: w.Now()}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	chat, err := w.Store.ClaimChat(t.Context(), ref, "lease", w.Now(), w.Now().Add(time.Minute))
	if err != nil || chat == nil {
		t.Fatalf("got %v, %v, want the chat", chat, err)
	}
	taken, err := w.Store.Pending(t.Context(), *chat, 1)
	if err != nil || len(taken) != 1 {
		t.Fatalf("got %v, %v, want one message", taken, err)
	}
	return *chat, taken
}

// channelWork returns all kinds of work on a connection: updates to file, chats to answer and to
// send in, and a verification, which may find problems that stop further sends.
func (w *world) channelWork(t *testing.T, name string) (work []any, verification any) {
	t.Helper()
	c, err := w.Store.Locate(t.Context(), w.names[name])
	if err != nil {
		t.Fatal(err)
	}
	if c.Channel == connection.Email {
		w.identify(t, c)
	}
	ref := inbox.Ref{OrgID: c.OrgID, Channel: c.Channel, ConnectionID: c.ID}
	ann, bob := channel.Person{Address: "+31612345678"}, channel.Person{Address: "+31612345679"}
	if c.Channel == connection.Email {
		ann.Address, bob.Address = "ann@example.com", "bob@example.com"
	}
	message := func(from channel.Person, handling channel.Handling, text string) channel.Update {
		m := channel.Inbound{ID: connection.NewID(), From: from, Type: "text", Handling: handling, Text: text}
		if c.Channel == connection.Email {
			m.Mail = &channel.Mail{MessageID: m.ID + "@example.com", InReplyTo: []string{"an-earlier@example.com"}, Subject: "Shoes"}
		}
		return channel.Update{Message: &m}
	}
	first := message(ann, channel.Answer, "hello")
	var all []any
	for _, u := range []channel.Update{
		first, message(bob, channel.Record, "[reaction]"),
		{Identity: &channel.IdentityChange{ID: "i", Before: ann, After: channel.Person{Address: "+31612345670"}}},
		{Preference: &channel.Preference{Person: ann, OptedOut: true}},
		{Correction: &channel.Correction{ID: "c", MessageID: first.Message.ID, From: ann, Text: "hello again"}},
		{Status: &channel.Status{MessageID: "unknown", State: channel.Delivered}},
	} {
		all = append(all, w.receive(t, ref, u).Ref)
	}
	// Chats whose quiet moment is over.
	for n, text := range []string{aToolCall, "[[throttle]]", "[[words 2000]]"} {
		ref := ref
		ref.ChatID = connection.NewID()
		person := ann
		person.Address = "+3162000000" + string(rune('0'+n))
		if c.Channel == connection.Email {
			person.Address = "ann" + string(rune('0'+n)) + "@example.com"
		}
		chat, _ := w.waiting(t, ref, ref.ChatID, *message(person, channel.Answer, text).Message)
		if rested, err := w.Store.RestChat(t.Context(), chat, w.Now()); err != nil || !rested {
			t.Fatalf("got %t, %v, want a free chat", rested, err)
		}
		all = append(all, ref)
	}
	ref.Verify = &inbox.Verify{ID: "v", WebhookURL: "https://example.com"}
	return all, ref
}

// identify creates the identity in SES that the mail of a connection is sent from.
func (w *world) identify(t *testing.T, c connection.Connection) {
	t.Helper()
	client := sesv2.NewFromConfig(w.deps("", "").AWS("ses", dynamotest.Endpoint()))
	_, err := client.CreateEmailIdentity(t.Context(), &sesv2.CreateEmailIdentityInput{
		EmailIdentity: new(c.Account()), Tags: []types.Tag{{Key: new(connection.IdentityTag), Value: &c.OrgID}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// receive stores an update.
func (w *world) receive(t *testing.T, ref inbox.Ref, u channel.Update) inbox.Received {
	t.Helper()
	ref.UpdateID = inbox.UpdateID(u)
	r := inbox.Received{Ref: ref, Update: u, At: w.Now()}
	if fresh, err := w.Store.Receive(t.Context(), r); err != nil || !fresh {
		t.Fatalf("got %t, %v, want a fresh update", fresh, err)
	}
	return r
}

// byMeta and byTwilio sign a request.
func byMeta(r *http.Request, body string) {
	r.Header.Set("X-Hub-Signature-256", graph.Sign(appSecret, []byte(body)).Signature)
}

func byTwilio(r *http.Request, body string) {
	fields, err := url.ParseQuery(body)
	if err != nil {
		return // the request stays unsigned
	}
	configured := "https://example.com" + strings.ToLower(r.URL.EscapedPath()) // whatever the case of the id in the request
	if r.URL.RawQuery != "" {
		configured += "?" + r.URL.RawQuery
	}
	signed := twilioAccount.Sign(configured, fields)
	r.Header.Set("X-Twilio-Signature", signed.Header.Get("X-Twilio-Signature"))
}

// verified returns dependencies behind a proxy that takes the place of the channels' workers for
// requests that wait for them: it records each verification that a worker is asked for, without a
// problem.
func verified(t *testing.T, deps *boot.Deps) *boot.Deps {
	t.Helper()
	config := deps.Config()
	target, err := url.Parse(config.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	direct := config
	direct.Endpoint = dynamotest.Endpoint()
	store, proxy := boot.NewDeps(direct).Store(), httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		for _, ref := range verifications(body) {
			v := connection.Verification{ID: ref.Verify.ID, At: time.Now()}
			if err := store.KeepVerification(r.Context(), ref.OrgID, ref.ConnectionID, 1, v); err != nil {
				t.Error(err)
			}
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	config.Endpoint = server.URL
	return boot.NewDeps(config)
}

// verifications returns the verification that a call of SQS asks a worker for, if it does.
func verifications(call []byte) []inbox.Ref {
	var sent struct{ MessageBody string }
	var ref inbox.Ref
	if json.Unmarshal(call, &sent) != nil || json.Unmarshal([]byte(sent.MessageBody), &ref) != nil || ref.Verify == nil {
		return nil
	}
	return []inbox.Ref{ref}
}
