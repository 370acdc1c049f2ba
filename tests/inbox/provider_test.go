package inbox_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
)

// provider is a provider that records what it accepts, by our id of the send.
type provider struct {
	limit int
	now   func() time.Time

	mu       sync.Mutex
	accepted map[string]int
	sent     []accepted
	asked    int
	fault    func(n int) (accepts bool, err error) // of a send, by number
}

// accepted is a message on its way to a person's phone.
type accepted struct {
	id string
	at time.Time
	channel.Outgoing
}

func (p *provider) Split(text string) []string {
	var parts []string
	for len(text) > p.limit {
		parts, text = append(parts, text[:p.limit]), text[p.limit:]
	}
	return append(parts, text)
}

func (p *provider) Send(_ context.Context, _ channel.Account, m channel.Outgoing) (channel.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	var failed error
	if p.fault != nil {
		accepts, err := p.fault(p.asked)
		if err != nil && !accepts {
			return channel.Receipt{}, err
		}
		failed = err
	}
	p.accepted[m.Ref]++
	id := fmt.Sprintf("out-%d", len(p.sent))
	p.sent = append(p.sent, accepted{id, p.now(), m})
	if failed != nil {
		return channel.Receipt{}, failed
	}
	return channel.Receipt{MessageID: id}, nil
}

func (*provider) Typing(context.Context, channel.Account, channel.Inbound) error { return nil }

func (*provider) Fetch(context.Context, channel.Account, channel.Media, int64) ([]byte, string, error) {
	return nil, "", nil
}

func (*provider) Verify(context.Context, channel.Account, string) ([]connection.Problem, error) {
	return nil, nil
}
