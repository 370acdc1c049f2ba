package inbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/quintet-agents/quintet/shared/api/inbound"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/channel/ses"
	"github.com/quintet-agents/quintet/shared/channel/sns"
	"github.com/quintet-agents/quintet/shared/channel/twilio"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/tests/graph"
	letters "github.com/quintet-agents/quintet/tests/mail"
	"github.com/quintet-agents/quintet/tests/mortal"
	sms "github.com/quintet-agents/quintet/tests/twilio"
)

// What people write and are called in this test, so that it is found wherever it is logged. Ids of
// messages have a mark too: WhatsApp's contain the person's number.
const (
	marked       = "mark"
	markedNumber = "31699887766"
)

var personal = regexp.MustCompile("(?i)[^t]" + marked + "|" + markedNumber) // Postmark is nobody

// logged collects what is logged.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// listen collects the logs of a test.
func listen(t *testing.T) *logged {
	t.Helper()
	l, before := &logged{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })
	return l
}

// check fails the test for each line with something personal.
func (l *logged) check(t *testing.T, least int) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(l.b.String()), "\n")
	if len(lines) < least {
		t.Errorf("got %d lines, want at least %d: %s", len(lines), least, lines)
	}
	for _, line := range lines {
		if personal.MatchString(line) {
			t.Errorf("got %s, want nothing of the person", line)
		}
	}
}

// refusing is a provider's API that refuses everything, and repeats the person's number and name,
// in the forms of Meta, Twilio and AWS.
func refusing(t *testing.T) string {
	t.Helper()
	words := "Mark Marked at " + markedNumber + " <mark@example.org> cannot be reached"
	body, err := json.Marshal(map[string]any{
		"error": map[string]any{"message": words, "code": 131026, "error_data": map[string]any{"details": words}},
		"code":  21211, "message": words,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amzn-Errortype", "BadRequestException")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// door is a webhook of a world's connection with the real provider's client behind it.
type door struct {
	*world

	handler http.Handler
	worker  *inbox.Worker
}

const publicURL = "https://quintet.example"

// door opens the webhook of a new connection.
func (h *hall) door(t *testing.T, c connection.Channel, identifiers map[string]string, secrets map[string]string, p channel.Provider, transport http.RoundTripper) *door {
	t.Helper()
	w := h.world(t)
	w.connection.ID, w.connection.Channel, w.connection.Identifiers = connection.NewID(), c, identifiers
	sealed := connection.Sealed{}
	for name, text := range secrets {
		sealed[name] = []byte(text)
	}
	if err := h.Store.CreateConnection(t.Context(), nil, w.connection, sealed); err != nil {
		t.Fatal(err)
	}
	accounts := &inbox.Accounts{Store: h.Store, Opener: plain{}}
	d := &inbound.Door{Channel: c, Connections: h.Store, Accounts: accounts, Receiver: w.receiver, Now: h.now}
	out := &door{world: w, worker: w.process(mortal.Immortal()).Worker}
	out.worker.Providers = func(connection.Channel) channel.Provider { return p }
	switch c {
	case connection.Twilio:
		out.handler = inbound.TwilioCreate(d)
	case connection.Email:
		client := &http.Client{Transport: transport}
		out.handler = inbound.MailCreate(d, &mail.Webhook{Topics: sns.NewClient(client, nil, h.now), Now: h.now}, h.Store)
	default:
		out.handler = inbound.MetaCreate(d)
	}
	return out
}

func (d *door) url() string { return d.connection.WebhookURL(publicURL) }

// post delivers a request and has workers handle what follows.
func (d *door) post(t *testing.T, header http.Header, body []byte, query string) {
	t.Helper()
	r := httptest.NewRequestWithContext(wire.WithBaseURL(t.Context(), publicURL), http.MethodPost, d.connection.WebhookURL("")+query, bytes.NewReader(body))
	r.Header = header
	r.SetPathValue("connection_id", d.connection.ID)
	d.handler.ServeHTTP(httptest.NewRecorder(), r)
	handle := boot.Batch(func(ctx context.Context, m boot.Message) error { return d.worker.Work(ctx, []byte(m.Body)) })
	for range 50 {
		m, ok := d.next(d.now().Add(time.Hour))
		if !ok {
			return
		}
		if m.at.After(d.now()) {
			d.sleep(m.at.Sub(d.now()))
		}
		if _, err := handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{Body: string(m.body)}}}); err != nil {
			t.Fatal(err)
		}
	}
}

// Nothing that a person wrote or is called is logged, on any channel, whatever becomes of the
// message: answered and refused by the provider, declined, ignored, unreadable, not authentic.
func TestLogs_NothingPersonal(t *testing.T) {
	h := openHall(t)
	api := refusing(t)
	out := listen(t)
	h.overMeta(t, api)
	h.overTwilio(t, api)
	h.overMail(t, api)
	out.check(t, 60)
}

