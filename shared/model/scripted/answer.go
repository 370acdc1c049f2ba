package scripted

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/model"
)

// Fault is the refusal of a request, under Bedrock's name for it.
type Fault string

// The faults that directives can cause.
const (
	Throttled Fault = "ThrottlingException"
	Failed    Fault = "InternalServerException"
	NoModel   Fault = "ResourceNotFoundException"
	NoImages  Fault = "ValidationException"
)

var faults = map[string]Fault{"throttle": Throttled, "fail": Failed, "nomodel": NoModel}

// Answer is the model's answer to one request, independent of the wire format.
type Answer struct {
	Fault  Fault            // if set, the request is refused and no other field counts
	Delay  time.Duration    // before every delta
	Deltas []string         // the text, one word each; joined, they are the exact text
	Break  int              // the answer fails after this many deltas; negative: never
	Calls  []model.ToolCall // after the text
	Stop   model.Stop
	Cut    bool // the text ends before one of the request's stop sequences
	Usage  model.Usage
}

// Respond returns the model's answer. The same request always has the same answer.
// A user message here has one text: a wire format with several texts in a message
// must pass them as several messages.
func Respond(req model.Request) Answer {
	d, asked := lastDirectives(req.Messages)
	if d.noImages && req.HasImages() {
		d.fault = NoImages
	}
	if d.fault != "" {
		return Answer{Fault: d.fault, Break: never}
	}
	a := Answer{Delay: d.delay, Break: d.breakAfter, Stop: model.StopEnd}
	var text string
	if results := lastResults(req.Messages); len(results) > 0 {
		text = relay(req.Messages, results)
	} else {
		text = say(d, req, asked)
		a.Calls = identified(d.calls, req)
	}
	if text, a.Cut = cutAt(text, req.Stop); a.Cut {
		a.Calls = nil
	}
	a.Deltas = split(text)
	// A break counts text deltas. An answer that only calls tools has none, so the
	// answer after the tool results breaks instead. A break beyond the last delta
	// applies after the last one, so a message with a break never succeeds.
	if len(a.Deltas) == 0 && len(a.Calls) > 0 {
		a.Break = never
	}
	if len(a.Calls) > 0 {
		a.Stop = model.StopTools
	}
	a.Usage = model.Usage{Input: inputTokens(req), Output: words(text) + callTokens(a.Calls)}
	if req.MaxTokens > 0 && a.Usage.Output > req.MaxTokens {
		a.Deltas = a.Deltas[:min(len(a.Deltas), req.MaxTokens)]
		a.Calls = nil // an incomplete call is useless
		a.Stop, a.Usage.Output = model.StopLength, req.MaxTokens
	}
	a.Break = min(a.Break, len(a.Deltas))
	return a
}

// cutAt returns the text before the first of the stop sequences, and whether it has one.
func cutAt(text string, stop []string) (string, bool) {
	end := len(text)
	for _, s := range stop {
		if i := strings.Index(text, s); i >= 0 {
			end = min(end, i)
		}
	}
	return text[:end], end < len(text)
}

// Text returns the whole text of the answer.
func (a Answer) Text() string { return strings.Join(a.Deltas, "") }

// lastDirectives returns the directives of the last user message with a text or images,
// and that message's index. After a tool round, this is the message that began the
// round, so its delay and break still apply.
func lastDirectives(messages []model.Message) (directives, int) {
	for i, message := range slices.Backward(messages) {
		if message.Role == model.User && spoken(message) {
			return parse(message.Text), i
		}
	}
	return directives{breakAfter: never}, 0
}

// lastResults returns the tool results at the end of the conversation.
func lastResults(messages []model.Message) []model.ToolResult {
	var results []model.ToolResult
	for i := len(messages) - 1; i >= 0 && messages[i].Role == model.User; i-- {
		if spoken(messages[i]) {
			return nil
		}
		results = append(append([]model.ToolResult{}, messages[i].ToolResults...), results...)
	}
	return results
}

// say returns the text of the answer to a user message.
func say(d directives, req model.Request, asked int) string {
	switch {
	case d.subject == "words":
		// At most one word beyond the limit, so that Respond sees that there was more.
		n := d.words
		if req.MaxTokens > 0 {
			n = min(n, req.MaxTokens+1)
		}
		said := make([]string, n)
		for i := range said {
			said[i] = "w" + strconv.Itoa(i+1)
		}
		return strings.Join(said, " ")
	case d.subject == "recall":
		var earlier []string
		for _, m := range req.Messages[:asked] {
			if m.Role == model.User && m.Text != "" {
				earlier = append(earlier, m.Text)
			}
		}
		return strings.Join(earlier, " | ")
	case d.subject == "system":
		return req.System
	case len(d.calls) > 0:
		return ""
	default:
		return "You said: " + echo(d.rest, req.Messages[asked].Images)
	}
}

// relay returns the text of the answer to tool results, one line for each.
func relay(messages []model.Message, results []model.ToolResult) string {
	names := map[string]string{}
	for _, m := range messages {
		for _, c := range m.ToolCalls {
			names[c.ID] = c.Name
		}
	}
	lines := make([]string, len(results))
	for i, r := range results {
		lines[i] = fmt.Sprintf("Tool %s said: %s", names[r.CallID], r.Text)
	}
	return strings.Join(lines, "\n")
}

// identified gives the calls ids. They are hashes of the conversation, so they are
// the same when a request is repeated and differ from turn to turn.
func identified(calls []model.ToolCall, req model.Request) []model.ToolCall {
	conversation, _ := json.Marshal(req.Messages)
	for i := range calls {
		sum := sha256.Sum256(append(conversation, strconv.Itoa(i)...))
		calls[i].ID = "tooluse_" + base64.RawURLEncoding.EncodeToString(sum[:16])
	}
	return calls
}

// split cuts a text before the space that precedes a word. Trailing space stays with
// the last word, so the number of deltas is the number of words.
func split(text string) []string {
	var deltas []string
	begin, inWord := 0, false
	for i, r := range text {
		space := unicode.IsSpace(r)
		if space && inWord && strings.IndexFunc(text[i:], notSpace) >= 0 {
			deltas = append(deltas, text[begin:i])
			begin = i
		}
		inWord = !space
	}
	if begin < len(text) {
		deltas = append(deltas, text[begin:])
	}
	return deltas
}

func notSpace(r rune) bool { return !unicode.IsSpace(r) }

func words(text string) int { return len(strings.Fields(text)) }

func callTokens(calls []model.ToolCall) int {
	n := 0
	for _, c := range calls {
		n += words(c.Name) + words(string(c.Input))
	}
	return n
}

func inputTokens(req model.Request) int {
	n := words(req.System)
	for _, m := range req.Messages {
		n += words(m.Text) + callTokens(m.ToolCalls)
		for _, i := range m.Images {
			n += words(describe(i))
		}
		for _, r := range m.ToolResults {
			n += words(r.Text)
		}
	}
	return n
}

// Pieces cuts the input of a tool call as models stream it: into fragments that are
// not valid JSON by themselves. An empty object is one empty piece.
func Pieces(input json.RawMessage) []string {
	if string(input) == "{}" {
		return []string{""}
	}
	const size = 9
	var pieces []string
	for s := string(input); s != ""; {
		n := min(size, len(s))
		for n < len(s) && !utf8.RuneStart(s[n]) {
			n++
		}
		pieces = append(pieces, s[:n])
		s = s[n:]
	}
	return pieces
}
