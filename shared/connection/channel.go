package connection

import "slices"

// Channel is a kind of account that messages arrive through.
type Channel string

// The channels.
const (
	WhatsApp  Channel = "whatsapp"
	Instagram Channel = "instagram"
	Messenger Channel = "messenger"
	Twilio    Channel = "twilio" // SMS, or WhatsApp through Twilio
	Email     Channel = "email"
)

// Channels lists all channels.
func Channels() []Channel { return []Channel{WhatsApp, Instagram, Messenger, Twilio, Email} }

// Known reports whether there is such a channel.
func (c Channel) Known() bool { return slices.Contains(Channels(), c) }

// Vendor is the operator of some channels, which share a worker and its queue. The providers of
// mail count as one.
type Vendor string

// The vendors.
const (
	MetaVendor   Vendor = "meta"
	TwilioVendor Vendor = "twilio"
	MailVendor   Vendor = "mail"
)

// Vendors lists all vendors.
func Vendors() []Vendor { return []Vendor{MetaVendor, TwilioVendor, MailVendor} }

// Vendor returns the vendor of the channel.
func (c Channel) Vendor() Vendor {
	switch c {
	case Twilio:
		return TwilioVendor
	case Email:
		return MailVendor
	}
	return MetaVendor
}

// Provider is a service that receives an org's mail. Other channels have no choice of one.
type Provider string

// The providers of mail.
const (
	SendGrid Provider = "sendgrid"
	Mailgun  Provider = "mailgun"
	Postmark Provider = "postmark"
	SES      Provider = "ses"
)

// Providers lists the providers of mail.
func Providers() []Provider { return []Provider{SendGrid, Mailgun, Postmark, SES} }
