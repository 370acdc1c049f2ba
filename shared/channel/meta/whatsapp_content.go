package meta

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/clip"
)

// content is what a message says, and what to do with it.
type content struct {
	text     string
	handling channel.Handling
	media    []channel.Media
}

// contents read the messages of each type.
var contents = map[string]func(m object) content{
	"text":            func(m object) content { return written(m.object("text").text("body")) },
	"image":           func(m object) content { return file(m, "image", channel.Answer) },
	"video":           func(m object) content { return file(m, "video", channel.Decline) },
	"audio":           func(m object) content { return file(m, "audio", channel.Decline) },
	"document":        func(m object) content { return file(m, "document", channel.Decline) },
	"sticker":         func(m object) content { return file(m, "sticker", channel.Decline) },
	"location":        func(m object) content { return answered(location(m.object("location"))) },
	"contacts":        func(m object) content { return answered(cards(m.objects("contacts"))) },
	"interactive":     func(m object) content { return interactive(m.object("interactive")) },
	"button":          func(m object) content { return chosen(m.object("button"), "text", "payload") },
	"reaction":        func(m object) content { return reaction(m.object("reaction")) },
	"order":           func(m object) content { return answered(order(m.object("order"))) },
	"request_welcome": func(object) content { return recorded("[opened the chat]") },
	"unsupported":     unsupported,
	"unknown":         unsupported,
}

func contentOf(m object) content {
	read := contents[m.text("type")]
	if read == nil {
		return recorded(mark("message of an unknown type", word(m.text("type"))))
	}
	c := read(m)
	c.text = whole(c.text)
	return c
}

// maxText is the longest text of a message that is kept, in bytes. It leaves room in a turn,
// which takes 128 KiB. People can write 65,536 characters.
const maxText = 96 << 10

func whole(text string) string {
	if len(text) <= maxText {
		return text
	}
	return clip.Text(text, maxText) + "\n[cut here: the message is longer]"
}

func answered(text string) content { return content{text: text, handling: channel.Answer} }
func declined(text string) content { return content{text: text, handling: channel.Decline} }
func recorded(text string) content { return content{text: text, handling: channel.Record} }

// written returns a text that a person wrote. Nothing can be said about a blank one.
func written(text string) content {
	if strings.TrimSpace(text) == "" {
		return recorded("[empty message]")
	}
	return answered(text)
}

// chosen returns the label of a button, or else what is behind it.
func chosen(o object, label, behind string) content {
	return written(cmp.Or(o.text(label), o.text(behind)))
}

// file returns a file with its caption. One that Meta could not deliver has an error.
func file(m object, kind string, handling channel.Handling) content {
	o := m.object(kind)
	if o.flag("voice") {
		kind = "voice message"
	}
	about := o.name("filename")
	if errs := m.objects("errors"); len(errs) > 0 {
		handling, about = channel.Decline, reasonOf(errs[0])
	}
	c := content{text: block(mark(kind, about), o.text("caption")), handling: handling}
	media := channel.Media{
		Type: strings.TrimSuffix(kind, " message"), ID: o.id("id"), URL: o.url("url"), ContentType: o.name("mime_type"), Name: o.name("filename"), SHA256: o.sha256("sha256"),
	}
	if media.ID == "" && media.URL == "" {
		c.handling = channel.Decline
		return c
	}
	c.media = []channel.Media{media}
	return c
}

func location(o object) string {
	return block("[location]", o.name("name"), o.text("address"), line(o.text("latitude"), o.text("longitude")), o.url("url"))
}

// cards returns the names and numbers of contacts.
func cards(contacts []object) string {
	var all []string
	for _, c := range contacts {
		lines := []string{"[contact]", c.object("name").name("formatted_name"), c.object("org").name("company")}
		for _, phone := range c.objects("phones") {
			lines = append(lines, cmp.Or(phone.name("phone"), phone.name("wa_id")))
		}
		for _, email := range c.objects("emails") {
			lines = append(lines, email.name("email"))
		}
		all = append(all, block(lines...))
	}
	if len(all) == 0 {
		return "[contact]"
	}
	return block(all...)
}

func order(o object) string {
	lines := []string{"[order]"}
	for _, item := range o.objects("product_items") {
		text := cmp.Or(item.name("quantity"), "1") + " x " + item.name("product_retailer_id")
		if price := item.name("item_price"); price != "" {
			text += " at " + strings.TrimSpace(price+" "+item.name("currency"))
		}
		lines = append(lines, text)
	}
	return block(append(lines, o.text("text"))...)
}

// reaction returns an emoji that was added to a message or removed from it.
func reaction(o object) content {
	if emoji := o.name("emoji"); emoji != "" {
		return recorded(mark("reaction", emoji))
	}
	return recorded("[reaction removed]")
}

func interactive(o object) content {
	kind := o.text("type")
	reply := o.object(kind)
	switch kind {
	case "button_reply":
		return chosen(reply, "title", "id")
	case "list_reply":
		c := chosen(reply, "title", "id")
		c.text = block(c.text, reply.text("description"))
		return c
	case "nfm_reply":
		return answered(form(reply))
	case "product": // a product of the catalog that the person passes on
		sku := cmp.Or(reply.name("product_retailer_id"), o.object("action").name("product_retailer_id"))
		return answered(block(mark("about the product", sku), o.object("body").text("text")))
	case "call_permission_reply":
		if reply.text("response") == "accept" {
			return recorded("[allows calls]")
		}
		return recorded("[does not allow calls]")
	}
	return declined(mark("interactive message", word(kind)))
}

// form returns the fields of a flow's answer, which is JSON in a string.
func form(reply object) string {
	lines := []string{mark("form", reply.name("name"))}
	fields, err := decode([]byte(reply.text("response_json")))
	if err != nil {
		return block(append(lines, reply.text("body"), reply.text("response_json"))...)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name == "flow_token" { // a secret between Meta and the flow's owner
			continue
		}
		text := fields.text(name)
		if text == "" {
			raw, _ := json.Marshal(fields[name])
			text = string(raw)
		}
		lines = append(lines, name+": "+text)
	}
	return block(lines...)
}

// events are messages of an unsupported type that say nothing to an agent.
var events = []string{"edit", "keep_in_chat", "pin", "poll_update"}

// unsupported returns a message that Meta does not pass on. The first message after a click on
// an ad may be such, so the person is asked to write it.
func unsupported(m object) content {
	kind := m.object("unsupported").name("type")
	text := mark("unsupported message", kind)
	if slices.Contains(events, kind) {
		return recorded(text)
	}
	if errs := m.objects("errors"); kind == "" && len(errs) > 0 {
		text = mark("unsupported message", reasonOf(errs[0]))
	}
	return declined(text)
}

// reasonOf returns an error's most precise text.
func reasonOf(e object) string {
	return cmp.Or(e.object("error_data").name("details"), e.name("details"), e.name("message"), e.name("title"))
}

// block joins the texts that are not blank, one a line.
func block(texts ...string) string { return joined(texts, "\n") }

// line joins the texts that are not blank in one line.
func line(texts ...string) string { return joined(texts, ", ") }

func joined(texts []string, separator string) string {
	kept := slices.DeleteFunc(texts, func(text string) bool { return strings.TrimSpace(text) == "" })
	return strings.Join(kept, separator)
}
