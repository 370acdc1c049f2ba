package turn

import (
	"slices"
	"sync"
	"time"

	"github.com/quintet-agents/quintet/shared/model"
)

// Call is a completed or interrupted call of the model within a turn.
type Call struct {
	After time.Duration // from the turn's start to the call's
	Took  time.Duration
	Usage model.Usage
	Tools int // tool uses that it requested
}

// progress is what a running turn has used. The answer adds to it, and the turn's looks read
// it, in another goroutine.
type progress struct {
	mu     sync.Mutex
	usage  model.Usage // of the calls
	calls  []Call
	tools  []ToolUse
	prompt int // bytes of the request of the call under way
	bytes  int // of its answer so far
}

// asks notes that a call of the model begins.
func (p *progress) asks(req model.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prompt, p.bytes = promptBytes(req), 0
}

// says notes text of the call under way.
func (p *progress) says(bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes += bytes
}

// called notes the end of a call.
func (p *progress) called(c Call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, c)
	p.usage.Input += c.Usage.Input
	p.usage.Output += c.Usage.Output
	p.prompt, p.bytes = 0, 0
}

// used notes a tool use.
func (p *progress) used(u ToolUse) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u.Input, u.Result = nil, ""
	p.tools = append(p.tools, u)
}

// at returns the turn as far as it has come. Its charge is what settlement would charge now,
// with an estimate for the call under way.
func (p *progress) at(a *admitted, now time.Time) Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := a.turn
	t.User = ""
	t.Usage, t.Calls, t.Tools = p.usage, slices.Clone(p.calls), slices.Clone(p.tools)
	if p.bytes > 0 {
		t.Usage.Input += tokensIn(p.prompt)
		t.Usage.Output += tokensIn(p.bytes)
		t.Estimated = true
	}
	if t.Usage.Input+t.Usage.Output > 0 {
		t.Charge = a.charge(t.Usage)
	}
	return Progress{Turn: t, At: now}
}
