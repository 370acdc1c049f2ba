package automations_test

import (
	"context"

	"github.com/quintet-agents/quintet/shared/automation/effect"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/work"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// mortalCaller sends requests as a worker with a life does.
type mortalCaller struct {
	effect.Caller
	life *mortal.Life
}

func (c mortalCaller) Call(ctx context.Context, call delivery.Call) (answer delivery.Answer, err error) {
	died := c.life.Call(func() error { answer, err = c.Caller.Call(ctx, call); return nil })
	if died != nil {
		return delivery.Answer{}, died
	}
	return answer, err
}

// mortalQueue is the queue as a worker reaches it.
type mortalQueue struct {
	*world
	life *mortal.Life
}

func (q mortalQueue) Send(ctx context.Context, messages ...work.Message) error {
	return q.life.Call(func() error { return q.world.Send(ctx, messages...) })
}