func (h *hall) overMeta(t *testing.T, api string) {
	t.Helper()
	client := meta.NewClient(http.DefaultClient, api, meta.DefaultVersion)
	client.InstagramURL = api
	secrets := map[string]string{"access_token": "token-of-the-account", "app_secret": "s", "verify_token": "v"}
	person := graph.Person{Phone: markedNumber, UserID: "NL.mark", Name: "Marked Person"}
	whatsApp := h.door(t, connection.WhatsApp, map[string]string{"phone_number_id": "106540352242922"}, secrets, meta.WhatsApp{Client: client}, nil)
	server := graph.Start(t, graph.Number{ID: "106540352242922"})
	server.SetApp(graph.App{Secret: "s"})
	number, other := graph.Number{ID: "106540352242922", AccountID: "2"}, graph.Number{ID: "106540352242923", AccountID: "2"}
	send := func(d *door, hook graph.Webhook) {
		req, err := hook.Request(d.url())
		if err != nil {
			t.Fatal(err)
		}
		d.post(t, req.Header, hook.Body, "")
	}
	at := time.Now()
	for _, change := range []graph.Change{
		graph.Text(person, "wamid.mark1", "marked text", at),
		graph.Text(graph.Person{UserID: "NL.mark"}, "wamid.mark2", "marked text [[fail]]", at),
		graph.Incoming(person, "wamid.mark3", "audio", map[string]any{"id": "mark", "mime_type": "audio/ogg"}, at),
		graph.Incoming(person, "wamid.mark4", "image", map[string]any{"id": "mark", "caption": "marked", "mime_type": "image/jpeg"}, at),
		graph.Incoming(person, "wamid.mark5", "unheard_of", map[string]any{"mark": "marked"}, at),
		graph.Incoming(person, "wamid.mark6", "system", map[string]any{"body": "marked " + markedNumber, "type": "unheard_of"}, at),
		graph.Incoming(person, "wamid.mark7", "edit", map[string]any{"original_message_id": "wamid.mark0", "message": map[string]any{"type": "text", "text": map[string]any{"body": "marked"}}}, at),
		graph.Incoming(person, "wamid.mark8", "text", "marked", at),
		graph.Text(graph.Person{}, "wamid.mark9", "marked text", at),
		graph.StatusOf(graph.Accepted{ID: "wamid.mark10", To: markedNumber, Ref: "mark/mark/0"}, "failed", 131026, at),
	} {
		send(whatsApp, server.WhatsAppWebhook(number, change))
		send(whatsApp, server.WhatsAppWebhook(other, change))
		altered := server.WhatsAppWebhook(number, change)
		altered.Body = append(altered.Body, ' ')
		send(whatsApp, altered)
	}
	for _, body := range []string{`{"object":"whatsapp_business_account","entry":"marked"}`, `{"marked":` + markedNumber, `"marked"`, markedNumber} {
		send(whatsApp, graph.Sign("s", []byte(body)))
	}
	for c, object := range map[connection.Channel]graph.Object{connection.Instagram: graph.Instagram, connection.Messenger: graph.Messenger} {
		id, p := map[string]string{"account_id": "17841400000000000"}, channel.Provider(meta.Instagram{Client: client})
		if c == connection.Messenger {
			id, p = map[string]string{"page_id": "17841400000000000"}, meta.Messenger{Client: client}
		}
		d := h.door(t, c, id, secrets, p, nil)
		send(d, server.DirectWebhook(object, "17841400000000000", graph.DirectText(markedNumber, "17841400000000000", "mid.mark1", "marked text", at)))
		send(d, server.DirectWebhook(object, "17841400000000001", graph.DirectText(markedNumber, "17841400000000001", "mid.mark2", "marked text", at)))
		for n, what := range []map[string]any{
			{"message": map[string]any{"mid": "mid.mark3", "attachments": []any{map[string]any{"type": "image", "payload": map[string]any{"url": api + "/mark?mark=1"}}}}},
			{"message": map[string]any{"mid": "mid.mark4", "is_echo": true, "text": "marked"}},
			{"marked": map[string]any{"mid": "mid.mark5"}},
			{"message_edit": map[string]any{"mid": "mid.mark6", "text": "marked", "num_edit": 1}},
			{"delivery": map[string]any{"mids": []string{"mid.mark7"}, "watermark": 1}},
		} {
			event := graph.Event{"sender": map[string]any{"id": markedNumber}, "recipient": map[string]any{"id": "17841400000000000"}, "timestamp": at.UnixMilli() + int64(n)}
			maps.Copy(event, what)
			send(d, server.DirectWebhook(object, "17841400000000000", event))
		}
	}
}

