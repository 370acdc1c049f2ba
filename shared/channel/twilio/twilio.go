// Package twilio speaks Twilio's webhooks and its API for messages: SMS, WhatsApp and RCS.
//
// VerifySignature decides whether a webhook is Twilio's. Parse turns a verified one into
// updates: a message that a person sent, or a status of one that we sent. Client is the
// channel.Provider; it makes each request once, and the Kind of a channel.SendError says
// whether a repetition is safe. The package stores nothing and serves no route.
//
// The shapes are those of Twilio's pages "Twilio's Request to your Incoming Message Webhook
// URL", "Outbound Message Status in Status Callbacks" and "Webhooks Security", and of its
// published OpenAPI documents (github.com/twilio/twilio-oai: twilio_api_v2010,
// twilio_messaging_v1 and v2).
package twilio

// The acknowledgement of a webhook: TwiML without a reply. Answers are sent over the API.
const (
	Acknowledgement     = `<?xml version="1.0" encoding="UTF-8"?><Response></Response>`
	AcknowledgementType = "text/xml"
)

// RefParameter is the parameter of a status callback's URL that repeats our id of the send.
const RefParameter = "ref"
