package connection

import (
	"fmt"
	"log/slog"
	"net/mail"
	"regexp"
	"strings"
)

// MaxSecret is the longest secret, in characters.
const MaxSecret = 2000

// ProviderField is the identifier that says which provider receives a connection's mail.
const ProviderField = "provider"

// Field is one field of a channel's credentials.
type Field struct {
	Name   string
	Rule   string // what it may be, as in "must be a string"
	Secret bool   // sealed and never shown; otherwise an identifier

	// Optional says that a connection need not have the field. Only secrets are optional.
	Optional bool

	valid func(string) bool
}

// Valid reports whether a text may be the field's value.
func (f Field) Valid(text string) bool { return f.valid(text) }

// Fields returns the fields of a channel's credentials. The provider is that of mail, and
// empty for other channels; it is a field itself, which is not among them.
func Fields(c Channel, p Provider) []Field {
	meta := []Field{secret("access_token"), secret("app_secret"), secret("verify_token")}
	switch c {
	case WhatsApp:
		return append([]Field{number("phone_number_id")}, meta...)
	case Instagram:
		return append([]Field{number("account_id")}, meta...)
	case Messenger:
		return append([]Field{number("page_id")}, meta...)
	case Twilio:
		return []Field{
			identifier("account_sid", "must be AC and 32 hexadecimal digits", `^AC[0-9a-f]{32}$`),
			secret("auth_token"),
			identifier("from", "must be a number such as +15551234567, whatsapp:+15551234567, a short code, rcs: and a sender, or a messaging service's MG and 32 hexadecimal digits",
				`^((whatsapp:)?\+[1-9][0-9]{6,14}|[0-9]{3,8}|rcs:[A-Za-z0-9_]{1,100}|MG[0-9a-f]{32})$`),
			optional(secret("secondary_auth_token")), // valid beside auth_token while that is rotated
			optional(secret("signing_key_id")),       // of the shared key that Twilio signs with where a webhook rule says so
			optional(secret("signing_key")),
		}
	case Email:
		return append([]Field{{Name: "address", Rule: "must be a mail address without a name", valid: isAddress}}, mailFields(p)...)
	}
	return nil
}

func mailFields(p Provider) []Field {
	switch p {
	case SendGrid, Mailgun:
		return []Field{secret("signing_key")}
	case Postmark:
		return []Field{secret("username"), secret("password")}
	case SES:
		return []Field{identifier("topic_arn", "must be the ARN of an Amazon SNS topic", `^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$`)}
	}
	return nil
}

func identifier(name, rule, pattern string) Field {
	return Field{Name: name, Rule: rule, valid: regexp.MustCompile(pattern).MatchString}
}

func number(name string) Field { return identifier(name, "must be 1 to 32 digits", `^[0-9]{1,32}$`) }

func secret(name string) Field {
	return Field{Name: name, Secret: true, Rule: fmt.Sprintf("must be a string of 1 to %d visible ASCII characters", MaxSecret), valid: isSecret}
}

func optional(f Field) Field {
	f.Optional = true
	return f
}

func isSecret(text string) bool {
	return text != "" && len(text) <= MaxSecret && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

func isAddress(text string) bool {
	const longest = 254
	a, err := mail.ParseAddress(text)
	return err == nil && len(text) <= longest && a.Address == text
}

// Secrets are a connection's secrets by the names of their fields. They are shown nowhere:
// what prints, logs or encodes them gets a word in their place.
type Secrets map[string]string

const hidden = "[secret]"

// String returns a word in place of the secrets.
func (Secrets) String() string { return hidden }

// GoString returns a word in place of the secrets.
func (Secrets) GoString() string { return hidden }

// LogValue returns a word in place of the secrets.
func (Secrets) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText returns a word in place of the secrets.
func (Secrets) MarshalText() ([]byte, error) { return []byte(hidden), nil }
