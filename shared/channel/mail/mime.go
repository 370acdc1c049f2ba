package mail

import (
	"bytes"
	"strings"

	"github.com/jhillyerd/enmime/v2"
)

// The limits of MIME. A letter beyond them keeps its head.
const (
	maxRaw        = 10 << 20 // bytes that are read; attachments behind them are not named
	maxBoundaries = 50       // so that parts are nested at most as deeply
	maxDelimiters = 10_000   // lines that can begin a part
)

// readRaw reads a raw letter.
func readRaw(raw []byte) letter {
	raw = raw[:min(len(raw), maxRaw)]
	l := letter{head: readHead(raw)}
	if l.unread = bomb(raw); l.unread != "" {
		return l
	}
	root := parse(raw, enmime.DisableCharacterDetection(true), enmime.SetCustomParseMediaType(declared))
	if root == nil {
		root = parse(raw, enmime.SetCustomParseMediaType(lenient))
	}
	if root == nil {
		l.unread = "its MIME structure is broken"
		return l
	}
	l.read(root)
	if unreadable(l) > 0 {
		l.readAgain(raw)
	}
	if isGarbage(l) {
		l.unread = "its character set is unknown"
	}
	return l
}

// parse returns the parts of a letter, or nil. Broken parts are left out or kept as far as
// they go.
func parse(raw []byte, options ...enmime.Option) *enmime.Part {
	options = append(options, enmime.SkipMalformedParts(true), enmime.MultipartWOBoundaryAsSinglePart(true),
		enmime.SetReadPartErrorPolicy(func(*enmime.Part, error) bool { return true }), enmime.MaxStoredPartErrors(1))
	root, err := enmime.NewParser(options...).ReadParts(bytes.NewReader(raw))
	if err != nil {
		return nil
	}
	return root
}

// readAgain reads a letter whose declared character set is wrong, with the one that its bytes
// look like, and keeps the reading with fewer unreadable characters.
func (l *letter) readAgain(raw []byte) {
	root := parse(raw, enmime.SetCustomParseMediaType(undeclared))
	if root == nil {
		return
	}
	again := letter{}
	again.read(root)
	if unreadable(again) < unreadable(*l) {
		l.text, l.html = again.text, again.html
	}
}

// bomb returns why a letter is too costly to parse, or an empty string.
func bomb(raw []byte) string {
	if end := bytes.Index(raw, []byte("\n\r\n")); len(raw) > maxHead && (end < 0 || end > maxHead) {
		if end = bytes.Index(raw, []byte("\n\n")); end < 0 || end > maxHead {
			return "its head is too long"
		}
	}
	if boundaries(raw) > maxBoundaries {
		return "its parts are nested too deeply"
	}
	if bytes.Count(raw, []byte("\n--")) > maxDelimiters {
		return "it has too many parts"
	}
	return ""
}

// boundaries counts the places that look like the parameter "boundary", in whatever spelling:
// each level of nested parts has one.
func boundaries(raw []byte) int {
	const name, blanks = "boundary", " \t\r\n"
	n, searched := 0, 0
	for {
		at := bytes.IndexByte(raw[searched:], '=')
		if at < 0 {
			return n
		}
		searched += at + 1
		before := raw[:searched-1]
		before = bytes.TrimRight(bytes.TrimRight(before, blanks), "*0123456789")
		before = bytes.TrimRight(before, blanks)
		if len(before) >= len(name) && strings.EqualFold(string(before[len(before)-len(name):]), name) {
			n++
		}
	}
}

// block is a piece of a letter in one or two forms.
type block struct{ text, html string }

// read takes the texts and the files of a letter from its parts.
func (l *letter) read(root *enmime.Part) {
	if root.ContentType == "multipart/report" {
		l.report = readReport(root)
	}
	blocks := l.blocks(root)
	var text, html []string
	plain := true
	for _, b := range blocks {
		plain = plain && strings.TrimSpace(b.text) != ""
		text = append(text, b.text)
		html = append(html, b.html)
	}
	switch {
	case plain:
		l.text, l.html = strings.Join(text, "\n"), strings.Join(html, "\n")
	case len(blocks) > 0: // a block has HTML only: a footer of plain text must not stand for it
		for i, b := range blocks {
			if html[i] == "" {
				html[i] = asHTML(b.text)
			}
		}
		l.html = strings.Join(html, "\n")
	}
}

// blocks returns the pieces that readers see one below the other, and collects the files.
func (l *letter) blocks(p *enmime.Part) []block {
	var all []block
	switch {
	case p.FirstChild != nil:
		for child := p.FirstChild; child != nil; child = child.NextSibling {
			all = append(all, l.blocks(child)...)
		}
		if p.ContentType == "multipart/alternative" {
			all = alternative(all)
		}
	case strings.HasPrefix(p.ContentType, "multipart/"): // it has no parts
	case isFile(p):
		f := newFile("", p.FileName, p.ContentType, p.Content)
		if f.contentType == "" {
			f.contentType = "application/octet-stream"
		}
		l.files = append(l.files, f)
	case p.ContentType == "text/html":
		all = []block{{html: utf8Text(p.Content)}}
	case len(bytes.TrimSpace(p.Content)) > 0:
		all = []block{{text: utf8Text(p.Content)}}
	}
	return all
}

// alternative joins the forms of one piece.
func alternative(all []block) []block {
	var b block
	for _, form := range all {
		if strings.TrimSpace(b.text) == "" {
			b.text = form.text
		}
		if form.html != "" {
			b.html = strings.TrimPrefix(b.html+"\n"+form.html, "\n")
		}
	}
	if b == (block{}) {
		return nil
	}
	return []block{b}
}

// isFile reports whether a part is an attachment, or something that is shown and is no text.
func isFile(p *enmime.Part) bool {
	switch {
	case p.Disposition == "attachment":
		return true
	case p.ContentType == "" || p.ContentType == "text/plain" || p.ContentType == "text/html":
		return p.FileName != "" && p.Disposition != "inline"
	case p.ContentType == "text/x-amp-html" || p.ContentType == "text/enriched":
		return false
	}
	return true
}
