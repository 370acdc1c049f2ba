package meta

import (
	"cmp"

	"github.com/quintet-agents/quintet/shared/channel"
)

// pageText is the content of a message of Instagram or Messenger.
type pageText struct {
	content

	kind string
}

// shapes are the types of attachments, with the words for them. Types that are missing here are
// declined under their own name.
var shapes = map[string]struct {
	words    string
	handling channel.Handling
	file     bool
}{
	"image":         {words: "image", handling: channel.Answer, file: true},
	"audio":         {words: "voice message", handling: channel.Decline, file: true},
	"video":         {words: "video", handling: channel.Decline, file: true},
	"file":          {words: "file", handling: channel.Decline, file: true},
	"sticker":       {words: "sticker", handling: channel.Decline, file: true},
	"story_mention": {words: "mentioned you in a story", handling: channel.Record},
	"share":         {words: "shared post", handling: channel.Decline},
	"ig_post":       {words: "shared post", handling: channel.Decline},
	"reel":          {words: "shared reel", handling: channel.Decline},
	"ig_reel":       {words: "shared reel", handling: channel.Decline},
	"ig_story":      {words: "shared story", handling: channel.Decline},
	"fallback":      {words: "link", handling: channel.Answer},
	"location":      {words: "location", handling: channel.Answer},
	"template":      {words: "template", handling: channel.Decline},
}

// maxMedia is the largest number of files of a message that are kept.
const maxMedia = 30

// pageContent returns what a message says. A text is answered with any attachment.
func pageContent(m object) pageText {
	text := cmp.Or(m.text("text"), m.object("quick_reply").text("payload"))
	c := pageText{kind: "text"}
	lines := []string{story(m.object("reply_to")), advert(m.object("referral"))}
	found := map[channel.Handling]bool{}
	for _, o := range m.objects("attachments") {
		part := attachment(o)
		c.kind = cmp.Or(word(o.text("type")), "attachment")
		lines, c.media = append(lines, part.text), append(c.media, part.media...)
		found[part.handling] = true
	}
	switch body := written(text); {
	case body.handling == channel.Answer:
		c.handling, lines = channel.Answer, append(lines, text)
	case m.flag("is_unsupported"):
		c.kind, c.handling, lines = "unsupported", channel.Decline, append(lines, "[unsupported message]")
	case found[channel.Answer]:
		c.handling = channel.Answer
	case found[channel.Decline]:
		c.handling = channel.Decline
	case found[channel.Record]:
		c.handling = channel.Record
	default:
		c.handling, lines = body.handling, append(lines, body.text)
	}
	c.text, c.media = block(lines...), c.media[:min(len(c.media), maxMedia)]
	return c
}

// story says that a message answers a story of the business.
func story(replyTo object) string {
	if replyTo.has("story") {
		return "[replies to your story]"
	}
	return ""
}

func attachment(o object) content {
	kind, payload := o.text("type"), o.object("payload")
	if payload.text("sticker_id") != "" {
		kind = "sticker"
	}
	shape, known := shapes[kind]
	if !known {
		return declined(mark("attachment", word(kind)))
	}
	title := cmp.Or(payload.name("title"), o.name("title"))
	c := content{handling: shape.handling, text: mark(shape.words, title)}
	switch {
	case kind == "location":
		at := payload.object("coordinates")
		c.text = block("[location]", title, line(at.text("lat"), at.text("long")))
	case kind == "fallback":
		c.text = mark(shape.words, line(title, cmp.Or(payload.url("url"), o.url("url"))))
	case kind == "template":
		if products := products(payload); products != "" {
			return answered(products)
		}
	case shape.file:
		return pageFile(c, kind, payload)
	}
	return c
}

// pageFile adds the file of an attachment. One without a URL cannot be read.
func pageFile(c content, kind string, payload object) content {
	url := payload.url("url")
	if url == "" {
		c.handling = channel.Decline
		return c
	}
	if kind == "audio" {
		kind = "voice"
	}
	c.media = []channel.Media{{Type: kind, ID: payload.id("attachment_id"), URL: url}}
	return c
}

// products returns the products of the catalog that a template shows.
func products(payload object) string {
	var lines []string
	for _, p := range payload.object("product").objects("elements") {
		lines = append(lines, mark("about the product", line(p.name("title"), p.name("subtitle"), cmp.Or(p.name("retailer_id"), p.name("id")))))
	}
	return block(lines...)
}
