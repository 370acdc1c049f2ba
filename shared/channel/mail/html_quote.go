package mail

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// quotes says how much of a letter an HTML element quotes.
type quotes int

const (
	notQuoted  quotes = iota
	quotedNode        // the element
	quotedRest        // the element and all that follows it
)

// quotedClasses are the classes of elements that contain the history: of Gmail, Yahoo,
// ProtonMail, Zoho, Thunderbird, Front, Superhuman and Freshdesk.
var quotedClasses = map[string]bool{
	"gmail_quote": true, "gmail_extra": true, "yahoo_quoted": true, "protonmail_quote": true, "zmail_extra": true,
	"moz-cite-prefix": true, "front-blockquote": true, "superhuman_quote": true, "freshdesk_quote": true,
	"tutanota_quote": true, "ymail_quote": true, "ntes_quote": true,
}

// restIDs are the ids of elements that Outlook places before the history.
var restIDs = map[string]bool{
	"divrplyfwdmsg": true, "appendonsend": true, "ms-outlook-mobile-reference-message": true,
	"mail-editor-reference-message-container": true, "replysplit": true,
}

// quoteOf says what of a letter an element quotes. What a mail forwards is no quote.
func quoteOf(n *html.Node, forwarded bool) quotes {
	for class := range strings.FieldsSeq(strings.ToLower(attribute(n, "class"))) {
		// Outlook prefixes ids and classes of a letter that it quotes with "x_".
		if quotedClasses[strings.TrimPrefix(class, "x_")] && !forwards(n) {
			return quotedNode
		}
	}
	id := strings.TrimPrefix(strings.ToLower(attribute(n, "id")), "x_")
	switch {
	case n.DataAtom == atom.Blockquote && strings.EqualFold(attribute(n, "type"), "cite") && !forwards(n) && !forwarded:
		return quotedNode
	case strings.HasPrefix(id, "yahoo_quoted") || id == "isforwardcontent" || n.Data == "includetail":
		return quotedNode
	case !forwarded && (restIDs[id] || isOutlookRule(n)):
		return quotedRest
	}
	return notQuoted
}

// forwards reports whether an element begins with the mark of a forwarded mail.
func forwards(n *html.Node) bool {
	const enough = 200 // bytes of text
	var text strings.Builder
	var read func(*html.Node)
	read = func(n *html.Node) {
		if n.Type == html.TextNode {
			text.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil && text.Len() < enough; c = c.NextSibling {
			read(c)
		}
	}
	read(n)
	return forwardMark.MatchString(strings.TrimSpace(text.String()))
}

// isOutlookRule reports whether an element is the block with a line above it in which Outlook
// for the desktop writes the head of the mail that is answered.
func isOutlookRule(n *html.Node) bool {
	if n.DataAtom != atom.Div {
		return false
	}
	style := strings.ReplaceAll(strings.ToLower(attribute(n, "style")), " ", "")
	return strings.HasPrefix(style, "border:none;border-top:solid#") && strings.Contains(style, "padding:3.0pt0")
}
