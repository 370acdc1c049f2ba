package meta

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// page reads an entry of a Facebook page (Messenger) or an Instagram account, which have the
// same form.
func (b *batch) page(entry object) {
	before, account := len(b.updates), entry.id("id")
	for _, e := range entry.objects("messaging") {
		b.event(account, e, false)
	}
	for _, e := range entry.objects("standby") { // another app answers them
		b.event(account, e, true)
	}
	for _, change := range entry.objects("changes") {
		value := change.object("value")
		if change.text("field") == "messages" && value.has("message") {
			b.event(account, value, false)
			continue
		}
		b.ignore(account, "the field %q is not used", word(change.text("field")))
	}
	if field := entry.text("field"); field != "" { // Instagram's comments may come so
		b.ignore(account, "the field %q is not used", word(field))
	}
	if len(b.updates) == before {
		b.ignore(account, "an entry has no events")
	}
}

// readers read the events of a conversation, by the member that names their kind.
var readers = []struct {
	member string
	read   func(b *batch, e event)
}{
	{"message", (*batch).pageMessage},
	{"postback", (*batch).postback},
	{"reaction", (*batch).pageReaction},
	{"message_edit", (*batch).pageEdit},
	{"message_edits", (*batch).pageEdit},
	{"delivery", (*batch).delivered},
	{"read", (*batch).seen},
	{"policy_enforcement", (*batch).policy},
	{"referral", (*batch).arrival},
}

// unused are the events that need nothing done.
var unused = []string{
	"account_linking", "app_roles", "message_feedback", "optin", "pass_thread_control", "request_thread_control", "response_feedback", "take_thread_control",
}

// event is one event of a conversation.
type event struct {
	object

	account string
	standby bool
	body    object // the member that names its kind
	kind    string
}

func (b *batch) event(account string, o object, standby bool) {
	e := event{object: o, account: cmp.Or(account, o.object("recipient").id("id")), standby: standby}
	for _, r := range readers {
		if o.has(r.member) {
			e.kind, e.body = r.member, o.object(r.member)
			r.read(b, e)
			return
		}
	}
	for _, name := range unused {
		if o.has(name) {
			b.ignore(e.account, "the event %q is not used", name)
			return
		}
	}
	b.ignore(e.account, "an event of an unknown kind")
}

// person returns the person of an event, who is its sender.
func (e event) person() channel.Person {
	return channel.Person{Address: e.object.object("sender").id("id")}
}

// own reports whether the business account has caused the event itself.
func (e event) own() bool {
	return e.body.flag("is_echo") || e.body.flag("is_self") || e.person().Address == e.account
}

// id returns an id for an event to which Meta gives none: a redelivery has the same.
func (e event) id() string {
	content, _ := json.Marshal(map[string]any(e.object))
	sum := sha256.Sum256(content)
	return e.kind + ":" + hex.EncodeToString(sum[:16])
}

// message adds a message of the person.
func (b *batch) message(e event, in channel.Inbound) {
	in.From, in.At = e.person(), e.moment("timestamp")
	in.ID = cmp.Or(in.ID, e.id())
	in.Text = whole(in.Text)
	switch {
	case in.From.Address == "":
		b.ignore(e.account, "the event %q has no sender", e.kind)
		return
	case e.own():
		b.ignore(e.account, "a message of the business itself")
		return
	case e.standby:
		in.Handling = channel.Record
	}
	b.add(channel.Update{Account: e.account, Message: &in})
}

func (b *batch) pageMessage(e event) {
	m := e.body
	switch {
	case m.flag("is_echo"):
		b.echo(e)
		return
	case m.flag("is_deleted"):
		b.pageCorrection(e, channel.Correction{ID: m.id("mid") + ":deleted", Withdrawn: true})
		return
	}
	c := pageContent(m)
	b.message(e, channel.Inbound{
		ID: m.id("mid"), Type: c.kind, Handling: c.handling, Text: c.text, Media: c.media, ReplyTo: m.object("reply_to").id("mid"),
	})
}

// echo reads a message that the business has sent. One that we sent has our id of the send, so
// a send whose response was lost is settled by it.
func (b *batch) echo(e event) {
	ref, id := short(e.body.text("metadata"), channel.MaxRef), e.body.id("mid")
	if ref == "" || id == "" {
		b.ignore(e.account, "a message of the business itself")
		return
	}
	b.add(channel.Update{Account: e.account, Status: &channel.Status{
		MessageID: id, Ref: ref, State: channel.Sent, At: e.moment("timestamp"),
		Person: channel.Person{Address: e.object.object("recipient").id("id")},
	}})
}

