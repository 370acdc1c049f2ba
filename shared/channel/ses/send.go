package ses

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail/reply"
	"github.com/quintet-agents/quintet/shared/connection"
)

// sendTime bounds a send. It is shorter than channel.SendTime.
const sendTime = 20 * time.Second

// refTag is the tag of a mail with our own id of the send. Events of SES repeat it, where the
// account publishes them. A tag has no slashes, so there are underscores in their place.
const refTag = "quintet-send"

// Send sends one mail. MessageID of the receipt is the id that an answer has in In-Reply-To,
// without angle brackets: SES replaces the mail's own. The error is a *channel.SendError.
func (c *Client) Send(ctx context.Context, a channel.Account, m channel.Outgoing) (channel.Receipt, error) {
	if m.Template != nil {
		return channel.Receipt{}, &channel.SendError{Kind: channel.Rejected, Message: "Mail has no templates"}
	}
	letter := letterOf(a, m)
	letter.At = c.now()
	built, err := reply.Build(letter)
	if err != nil {
		return channel.Receipt{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	if f := c.mayUse(ctx, a.Connection); f != nil {
		return channel.Receipt{}, f
	}
	id, f := c.send(ctx, built, m.Ref)
	if f != nil {
		return channel.Receipt{}, f
	}
	body, err := json.Marshal(map[string]string{"MessageId": id})
	return channel.Receipt{Body: body, MessageID: c.messageID(id), ContactID: built.To}, err
}

// letterOf returns the letter of a message. The token of the message is the chat's id, which
// leaves the service signed only.
func letterOf(a channel.Account, m channel.Outgoing) reply.Letter {
	l := reply.Letter{
		Name: a.Name, Address: a.Identifiers["address"], To: m.To, Text: m.Text, Human: m.Human, Ref: m.Ref,
		Key: []byte(a.Secrets[connection.ReplyKey]),
	}
	if m.Mail == nil {
		return l
	}
	l.Head = *m.Mail
	l.Head.Token = ""
	if chat, err := uuid.Parse(m.Mail.Token); err == nil {
		l.Head.Token = reply.Token(l.Key, chat)
	}
	return l
}

// send makes the request, and returns the id that SES gave the mail.
func (c *Client) send(ctx context.Context, mail reply.Built, ref string) (id string, f *channel.SendError) {
	var sent atomic.Bool // the trace runs in the transport's goroutines
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	out, err := c.api.SendEmail(ctx, &sesv2.SendEmailInput{
		Content:     &types.EmailContent{Raw: &types.RawMessage{Data: mail.Raw}},
		Destination: &types.Destination{ToAddresses: []string{mail.To}}, // the envelope's; the sender's is in the mail
		EmailTags:   []types.MessageTag{{Name: aws.String(refTag), Value: aws.String(strings.ReplaceAll(ref, "/", "_"))}},
	}, func(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} })
	switch {
	case err != nil:
		return "", failureOf(err, sent.Load())
	case aws.ToString(out.MessageId) == "":
		return "", unknown(errNoMessage)
	}
	return *out.MessageId, nil
}

// messageID returns the Message-ID of a mail by the id that SES returned: in us-east-1 its
// domain has another form than elsewhere.
func (c *Client) messageID(id string) string {
	if strings.Contains(id, "@") {
		return id
	}
	region := map[string]string{"us-east-1": "email"}[c.region]
	return id + "@" + cmp.Or(region, c.region) + ".amazonses.com"
}
