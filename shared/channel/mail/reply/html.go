package reply

import (
	"html"
	"regexp"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel/markdown"
)

var (
	blankLines = regexp.MustCompile(`\n[ \t]*\n\s*`)
	links      = regexp.MustCompile(`https?://[^\s<>"'` + "`" + `]+`)
)

// pageOf returns the HTML page of a text. An agent writes Markdown, as models do; what a person
// wrote is shown as it is.
func pageOf(text string, human bool) string {
	body := htmlOf(text)
	if !human {
		body = "<div dir=\"auto\">\n" + markdown.HTML(text) + "</div>\n"
	}
	return "<!DOCTYPE html>\n<html>\n<body>\n" + body + "</body>\n</html>\n"
}

// htmlOf returns a text as simple HTML: paragraphs, line breaks and links, and everything else
// escaped.
func htmlOf(text string) string {
	var out strings.Builder
	for _, paragraph := range blankLines.Split(text, -1) {
		out.WriteString(`<p dir="auto">`)
		out.WriteString(strings.ReplaceAll(linked(paragraph), "\n", "<br>\n"))
		out.WriteString("</p>\n")
	}
	return out.String()
}

// linked returns an escaped text whose URLs are links.
func linked(text string) string {
	var out strings.Builder
	end := 0
	for _, at := range links.FindAllStringIndex(text, -1) {
		url := trimURL(text[at[0]:at[1]])
		if strings.HasSuffix(url, "/") && strings.Count(url, "/") == 2 { // no host
			continue
		}
		out.WriteString(html.EscapeString(text[end:at[0]]))
		escaped := html.EscapeString(url)
		out.WriteString(`<a href="` + escaped + `">` + escaped + `</a>`)
		end = at[0] + len(url)
	}
	out.WriteString(html.EscapeString(text[end:]))
	return out.String()
}

// trimURL removes what belongs to the sentence around a URL: punctuation at its end, and a
// closing bracket that it does not open. The slashes before the host stay.
func trimURL(url string) string {
	round := strings.Count(url, ")") - strings.Count(url, "(")
	square := strings.Count(url, "]") - strings.Count(url, "[")
	for {
		switch last := url[len(url)-1]; {
		case strings.IndexByte(".,;:!?*_~", last) >= 0:
		case last == ')' && round > 0:
			round--
		case last == ']' && square > 0:
			square--
		default:
			return url
		}
		url = url[:len(url)-1]
	}
}
