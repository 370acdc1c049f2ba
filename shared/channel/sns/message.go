// Package sns reads what Amazon SNS posts to an HTTPS subscription: it checks that Amazon
// signed a message, that it is of an expected topic, and confirms a subscription. It knows
// nothing of the contents: shared/channel/mail reads the notifications of Amazon SES.
//
// Read decodes a body into a Message, and Client verifies and confirms. No address in a
// message is requested before it is checked to be Amazon's.
package sns

import (
	"encoding/json"
	"errors"
)

// The types of messages.
const (
	Notification             = "Notification"
	SubscriptionConfirmation = "SubscriptionConfirmation" // Confirm completes the subscription
	UnsubscribeConfirmation  = "UnsubscribeConfirmation"  // the topic sends nothing more; there is nothing to do
)

// The errors of messages.
var (
	// ErrFormat means that a body is not a message of Amazon SNS.
	ErrFormat = errors.New("the body is not a message of Amazon SNS")

	// ErrUnsigned means that a message has no signature.
	ErrUnsigned = errors.New("the message has no signature")

	// ErrSignature means that a signature, or the place of its certificate, is not Amazon's.
	ErrSignature = errors.New("the signature is not that of Amazon SNS")

	// ErrTopic means that a message is of another topic than the connection's.
	ErrTopic = errors.New("the message is of another topic")

	// ErrUnavailable means that a certificate could not be fetched, or a subscription not be
	// confirmed. The message may be valid: Amazon should send it again.
	ErrUnavailable = errors.New("amazon SNS was not reached")
)

// Message is one message as Amazon SNS posts it, before its signature is checked.
type Message struct {
	Type             string
	MessageID        string `json:"MessageId"`
	TopicARN         string `json:"TopicArn"`
	Subject          *string
	Message          string
	Timestamp        string
	Token            string // of a confirmation
	SubscribeURL     string // of a confirmation
	SignatureVersion string
	Signature        string
	SigningCertURL   string
}

// Read decodes a body. The error is ErrFormat.
func Read(body []byte) (Message, error) {
	var m Message
	if err := json.Unmarshal(body, &m); err != nil {
		return Message{}, ErrFormat // the cause quotes the message, and errors are logged
	}
	switch m.Type {
	case Notification, SubscriptionConfirmation, UnsubscribeConfirmation:
		return m, nil
	}
	return Message{}, ErrFormat
}

// signed returns the text that Amazon signs: some fields of the message, each with its name.
// A notification without a subject leaves that field out.
func (m Message) signed() []byte {
	fields := [][2]string{{"Message", m.Message}, {"MessageId", m.MessageID}}
	if m.Type == Notification {
		if m.Subject != nil {
			fields = append(fields, [2]string{"Subject", *m.Subject})
		}
		fields = append(fields, [2]string{"Timestamp", m.Timestamp}, [2]string{"TopicArn", m.TopicARN})
	} else {
		fields = append(fields, [2]string{"SubscribeURL", m.SubscribeURL}, [2]string{"Timestamp", m.Timestamp},
			[2]string{"Token", m.Token}, [2]string{"TopicArn", m.TopicARN})
	}
	fields = append(fields, [2]string{"Type", m.Type})
	var text []byte
	for _, f := range fields {
		text = append(text, f[0]+"\n"+f[1]+"\n"...)
	}
	return text
}