func (b *batch) postback(e event) {
	p := e.body
	c := chosen(p, "title", "payload")
	b.message(e, channel.Inbound{ID: p.id("mid"), Type: "postback", Handling: c.handling, Text: block(advert(p.object("referral")), c.text)})
}

// arrival reads how a person came to a conversation that exists already.
func (b *batch) arrival(e event) {
	b.message(e, channel.Inbound{Type: "referral", Handling: channel.Record, Text: cmp.Or(advert(e.body), "[came by a link]")})
}

// advert says which ad, link or product brought a person to write.
func advert(referral object) string {
	if referral == nil {
		return ""
	}
	ad, product := referral.object("ads_context_data"), referral.object("product").name("id")
	switch {
	case ad != nil || referral.text("source") == "ADS":
		return mark("came from the ad", line(ad.name("ad_title"), referral.name("ref")))
	case product != "":
		return mark("about the product", product)
	}
	if ref := referral.name("ref"); ref != "" {
		return mark("came by a link", ref)
	}
	return ""
}

func (b *batch) pageReaction(e event) {
	text := "[reaction removed]"
	if e.body.text("action") != "unreact" {
		text = mark("reaction", cmp.Or(e.body.name("emoji"), e.body.name("reaction")))
	}
	b.message(e, channel.Inbound{Type: "reaction", Handling: channel.Record, Text: text, ReplyTo: e.body.id("mid")})
}

// pageEdit reads an edited message. Apps in development mode get new messages so, with 0 as the
// number of the edit.
func (b *batch) pageEdit(e event) {
	mid, number := e.body.id("mid"), e.body.name("num_edit")
	if number == "0" {
		c := written(e.body.text("text"))
		b.message(e, channel.Inbound{ID: mid, Type: "text", Handling: c.handling, Text: c.text})
		return
	}
	b.pageCorrection(e, channel.Correction{ID: mid + ":edit:" + number, Text: whole(e.body.text("text"))})
}

func (b *batch) pageCorrection(e event, c channel.Correction) {
	c.MessageID, c.From, c.At = e.body.id("mid"), e.person(), e.moment("timestamp")
	switch {
	case c.MessageID == "":
		b.ignore(e.account, "a correction names no message")
	case e.own():
		b.ignore(e.account, "a message of the business itself")
	default:
		b.add(channel.Update{Account: e.account, Correction: &c})
	}
}

// delivered reads a report that names messages, or all up to a time.
func (b *batch) delivered(e event) {
	mids, _ := e.body["mids"].([]any)
	for _, mid := range mids {
		if id, ok := mid.(string); ok && short(id, maxID) != "" {
			b.status(e, channel.Status{MessageID: id, State: channel.Delivered})
		}
	}
	if len(mids) == 0 {
		b.status(e, channel.Status{UpTo: e.body.moment("watermark"), State: channel.Delivered})
	}
}

// seen reads a report that names a message (Instagram), or all up to a time (Messenger).
func (b *batch) seen(e event) {
	b.status(e, channel.Status{MessageID: e.body.id("mid"), UpTo: e.body.moment("watermark"), State: channel.Read})
}

func (b *batch) status(e event, s channel.Status) {
	s.Person, s.At = e.person(), e.moment("timestamp")
	if s.MessageID != "" {
		s.UpTo = time.Time{} // a message is more precise than a time
	}
	if s.MessageID == "" && (s.UpTo.IsZero() || s.Person.Address == "") {
		b.ignore(e.account, "the event %q names no message", e.kind)
		return
	}
	b.add(channel.Update{Account: e.account, Status: &s})
}

// policy reads that Meta has blocked or unblocked the page.
func (b *batch) policy(e event) {
	if e.body.text("action") != "block" {
		b.ignore(e.account, "the page is not blocked")
		return
	}
	b.add(channel.Update{Account: e.account, Notice: &channel.Notice{
		Code: "block", Message: sentence("Meta has blocked the page from sending messages", e.body.name("reason")),
		Action: "Look at the page's support inbox, and appeal there.", Stops: true, At: e.moment("timestamp"),
	}})
}
