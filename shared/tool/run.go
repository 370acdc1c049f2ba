package tool

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/recall"
	"github.com/quintet-agents/quintet/shared/request"
)

// Runner runs HTTP tools.
type Runner struct {
	Caller Caller
	Signer Signer
	Opener Opener
	Now    func() time.Time
	opened recall.Memory[string] // values of secret headers, by owner, name and sealed form
}

// Use is one call of a tool.
type Use struct {
	Owner     Owner
	ID        string // see CallID
	Arguments json.RawMessage
}

// Outcome is what became of a call.
type Outcome struct {
	Sent   *Sent // nil: nothing was sent, because of the arguments
	Status int   // of the answer; 0 when there was none
	Took   time.Duration
	Text   string // for the model: the answer, or what went wrong
	Failed bool
}

// Sent is a request as it may be shown: the values of secret headers are masked.
type Sent struct {
	Method  string
	URL     string
	Headers map[string]string
	Body    string
}

// Run checks the arguments, sends the request and reads the answer, within the tool's time.
// What others do wrong is in the outcome; an error is a fault of ours.
func (r *Runner) Run(ctx context.Context, c *Compiled, u Use) (Outcome, error) {
	arguments, err := c.schema.Check(u.Arguments)
	if err != nil {
		return refusal(wrongArguments + err.Error()), nil
	}
	call, err := c.call(arguments)
	if err != nil {
		return refusal("The tool was not called: " + err.Error()), nil
	}
	sent := &Sent{Method: call.Method, URL: call.URL, Headers: map[string]string{"Idempotency-Key": u.ID}, Body: string(call.Body)}
	maps.Copy(sent.Headers, call.Headers)
	secrets, err := r.open(ctx, c.tool, u.Owner)
	if err != nil {
		return Outcome{}, err
	}
	values := make([]string, 0, len(secrets))
	for name, value := range secrets {
		call.Headers[name], sent.Headers[name] = value, request.Masked
		values = append(values, value)
	}
	if call.Secrets, err = r.Signer.Signing(ctx, u.Owner.OrgID, delivery.Callbacks); err != nil {
		return Outcome{}, err
	}
	hidden, limit := request.NewMask(values), timeout(c.tool)
	call.ID, call.At, call.Max = u.ID, r.Now(), MaxResult+hidden.Longest()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	answer, err := r.Caller.Call(ctx, call)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Sent: sent, Status: answer.Status, Took: r.Now().Sub(call.At)}
	out.Text, out.Failed = read(answer, limit, hidden)
	return out, nil
}

const wrongArguments = "The tool was not called, because its arguments are wrong: "

func refusal(text string) Outcome { return Outcome{Text: text, Failed: true} }

// call renders the request.
func (c *Compiled) call(arguments map[string]any) (delivery.Call, error) {
	call, err := c.request.Render(arguments)
	if err != nil || !c.request.TakesData() {
		return call, err
	}
	data, err := json.Marshal(arguments)
	return request.WithData(call, data), err
}

// open returns the plain values of the secret headers of a tool.
func (r *Runner) open(ctx context.Context, t agent.Tool, o Owner) (map[string]string, error) {
	plain := make(map[string]string, len(t.SecretHeaders))
	for name, sealed := range t.SecretHeaders {
		key := o.OrgID + " " + o.AgentID + " " + string(sealed)
		value := r.opened.Of(key)
		if value == "" {
			var err error
			if value, err = r.Opener.OpenAgentSecret(ctx, o.OrgID, o.AgentID, agent.HeaderSecret, sealed); err != nil {
				return nil, err
			}
			r.opened.Learn(key, value)
		}
		plain[name] = value
	}
	return plain, nil
}

// Headers returns the opener of the secret headers of an MCP server.
func (r *Runner) Headers(t agent.Tool, o Owner) func(context.Context) (map[string]string, error) {
	return func(ctx context.Context) (map[string]string, error) { return r.open(ctx, t, o) }
}

// Mask returns what hides the values of a tool's secret headers in a text.
func (r *Runner) Mask(ctx context.Context, t agent.Tool, o Owner) (func(text string) string, error) {
	plain, err := r.open(ctx, t, o)
	if err != nil {
		return nil, err
	}
	m := request.NewMask(slices.Collect(maps.Values(plain)))
	return func(text string) string { return m.Hide(text, false) }, nil
}
