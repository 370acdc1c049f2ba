package main

import (
	"context"
	"fmt"
	"time"
)

// reportWaves delays every call of the store by growing times. The time to the first token grows by the delay
// for each wave of calls before the model, regardless of the number of calls in a wave.
func reportWaves(ctx context.Context, s *stand, o options) error {
	p, err := s.tape(ctx, "product, kept store", s.runner)
	if err != nil {
		return err
	}
	delays := []time.Duration{0, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond}
	var paths []path
	for _, d := range delays {
		p.name = d.String()
		p.stage = func(ctx context.Context) error {
			s.store.set(taped, 0)
			prompt, j := s.model.prompt(1, 0)
			_, err := p.ask(ctx, prompt, j) // so that the key is cached
			s.store.set(taped, d)
			return err
		}
		paths = append(paths, p)
	}
	measured, err := s.compare(ctx, paths, 1, o.rounds)
	if err != nil {
		return err
	}
	w := table("waves: with a delay of the store, one turn at a time, the caller's key cached", "delay", "first token ms", "to the model ms")
	var x, y sample
	for i, d := range delays {
		row(w, d.String(), measured[i].rounds.String(), measured[i].before.String())
		x, y = append(x, milliseconds(d)), append(y, measured[i].before.median())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Printf("  slope %.2f, the number of waves before the model\n", slope(x, y))
	return nil
}
