package effect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"slices"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/request"
)

// kept are the headers of an answer that later steps can use.
var kept = []string{"content-type", "etag", "last-modified", "link", "location", "x-request-id"}

// answered is the output of an HTTP step.
type answered struct {
	Status    int               `json:"status"`
	Headers   map[string]string `json:"headers"`
	Body      any               `json:"body"` // JSON as it is, any other text as a string, also one that is nested too deeply, null if it is neither
	Truncated bool              `json:"truncated,omitempty"`
}

// judge returns the failure that an answer shows, nil for a success.
func judge(a delivery.Answer, limit time.Duration, m *request.Mask) *automation.FailedError {
	switch {
	case a.Status == 0:
		return unanswered(a.Failure, limit)
	case a.Status/100 == 2 && a.Failure != "":
		return &automation.FailedError{Message: fmt.Sprintf("The answer (status %d) ended early: %s", a.Status, a.Failure), Again: true}
	case a.Status/100 == 2:
		return nil
	case a.Status/100 == 3:
		return failed(fmt.Sprintf("The answer is a redirect (status %d), which is not followed", a.Status))
	}
	f := failed(fmt.Sprintf("The answer has the status %d", a.Status))
	if text, _ := textOf(a, m); strings.TrimSpace(text) != "" {
		f.Message += ": " + clip.Text(text, maxQuoted)
	}
	f.Again = a.Status == 408 || a.Status == 429 || a.Status/100 == 5
	f.After = min(a.RetryAfter, maxAfter)
	return f
}

// unanswered returns the failure of a request without an answer.
func unanswered(why delivery.Failure, limit time.Duration) *automation.FailedError {
	switch why {
	case delivery.NotAllowed:
		return failed("The URL leads to an address that is not allowed, such as one of a private network")
	case delivery.BadURL:
		return failed("The URL is not valid")
	case delivery.TimedOut:
		return &automation.FailedError{Message: fmt.Sprintf("There was no answer within %g seconds", limit.Seconds()), Again: true}
	}
	return &automation.FailedError{Message: fmt.Sprintf("There was no answer: %s", why), Again: true}
}

// outputOf returns an answer as later steps see it, of at most MaxOutput bytes. A longer body is
// cut, and then always a text: half of a JSON document must not pass for the whole.
func outputOf(a delivery.Answer, m *request.Mask) (json.RawMessage, error) {
	out := answered{Status: a.Status, Headers: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(a.Headers)) {
		out.Headers[name] = clip.Text(m.Hide(strings.ToValidUTF8(a.Headers[name], "\uFFFD"), false), maxQuoted)
	}
	text, readable := textOf(a, m)
	if readable && !a.More && isJSON(a) {
		text = unescaped(text, m)
	}
	switch {
	case readable && !a.More && isJSON(a) && json.Valid([]byte(text)) && automation.Depth([]byte(text)) <= automation.MaxDataDepth:
		out.Body = json.RawMessage(text)
	case readable:
		out.Body = text
	}
	out.Truncated = a.More
	encoded, err := automation.Encode(out)
	for size := MaxOutput; err == nil && len(encoded) > MaxOutput; size /= 2 {
		out.Body, out.Truncated = clip.Text(text, size), true
		encoded, err = automation.Encode(out)
	}
	return encoded, err
}

// unescaped returns a JSON document as it is, unless it has a secret in escapes such as \u006b, which
// later steps would read.
func unescaped(text string, m *request.Mask) string {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var value any
	if d.Decode(&value) != nil {
		return text
	}
	plain, err := automation.Encode(value)
	if shown := m.Hide(string(plain), false); err == nil && shown != string(plain) {
		return shown
	}
	return text
}

// textOf returns the body as a text without secrets, or false if it is none.
func textOf(a delivery.Answer, m *request.Mask) (string, bool) {
	if a.Encoding != "" && !strings.EqualFold(a.Encoding, "identity") || bytes.IndexByte(a.Body, 0) >= 0 {
		return "", false
	}
	kind := typeOf(a)
	for _, prefix := range []string{"image/", "audio/", "video/", "font/", "application/octet-stream", "application/pdf", "application/zip", "application/gzip"} {
		if strings.HasPrefix(kind, prefix) {
			return "", false
		}
	}
	return m.Hide(strings.ToValidUTF8(string(a.Body), "\uFFFD"), a.More || a.Failure != ""), true
}

// isJSON reports whether an answer says that it is JSON, or nothing about its type.
func isJSON(a delivery.Answer) bool {
	kind := typeOf(a)
	return kind == "" || kind == "application/json" || strings.HasSuffix(kind, "+json")
}

func typeOf(a delivery.Answer) string {
	kind, _, err := mime.ParseMediaType(a.Type)
	if err != nil {
		kind, _, _ = strings.Cut(strings.ToLower(a.Type), ";")
	}
	return strings.TrimSpace(kind)
}
