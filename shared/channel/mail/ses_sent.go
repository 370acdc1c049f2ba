package mail

import (
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
)

type sesBounce struct {
	Type       string `json:"bounceType"`
	Timestamp  string `json:"timestamp"`
	Recipients []struct {
		Address string `json:"emailAddress"`
		Status  string `json:"status"`
		Code    string `json:"diagnosticCode"`
	} `json:"bouncedRecipients"`
}

type sesComplaint struct {
	Timestamp  string `json:"timestamp"`
	Recipients []struct {
		Address string `json:"emailAddress"`
	} `json:"complainedRecipients"`
}

// sent returns the states of a mail that was sent.
func (n sesNotification) sent(kind, account, region string) []channel.Update {
	status := channel.Status{MessageID: sesMessageID(n.Mail.MessageID, region)}
	for _, h := range n.Mail.Headers {
		if strings.EqualFold(h.Name, sendIDField) {
			status.Ref = clip(clean(h.Value), channel.MaxRef)
		}
	}
	switch {
	case n.Mail.MessageID == "":
		return ignored(account, "a notification of Amazon SES about no mail: "+clip(clean(kind), maxReason))
	case kind == "Bounce":
		status.State, status.At = channel.Failed, sesTime(n.Bounce.Timestamp)
		status.Failure = &channel.SendError{Kind: channel.Undeliverable, Message: "The mail could not be delivered"}
		for _, r := range n.Bounce.Recipients[:min(len(n.Bounce.Recipients), 1)] { // our mails have one
			status.Person = channel.Person{Address: addressOf(r.Address)}
			status.Failure.Details = clip(strings.TrimSpace(clean(r.Status)+" "+clean(r.Code)), maxDetails)
		}
	case kind == "Delivery":
		status.State, status.At = channel.Delivered, sesTime(n.Delivery.Timestamp)
	case kind == "Complaint" && len(n.Complaint.Recipients) > 0:
		return []channel.Update{{Account: account, Preference: &channel.Preference{
			Person: channel.Person{Address: addressOf(n.Complaint.Recipients[0].Address)}, OptedOut: true, At: sesTime(n.Complaint.Timestamp),
		}}}
	default:
		return ignored(account, "a notification of Amazon SES of the type "+clip(clean(kind), maxReason))
	}
	return []channel.Update{{Account: account, Status: &status}}
}

// sesMessageID returns the message id that SES gave a mail in a region, from the id in its
// notifications.
func sesMessageID(id, region string) string {
	if region == "us-east-1" {
		return clean(id) + "@email.amazonses.com"
	}
	return clean(id) + "@" + region + ".amazonses.com"
}