func (h *hall) overTwilio(t *testing.T, api string) {
	t.Helper()
	account := sms.Account{SID: "AC" + strings.Repeat("0", 32), Token: "token-of-the-account"}
	for n, from := range []string{"+15551230000", "whatsapp:+15551230000"} {
		d := h.door(t, connection.Twilio, map[string]string{"account_sid": account.SID, "from": from}, map[string]string{"auth_token": account.Token}, twilio.NewClient(http.DefaultClient, api, publicURL), nil)
		person := strings.Replace(from, "15551230000", markedNumber, 1)
		change := func(at int, edit func(url.Values)) {
			fields := account.Message(100*n+at, person, from, "marked text")
			fields.Set("ProfileName", "Marked Person")
			fields.Set("MessageSid", "SMmark"+fmt.Sprint(100*n+at))
			edit(fields)
			hook := account.Sign(d.url(), fields)
			d.post(t, hook.Header, hook.Body, "")
			d.post(t, hook.Header, append(hook.Body, "&Mark=marked"...), "")
		}
		change(1, func(url.Values) {})
		change(2, func(f url.Values) { f.Set("To", "+"+markedNumber); f.Set("From", from) })
		change(3, func(f url.Values) { f.Del("From") })
		change(4, func(f url.Values) { f.Set("MessageStatus", "unheard_of"); f.Set("From", "+"+markedNumber) })
		change(5, func(f url.Values) { f.Set("MessageStatus", "failed"); f.Set("From", from); f.Set("To", person) })
		change(6, func(f url.Values) {
			f.Set("NumMedia", "1")
			f.Set("MediaUrl0", api+"/2010-04-01/Accounts/"+account.SID+"/Messages/MM"+strings.Repeat("0", 32)+"/Media/ME"+strings.Repeat("0", 32)+"?mark")
			f.Set("MediaContentType0", "image/mark")
		})
		change(7, func(f url.Values) { f.Set("MessageType", "marked"); f.Del("Body") })
		hook := account.Sign(d.url(), url.Values{"Mark": {"marked"}})
		d.post(t, hook.Header, hook.Body, "")
	}
}

func (h *hall) overMail(t *testing.T, api string) {
	t.Helper()
	topic := letters.NewTopic()
	client := ses.New(aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(api), Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
	})}, net.DefaultResolver, h.now)
	for _, p := range []letters.Provider{letters.NewSendGrid(), letters.Mailgun{SigningKey: "k"}, letters.Postmark{Username: "u", Password: "p"}, topic} {
		identifiers, secrets := map[string]string{"provider": p.Name(), "address": "shop@shop.example"}, map[string]string{connection.ReplyKey: "k"}
		for name, text := range p.Credentials() {
			if name == "topic_arn" {
				identifiers[name] = text
			} else {
				secrets[name] = text
			}
		}
		d := h.door(t, connection.Email, identifiers, secrets, client, topic)
		letter := letters.Letter{
			From: `"Marked Person" <mark@example.org>`, To: "shop@shop.example", Subject: "Marked subject", ID: "mark-1@example.org", Text: "Marked text",
			References: []string{"mark-0@example.org"}, Header: [][2]string{{"X-Mark", "marked"}},
		}
		for n, edit := range []func(*letters.Letter){
			func(*letters.Letter) {},
			func(l *letters.Letter) { l.From = "" },
			func(l *letters.Letter) { l.To = "mark@shop.example" },
			func(l *letters.Letter) { l.Header = [][2]string{{"Auto-Submitted", "auto-replied"}} },
			func(l *letters.Letter) { l.ContentType, l.Body = `multipart/mixed; boundary=""`, "marked" },
			func(l *letters.Letter) {
				*l = letters.Bounce(l.To, "mark-2@example.org", "mark-3@example.org", "mark@example.org", "5.1.1", "550 marked "+markedNumber)
			},
			func(l *letters.Letter) {
				*l = letters.Bounce(l.To, "mark-4@example.org", "mark-5@example.org", "mark@example.org", "5.1.1", "550 marked")
				l.Body = strings.Replace(l.Body, "Action: failed", "Action: marked", 1)
			},
		} {
			l := letter
			l.ID = fmt.Sprintf("mark-1%d@example.org", n)
			edit(&l)
			hook := p.Webhook(l)
			d.post(t, hook.Header, hook.Body, "?mark="+markedNumber)
			d.post(t, hook.Header, bytes.Replace(hook.Body, []byte("ark"), []byte("urk mark"), 1), "")
		}
		hook := p.Webhook(letter)
		header := hook.Header
		d.post(t, header, bytes.Replace(hook.Body, []byte("Content-Disposition: form-data;"), []byte("Marked line"), 1), "")
		for _, body := range []string{`{"From":` + markedNumber + `}`, `{"RecordType":"Unheard"}`, `marked`, `{"Type":"marked","Message":"marked"}`} {
			d.post(t, header, []byte(body), "")
		}
	}
	d := h.door(t, connection.Email, map[string]string{"provider": "ses", "address": "shop@shop.example", "topic_arn": topic.ARN}, map[string]string{connection.ReplyKey: "k"}, client, topic)
	for _, hook := range []letters.Webhook{topic.Bounced("mark-6", "mark@example.org", "5.1.1", "550 marked"), topic.Publish("marked text of somebody else"), topic.Publish(`{"notificationType":"Unheard","mail":{"messageId":"mark"}}`)} {
		d.post(t, hook.Header, hook.Body, "")
	}
}
