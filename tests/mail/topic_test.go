package mail_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/api/inbound"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/channels"
	"github.com/quintet-agents/quintet/shared/channel/sns"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/tests/mail"
)

// serve serves the webhook of mail in this process, because its process would fetch the
// certificate from Amazon. Everything behind it is the running product.
func (s *shop) serve(t *testing.T, topic *mail.Topic) string {
	t.Helper()
	config := boot.Config{
		Table: s.Name, Endpoint: dynamotest.Endpoint(), Region: "us-east-1", AccessKeyID: "local", SecretAccessKey: "local", PrivateNetworks: "127.0.0.0/8",
	}
	for _, f := range s.Runner.Template().Functions() {
		if f.Name == "inbound-email-create" {
			config.SecretsKey, config.MailQueue = f.Environment["SECRETS_KEY_ID"], f.Environment["INBOX_MAIL_QUEUE_URL"]
		}
	}
	deps := boot.NewDeps(config)
	hook := channels.MailWebhook(deps)
	hook.Topics = sns.NewClient(&http.Client{Transport: topic}, topic.Roots, time.Now)
	mux := http.NewServeMux()
	mux.Handle("POST /api/webhooks/email/{connection_id}", inbound.MailCreate(channels.Door(deps, "email"), hook, deps.Store()))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// Mail that Amazon SES receives arrives over a topic whose signature has a chain of certificates,
// and so do bounces. An altered notification, and one of another topic, has no effect.
func TestTopic(t *testing.T) {
	s, topic := open(t), mail.NewTopic()
	b := s.connect(t, topic)
	u, err := url.Parse(b.hook)
	if err != nil {
		t.Fatal(err)
	}
	b.hook = s.serve(t, topic) + u.Path

	b.post(t, topic.Confirmation("abc"), http.StatusOK)
	want := []url.Values{{"Action": {"ConfirmSubscription"}, "TopicArn": {topic.ARN}, "Token": {"abc"}, "Version": {"2010-03-31"}}}
	if d := cmp.Diff(want, topic.Confirmed()); d != "" {
		t.Errorf("confirmations (-want +got):\n%s", d)
	}
	altered := topic.Webhook(b.letter(eve, "hello"))
	altered.Body = bytes.Replace(altered.Body, []byte("PASS"), []byte("FAIL"), 1)
	b.post(t, altered, http.StatusUnauthorized)
	other := mail.NewTopic()
	other.ARN = "arn:aws:sns:us-east-1:210987654321:mail"
	b.post(t, other.Webhook(b.letter(eve, "hello")), http.StatusUnauthorized)
	other.ARN = topic.ARN
	b.post(t, other.Webhook(b.letter(eve, "hello")), http.StatusUnauthorized)
	testThread(t, b)

	b.deliver(t, b.letter("bob@example.org", "Anybody there?"))
	a := b.expect(t, "bob@example.org", "You said: Anybody there?")
	id, _, _ := strings.Cut(a.messageID, "@")
	b.post(t, topic.Bounced(id, "bob@example.org", "5.1.1", "smtp; 550 no such user"), http.StatusOK)
	messages := []string{
		"user: Anybody there?", "assistant: You said: Anybody there? [failed The mail could not be delivered: 5.1.1 smtp; 550 no such user]",
	}
	var got []string
	eventually(t, "failed answer", func() bool {
		got = s.messages(t, s.threads(t)[0].ID)
		return strings.Contains(got[len(got)-1], "[failed")
	})
	if d := cmp.Diff(messages, got); d != "" {
		t.Errorf("messages (-want +got):\n%s", d)
	}
}
