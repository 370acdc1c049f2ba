package tool

import (
	"bytes"
	"fmt"
	"mime"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/request"
)

// longer ends a result that was cut.
var longer = fmt.Sprintf("\n[The answer is longer than %d KiB. The rest was not read.]", MaxResult>>10)

// read returns an answer as the model gets it, and whether the call has failed.
func read(a delivery.Answer, limit time.Duration, m *request.Mask) (text string, failed bool) {
	cut := a.More || a.Failure != ""
	body := m.Hide(strings.ToValidUTF8(string(a.Body), "\uFFFD"), cut)
	a.Location, a.Encoding, a.Type = m.Hide(a.Location, false), m.Hide(a.Encoding, false), m.Hide(a.Type, false) // before they are shortened
	switch {
	case a.Status == 0:
		return noAnswer(a.Failure, limit), true
	case a.Status/100 == 3:
		return fmt.Sprintf("The tool answered with a redirect (%d) to %s, which is not followed.", a.Status, clipped(a.Location)), true
	case a.Encoding != "" && !strings.EqualFold(a.Encoding, "identity"):
		return fmt.Sprintf("The tool's answer (status %d) is encoded as %s, which was not asked for and is not read.", a.Status, clipped(a.Encoding)), true
	case !isText(a):
		return fmt.Sprintf("The tool's answer (status %d) is %s, which is no text.", a.Status, typeOf(a)), true
	case a.Failure != "":
		return fmt.Sprintf("The tool's answer (status %d) ended early: %s. It began: %s", a.Status, a.Failure, clip.Text(body, maxFailureShown)), true
	case a.Status/100 != 2:
		return fmt.Sprintf("The tool answered with status %d: %s", a.Status, orNothing(clip.Text(body, maxFailureShown))), true
	case a.More || len(body) > MaxResult:
		return clip.Text(body, MaxResult-len(longer)) + longer, false
	case strings.TrimSpace(body) == "":
		return fmt.Sprintf("The tool answered with status %d and no content.", a.Status), false
	}
	return body, false
}

func orNothing(body string) string {
	if strings.TrimSpace(body) == "" {
		return "no content"
	}
	return body
}

// noAnswer says why there is no answer.
func noAnswer(why delivery.Failure, limit time.Duration) string {
	if why == delivery.TimedOut {
		return fmt.Sprintf("The tool did not answer within %g seconds. Whether it did something is unknown.", limit.Seconds())
	}
	return fmt.Sprintf("The tool could not be called: %s.", why)
}

// isText reports whether an answer is text, by its type, and by its bytes if it has none.
func isText(a delivery.Answer) bool {
	if len(a.Body) == 0 {
		return true
	}
	kind := typeOf(a)
	switch {
	case kind == "":
		return bytes.IndexByte(a.Body, 0) < 0
	case strings.HasPrefix(kind, "text/"), strings.HasSuffix(kind, "+json"), strings.HasSuffix(kind, "+xml"):
		return bytes.IndexByte(a.Body, 0) < 0
	}
	switch kind {
	case "application/json", "application/xml", "application/x-www-form-urlencoded", "application/x-ndjson", "application/jsonl", "application/yaml", "application/x-yaml", "application/javascript", "application/graphql":
		return bytes.IndexByte(a.Body, 0) < 0
	}
	return false
}

func typeOf(a delivery.Answer) string {
	kind, _, err := mime.ParseMediaType(a.Type)
	if err != nil {
		kind, _, _ = strings.Cut(strings.ToLower(a.Type), ";")
	}
	return clipped(strings.TrimSpace(kind))
}
