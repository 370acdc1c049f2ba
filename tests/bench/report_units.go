package main

import (
	"context"
	"fmt"
	"time"
)

// reportUnits prints the consumption of turns with an uncached key, which is the largest.
func reportUnits(ctx context.Context, s *stand, _ options) error {
	s.store.set(recording, 0)
	defer s.store.set(through, 0)
	var id string
	p := s.through("product", s.runner, func(context.Context) (string, error) { return id, nil })
	fresh := s.starting()
	for _, turn := range []struct {
		name    string
		path    path
		another bool // uses a second thread
	}{
		{"a thread's first turn, the org's first since its holds were swept", p, true},
		{"a thread's first turn", p, true},
		{"a thread's next turn", p, false},
		{"a turn that starts its thread", fresh, false},
		{"a turn that starts its thread, under an Idempotency-Key", fresh.once(), false},
	} {
		if turn.another {
			var err error
			if id, err = s.thread(ctx); err != nil {
				return err
			}
		}
		time.Sleep(keyLife)
		s.store.take()
		prompt, j := s.model.prompt(tokens, 0)
		if _, err := turn.path.ask(ctx, prompt, j); err != nil {
			return err
		}
		if err := printUnits(turn.name, s.store.take()); err != nil {
			return err
		}
	}
	return s.reportAcceptUnits(ctx)
}

// reportAcceptUnits shows what an accepted chat consumes until it is acknowledged, with
// the caller's key and the agent cached and not cached.
func (s *stand) reportAcceptUnits(ctx context.Context) error {
	time.Sleep(keyLife)
	for _, name := range []string{"a chat with a callback_url until it is acknowledged", "the next one"} {
		s.store.take()
		if err := s.accept(ctx); err != nil {
			return err
		}
		if err := printUnits(name, s.store.take()); err != nil {
			return err
		}
	}
	return nil
}

func printUnits(turn string, calls []consumed) error {
	w := table("units: "+turn+", by DynamoDB's rules from the items' sizes, and as the emulator reports",
		"call", "items", "RRU", "WRU", "of that indexes", "emulator")
	var read, write int
	for _, c := range calls {
		row(w, c.operation, c.what, fmt.Sprint(c.read), fmt.Sprint(c.write+c.index), fmt.Sprint(c.index), fmt.Sprint(c.emulator))
		read, write = read+c.read, write+c.write+c.index
	}
	row(w, "total", "", fmt.Sprint(read), fmt.Sprint(write), "", "")
	return w.Flush()
}
