package twilio

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/clip"
)

// fields are the fields of a webhook.
type fields url.Values

// get returns the first value of a field as valid UTF-8.
func (f fields) get(name string) string {
	return strings.ToValidUTF8(url.Values(f).Get(name), "\uFFFD")
}

// first returns the first of some fields that is not blank.
func (f fields) first(names ...string) string {
	for _, name := range names {
		if value := f.get(name); strings.TrimSpace(value) != "" {
			return value
		}
	}
	return ""
}

// Parse reads a webhook whose signature has been verified. The query is that of its URL: it
// repeats our id of the send in status callbacks. from is the connection's own sender; where
// that is a messaging service, the updates of all its numbers are addressed to it. The error
// is ErrFormat.
func Parse(from, contentType string, query url.Values, body []byte) ([]channel.Update, error) {
	values, err := fieldsOf(contentType, body)
	if err != nil || len(values) == 0 {
		return nil, ErrFormat
	}
	f := fields(values)
	id := f.first("MessageSid", "SmsMessageSid", "SmsSid")
	if id == "" {
		return []channel.Update{{Account: f.account(from, "To"), Ignored: "the webhook names no message"}}, nil
	}
	if state := f.first("MessageStatus", "SmsStatus"); state != "" && state != "received" && state != "receiving" {
		return []channel.Update{f.status(from, id, state, query.Get(RefParameter))}, nil
	}
	return []channel.Update{f.message(from, id)}, nil
}

// account returns the sender of the connection that an update is addressed to.
func (f fields) account(from, name string) string {
	if service := f.get("MessagingServiceSid"); service != "" && service == from {
		return from
	}
	return f.get(name)
}

func (f fields) message(from, id string) channel.Update {
	u := channel.Update{Account: f.account(from, "To")}
	person := f.person("From")
	if person.Address == "" && person.UserID == "" {
		u.Ignored = "the message names no sender"
		return u
	}
	person.Name = strings.TrimSpace(f.get("ProfileName"))
	m := channel.Inbound{ID: id, From: person, ReplyTo: f.get("OriginalRepliedMessageSid"), Media: f.media()}
	m.Type = f.kind(m.Media)
	m.Text, m.Handling = f.content(m.Type, m.Media)
	var answered bool
	if m.Consent, answered = consent(f.get("To"), f.get("OptOutType"), f.get("Body")); answered {
		m.Handling = channel.Record
	}
	u.Message = &m
	return u
}

// userID is the form of WhatsApp's business-scoped user ids.
var userID = regexp.MustCompile(`^[A-Za-z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`)

// person returns the person that a field addresses. Without a phone number the field has the user id.
func (f fields) person(name string) channel.Person {
	p := channel.Person{Address: f.get(name), UserID: withoutKind(f.get("ExternalUserId")), ParentID: withoutKind(f.get("ParentExternalUserId"))}
	if id := withoutKind(p.Address); userID.MatchString(id) {
		p.Address = ""
		if p.UserID == "" {
			p.UserID = id
		}
	}
	return p
}

func withoutKind(address string) string {
	if _, rest, ok := strings.Cut(address, ":"); ok {
		return rest
	}
	return address
}

// kind returns the type of a message. SMS has no MessageType, so it is that of its first file.
func (f fields) kind(media []channel.Media) string {
	switch kind := strings.ToLower(f.get("MessageType")); {
	case kind != "":
		return kind
	case f.get("Latitude") != "" && f.get("Longitude") != "":
		return "location"
	case f.first("ButtonText", "ButtonPayload") != "":
		return "button"
	case len(media) > 0:
		return media[0].Type
	}
	return "text"
}

// content returns what the person wrote or sent, and what to do with it. Marks in brackets
// stand before the person's own words. A message whose files are all unreadable is declined,
// as its words are about them.
func (f fields) content(kind string, media []channel.Media) (string, channel.Handling) {
	text := strings.TrimSpace(f.first("Body", "ButtonText", "ListTitle", "ButtonPayload", "ListId"))
	if kind == "reaction" {
		return "[reaction: " + text + "]", channel.Record
	}
	var marks []string
	readable := len(media) == 0
	for _, m := range media {
		readable = readable || m.Type == image
		marks = append(marks, "["+m.Type+"]")
	}
	if place := f.place(); place != "" {
		marks = append(marks, place)
	}
	text = whole(lines(append(marks, text)...))
	switch {
	case !readable:
		return text, channel.Decline
	case text != "":
		return text, channel.Answer
	case kind == "text":
		return "[empty message]", channel.Record
	case slices.Contains(known, kind):
		return "[" + kind + "]", channel.Decline // without the file
	case kind == "unsupported":
		return "[unsupported message]", channel.Decline
	}
	return fmt.Sprintf("[message of an unknown type: %.40s]", kind), channel.Record
}

// known are the types of messages with a file.
var known = []string{image, "audio", "video", "document", "sticker", "contacts"}

// maxText is the longest text of a message that is kept, in bytes. It leaves room in a turn,
// which takes 128 KiB.
const maxText = 96 << 10

func whole(text string) string {
	if len(text) <= maxText {
		return text
	}
	return clip.Text(text, maxText) + "\n[cut here: the message is longer]"
}

// place describes a location.
func (f fields) place() string {
	latitude, longitude := f.get("Latitude"), f.get("Longitude")
	if latitude == "" || longitude == "" {
		return ""
	}
	return lines("[location]", strings.TrimSpace(f.get("Label")), strings.TrimSpace(f.get("Address")), latitude+", "+longitude)
}

func lines(texts ...string) string {
	kept := make([]string, 0, len(texts))
	for _, text := range texts {
		if text != "" {
			kept = append(kept, text)
		}
	}
	return strings.Join(kept, "\n")
}

// maxMedia is the most files of a message. Twilio allows ten.
const maxMedia = 20

// image is the type of files that models can read.
const image = "image"

func (f fields) media() []channel.Media {
	n, err := strconv.Atoi(f.get("NumMedia"))
	if err != nil {
		return nil
	}
	var all []channel.Media
	for i := range min(n, maxMedia) {
		index := strconv.Itoa(i)
		address := f.get("MediaUrl" + index)
		if address == "" {
			continue
		}
		contentType := f.get("MediaContentType" + index)
		all = append(all, channel.Media{
			Type: mediaType(f.get("MessageType"), contentType), ID: address[strings.LastIndexByte(address, '/')+1:],
			URL: address, ContentType: contentType,
		})
	}
	return all
}

// mediaType returns the type of a file. Stickers are images that say nothing.
func mediaType(message, contentType string) string {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), "/")
	switch {
	case strings.EqualFold(message, "sticker"):
		return "sticker"
	case kind == image || kind == "audio" || kind == "video":
		return kind
	case strings.Contains(strings.ToLower(contentType), "vcard"):
		return "contacts"
	}
	return "document"
}
