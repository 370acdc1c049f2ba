package effect

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/recall"
	"github.com/quintet-agents/quintet/shared/request"
)

// Requests sends the requests of HTTP steps, signed with the org's secret.
type Requests struct {
	Caller Caller
	Signer Signer
	Opener Opener
	Now    func() time.Time

	opened recall.Memory[string] // values of secret headers, by owner, name and sealed form
}

// Caller sends requests to customers' servers.
type Caller interface {
	Call(ctx context.Context, c delivery.Call) (delivery.Answer, error)
}

// Signer returns the secrets that sign an org's requests.
type Signer interface {
	Signing(ctx context.Context, orgID, name string) ([]string, error)
}

// Opener opens the sealed secrets of automations.
type Opener interface {
	OpenAutomationSecret(ctx context.Context, orgID, automationID, name string, sealed []byte) (string, error)
}

// maxTime is the longest time of a request.
const maxTime = 15 * time.Second

// agentHeader is the User-Agent header, unless the step has its own.
const agentHeader, userAgent = "User-Agent", "Quintet-Automations/1"

// sent is a request as the run shows it: without the values of secret headers.
type sent struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body,omitempty"`
}

func (q *Requests) do(ctx context.Context, r automation.Run, p automation.Position, id string) (input, output json.RawMessage, err error) {
	call, err := p.Request()
	if err != nil {
		return nil, nil, err
	}
	shown := sent{Method: call.Method, URL: call.URL, Headers: map[string]string{"Idempotency-Key": id}, Body: clip.Text(string(call.Body), maxShown)}
	maps.Copy(shown.Headers, call.Headers)
	secrets, err := q.open(ctx, r, p.Step)
	if err != nil {
		return nil, nil, err
	}
	for name, value := range secrets {
		call.Headers[name], shown.Headers[name] = value, request.Masked
	}
	if input, err = automation.Encode(shown); err != nil {
		return nil, nil, err
	}
	if call.Secrets, err = q.Signer.Signing(ctx, r.OrgID, delivery.Callbacks); err != nil {
		return input, nil, err
	}
	if !slices.ContainsFunc(slices.Collect(maps.Keys(call.Headers)), func(name string) bool { return strings.EqualFold(name, agentHeader) }) {
		call.Headers[agentHeader] = userAgent
	}
	call.Headers[automation.ChainHeader] = p.Chain(r.AutomationID)
	mask := request.NewMask(slices.Collect(maps.Values(secrets)))
	call.ID, call.At, call.Max, call.Want = id, q.Now(), MaxOutput+mask.Longest(), kept
	limit := min(cmp.Or(time.Duration(p.Step.TimeoutSeconds)*time.Second, maxTime), maxTime)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	answer, err := q.Caller.Call(ctx, call)
	if err != nil {
		return input, nil, err
	}
	if failure := judge(answer, limit, mask); failure != nil {
		return input, nil, failure
	}
	output, err = outputOf(answer, mask)
	return input, output, err
}

// open returns the plain values of a step's secret headers. The error is a *FailedError for one
// that has no value.
func (q *Requests) open(ctx context.Context, r automation.Run, s automation.Step) (map[string]string, error) {
	plain := make(map[string]string, len(s.SecretHeaders))
	for _, header := range s.SecretHeaders {
		name := automation.HeaderSecret(s.ID, header)
		sealed := r.Secrets[name]
		if len(sealed) == 0 {
			return nil, failed(fmt.Sprintf("The secret header %s has no value: give it one and publish the automation again", header))
		}
		key := r.OrgID + " " + r.AutomationID + " " + name + " " + string(sealed)
		value := q.opened.Of(key)
		if value == "" {
			var err error
			if value, err = q.Opener.OpenAutomationSecret(ctx, r.OrgID, r.AutomationID, name, sealed); err != nil {
				return nil, err
			}
			q.opened.Learn(key, value)
		}
		plain[header] = value
	}
	return plain, nil
}
