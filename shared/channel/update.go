package channel

import "time"

// Update is one thing that a provider's webhook reports. Exactly one of the fields below
// Account is set.
type Update struct {
	// Account is the provider's id of the business account that the update is addressed to:
	// a phone number id, a page, an Instagram account, a Twilio number or a mail address. It
	// is empty for a Notice about a WhatsApp business account, which may have several numbers,
	// and may be empty for what is Ignored.
	Account string

	Message    *Inbound
	Status     *Status
	Identity   *IdentityChange
	Correction *Correction
	Preference *Preference
	Notice     *Notice
	Ignored    string // why there is nothing to do, for the log
}

// Person is somebody at the other end of a channel, as the provider names them. At least one
// of the ids is set.
type Person struct {
	Address  string // what a reply is sent to: a phone number, a page-scoped id, a mail address
	UserID   string // WhatsApp's business-scoped user id, which stays if the number is hidden
	ParentID string // the user id in the scope of the parent portfolio
	Name     string // as the person or the provider wrote it; may be empty
	Username string
}

// Inbound is one message that a person sent.
type Inbound struct {
	ID       string // the provider's id; a redelivery has the same
	From     Person
	At       time.Time // the provider's time of the message; zero: it gave none
	Type     string    // as in "text", "image" or "location", in the provider's words
	Handling Handling
	Text     string // what the person wrote or chose, or a description of what was sent
	Media    []Media
	ReplyTo  string // the provider's id of the message that this one answers; may be empty
	Consent  Consent
	Mail     *Mail // set for email only
}

// Handling says what to do with a message.
type Handling string

// What to do with a message.
const (
	Answer  Handling = "answer"  // the agent answers it
	Decline Handling = "decline" // it cannot be read: it is named in the thread and answered with the connection's unsupported_text
	Record  Handling = "record"  // it is kept in the thread and not answered
)

// Consent is what a message says about receiving further ones.
type Consent string

// The kinds of consent. OptOut and OptIn change the contact; the provider itself answers such
// a message, or the law forbids an answer, so its Handling is Record.
const (
	NoConsent Consent = ""
	OptOut    Consent = "opt_out"
	OptIn     Consent = "opt_in"
)

// Media is a file that belongs to a message. It is fetched when it is used: ids and URLs expire.
type Media struct {
	Type        string // image, audio, voice, video, document, sticker, ...
	ID          string // the provider's id; empty: there is only a URL
	URL         string
	ContentType string
	Name        string // the file's name; may be empty
	Size        int64  // in bytes; 0: unknown
	SHA256      string // base64; empty: unknown
}

// Mail is what only a mail has.
type Mail struct {
	MessageID  string   // without angle brackets
	InReplyTo  []string // message ids, without angle brackets
	References []string // oldest first
	Token      string   // from the plus part of the recipient's address; empty: none
	Subject    string
	ReplyTo    string // the address that an answer goes to
	Automatic  string // why the mail was not written by a person; empty: it was
}

// Status is what became of a message that was sent.
type Status struct {
	MessageID string    // the provider's id
	Ref       string    // our id of the send; empty: the provider repeats none
	State     State     // Sent, Delivered, Read, Played or Failed
	At        time.Time // zero: the provider gave none
	Price     Price
	Failure   *SendError // why it is Failed

	// UpTo replaces MessageID where a provider reports all messages to a person up to a time.
	UpTo   time.Time
	Person Person // the recipient; may be empty
}

// Price is the category that a provider charges a message by; empty fields are unknown.
type Price struct {
	Type     string
	Category string
}

// IdentityChange reports that a person has other ids from now on.
type IdentityChange struct {
	ID     string // the provider's id of the report
	Before Person
	After  Person
	At     time.Time
}

// Correction reports that a person changed or withdrew a message.
type Correction struct {
	ID        string // the provider's id of the report
	MessageID string // of the message
	From      Person
	Text      string // the new text
	Withdrawn bool   // the message is to be blanked
	At        time.Time
}

// Preference reports what a person told the provider about templates.
type Preference struct {
	Person   Person
	OptedOut bool
	At       time.Time
}

// Notice reports something about the account itself.
type Notice struct {
	Code    string // the provider's word or number
	Message string // in words, safe to show
	Action  string // what the owner can do; may be empty
	Stops   bool   // nothing can be sent until the owner acts
	At      time.Time
}
