package mail

import (
	"strings"
	"unicode/utf8"

	"github.com/jhillyerd/enmime/v2/mediatype"
)

// declared parses a content type. ASCII is no declaration: programs write it without a look at
// the text.
func declared(contentType string) (kind string, params map[string]string, invalid []string, err error) {
	kind, params, invalid, err = mediatype.ParseWithOptions(contentType, mediatype.ParseOptions{StripMediaTypeInvalidCharacters: true})
	switch strings.ToLower(params["charset"]) {
	case "us-ascii", "ascii", "ansi_x3.4-1968", "default", "unknown-8bit", "x-unknown":
		delete(params, "charset")
	}
	return kind, params, invalid, err
}

// undeclared parses a content type and leaves out the character set, because it was wrong.
func undeclared(contentType string) (kind string, params map[string]string, invalid []string, err error) {
	kind, params, invalid, err = declared(contentType)
	delete(params, "charset")
	return kind, params, invalid, err
}

// lenient parses a content type and takes one that is broken for plain text.
func lenient(contentType string) (kind string, params map[string]string, invalid []string, err error) {
	if kind, params, invalid, err = declared(contentType); err == nil {
		return kind, params, invalid, nil
	}
	return "text/plain", nil, nil, nil
}

// unreadable counts the characters of a letter's texts that are in no known character set.
func unreadable(l letter) int { return strings.Count(l.text+l.html, "\uFFFD") }

// isGarbage reports whether so many characters are unreadable that no word can be understood.
func isGarbage(l letter) bool {
	const part = 4
	return unreadable(l)*part > utf8.RuneCountInString(l.text+l.html)
}
