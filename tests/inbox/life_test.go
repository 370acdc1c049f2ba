package inbox_test

import (
	"context"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/work"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// mortalProvider is the provider as a worker reaches it.
type mortalProvider struct {
	*provider
	life *mortal.Life
}

func (p mortalProvider) Send(ctx context.Context, a channel.Account, m channel.Outgoing) (r channel.Receipt, err error) {
	died := p.life.Call(func() error { r, err = p.provider.Send(ctx, a, m); return nil })
	if died != nil {
		return channel.Receipt{}, died
	}
	return r, err
}

// mortalQueue is the queue as a worker reaches it.
type mortalQueue struct {
	*world
	life *mortal.Life
}

func (q mortalQueue) Send(ctx context.Context, messages ...work.Message) error {
	return q.life.Call(func() error { return q.world.Send(ctx, messages...) })
}
