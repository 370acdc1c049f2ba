package effect

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// Templates sends the WhatsApp templates of template steps. A send is recorded under the id of
// the effect before it leaves; one that may have left is not repeated.
type Templates struct {
	Outbox TemplateSender
	Phone  func(text string) (digits string, ok bool)
}

// TemplateSender sends templates. channel.Outbox implements it.
type TemplateSender interface {
	Send(ctx context.Context, o channel.Order) (answer []byte, replayed bool, err error)
}

// ordered is a template as the run shows it.
type ordered struct {
	ConnectionID string            `json:"connection_id"`
	To           string            `json:"to"`
	Name         string            `json:"name"`
	Language     string            `json:"language"`
	Parameters   map[string]string `json:"parameters,omitempty"`
}

// delivered is the output of a template step.
type delivered struct {
	MessageID string `json:"message_id"` // the provider's
	To        string `json:"to"`
}

func (t *Templates) do(ctx context.Context, r automation.Run, p automation.Position, id string) (input, output json.RawMessage, err error) {
	texts, err := p.Texts()
	if err != nil {
		return nil, nil, err
	}
	parameters, err := p.Parameters()
	if err != nil {
		return nil, nil, err
	}
	s := p.Step
	if input, err = automation.Encode(ordered{s.ConnectionID, texts["to"], s.Name, s.Language, parameters}); err != nil {
		return nil, nil, err
	}
	to, ok := t.Phone(texts["to"])
	if !ok {
		return input, nil, failed("The recipient must be a phone number with its country code, such as +31612345678")
	}
	if sizeOf(parameters) > maxParameters {
		return input, nil, failed(fmt.Sprintf("The parameters of the template are longer than %d KiB", maxParameters>>10))
	}
	components, err := body(parameters)
	if err != nil {
		return input, nil, err
	}
	key, err := keyOf(r, id)
	if err != nil {
		return input, nil, err
	}
	answer, _, err := t.Outbox.Send(ctx, channel.Order{
		OrgID: r.OrgID, ConnectionID: s.ConnectionID, To: to, Template: channel.Template{Name: s.Name, Language: s.Language, Components: components},
		Once: key, Automation: r.AutomationID, Kept: keptFor,
	})
	if err != nil {
		return input, nil, unsent(err)
	}
	var accepted struct {
		Messages []struct {
			ID string `json:"id"`
		} `json:"messages"`
	}
	out := delivered{To: to}
	if json.Unmarshal(answer, &accepted) == nil && len(accepted.Messages) > 0 {
		out.MessageID = accepted.Messages[0].ID
	}
	output, err = automation.Encode(out)
	return input, output, err
}

// maxParameters bounds the parameters of a template, in bytes. Meta takes texts of about 1 KB; the
// record of the send, and the thread, have them in rows.
const maxParameters = 64 << 10

func sizeOf(texts map[string]string) int {
	n := 0
	for _, text := range texts {
		n += len(text)
	}
	return n
}

// body returns the body of a template with its parameters: by name, or by position if their names
// are the numbers from 1 on.
func body(parameters map[string]string) ([]channel.Component, error) {
	if len(parameters) == 0 {
		return nil, nil
	}
	number := func(name string) int {
		n, err := strconv.Atoi(name)
		if err != nil {
			return 0
		}
		return n
	}
	names := slices.SortedFunc(maps.Keys(parameters), func(a, b string) int {
		return cmp.Or(cmp.Compare(number(a), number(b)), strings.Compare(a, b))
	})
	positions, ordered := 0, true
	for i, name := range names {
		if number(name) > 0 {
			positions++
		}
		ordered = ordered && name == strconv.Itoa(i+1)
	}
	if positions > 0 && !ordered {
		return nil, failed("The parameters of the template must all have names, or the numbers from 1 on")
	}
	type parameter struct {
		Type string `json:"type"`
		Name string `json:"parameter_name,omitempty"`
		Text string `json:"text"`
	}
	c := channel.Component{Type: channel.Body}
	var raw []parameter
	for _, name := range names {
		one := parameter{Type: "text", Name: name, Text: parameters[name]}
		if positions > 0 {
			one.Name = ""
		}
		raw, c.Parameters = append(raw, one), append(c.Parameters, channel.Parameter{Name: one.Name, Text: one.Text})
	}
	var err error
	c.Raw, err = automation.Encode(map[string]any{"type": channel.Body, "parameters": raw})
	return []channel.Component{c}, err
}

// unsent returns the failure of a send. A fault of the store is returned as it is.
func unsent(err error) error {
	if f, ok := errors.AsType[*channel.SendError](err); ok {
		out := failed("The template was not sent: " + f.Reason())
		switch f.Kind {
		case channel.Unknown:
			out.Message, out.Unknown = "It is unknown whether the template was sent, so it is not sent again", true
		case channel.Throttled, channel.Unsent:
			out.Again, out.After = true, min(f.RetryAfter, maxAfter)
		}
		return out
	}
	known, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	out := failed(known.Shown())
	if errors.Is(err, idempotency.ErrRunning) {
		out.Message, out.Held, out.After = "The send of an earlier worker has no outcome yet", true, known.RetryAfter
	}
	return out
}
