package main

import (
	"context"
	"fmt"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/quintet-agents/quintet/shared/local"
)

const (
	tokens = 32
	gap    = 10 * time.Millisecond // between tokens
)

// figures are the measurements of one path at one concurrency.
type figures struct {
	first   sample // ms to the first token
	before  sample // the part of it until the model was asked
	token   sample // ms from the model to the client, for each token
	between sample // ms between tokens
	rounds  sample // the rounds' median ms to the first token
	short   int    // answers with missing tokens
	shared  int    // tokens that were read together with the previous one
	count   int    // tokens
	cpu     sample // the rounds' ms of processor time of the processes in between, for each answer
}

// reportStreams sends paced answers along every path alternately.
func reportStreams(ctx context.Context, s *stand, o options) error {
	kept, err := s.tape(ctx, "product, kept store", s.runner)
	if err != nil {
		return err
	}
	straight := s.through("product, MiniStack", s.runner, s.thread)
	straight.stage = func(context.Context) error { s.store.set(through, 0); return nil }
	paths := []path{directly(s.model.server.URL), s.relayed(), s.relayedByFunction(), kept, straight}
	if s.other != nil {
		other, err := s.tape(ctx, "other build, kept store", s.other)
		if err != nil {
			return err
		}
		paths = append(paths, other)
	}
	for _, concurrency := range []int{1, 8} {
		measured, err := s.compare(ctx, paths, concurrency, o.rounds)
		if err != nil {
			return err
		}
		w := table(fmt.Sprintf("stream: %d at a time, %d tokens %v apart; added is over direct", concurrency, tokens, gap),
			"path", "first token ms", "added", "x relay", "to the model ms", "token ms p50", "p99", "x relay",
			"gap ms p50", "p99", "cpu ms", "tokens", "merged", "short answers")
		for i, p := range paths {
			measured[i].row(w, p.name, measured[0], measured[1])
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	fmt.Print(`
  first token   from the request; "to the model" is the part until the model was asked
  token         from the model to the client, for each token
  cpu           of the processes between client and model, for one answer
  merged        tokens that were read together with the previous one
  as a function behind the local API Gateway and Lambda, like the product
  kept store    recorded answers without a delay, for the product's own time
`)
	return nil
}

func (f *figures) row(w *tabwriter.Writer, name string, direct, relay *figures) {
	added := func(g *figures) float64 { return g.first.median() - direct.first.median() }
	ms := func(v float64) string { return fmt.Sprintf("%.2f", v) }
	row(w, name, f.rounds.String(), ms(added(f)), ms(added(f)/added(relay)), ms(f.before.median()),
		ms(f.token.median()), ms(f.token.quantile(0.99)), ms(f.token.median()/relay.token.median()),
		ms(f.between.median()), ms(f.between.quantile(0.99)), ms(f.cpu.median()), fmt.Sprint(f.count), fmt.Sprint(f.shared), fmt.Sprint(f.short))
}

// tape runs a turn of a runner's functions with the emulator, records the store's
// answers and returns the path on which the store answers from memory.
func (s *stand) tape(ctx context.Context, name string, runner *local.Runner) (path, error) {
	id, err := s.thread(ctx)
	if err != nil {
		return path{}, err
	}
	p := s.through(name, runner, func(context.Context) (string, error) { return id, nil })
	recorded := s.store.record()
	time.Sleep(keyLife) // so that the key is read too
	prompt, j := s.model.prompt(1, 0)
	if _, err := p.ask(ctx, prompt, j); err != nil {
		return path{}, err
	}
	s.store.set(through, 0)
	p.stage = func(context.Context) error { s.store.play(recorded, 0); return nil }
	return p, nil
}

// keyLife is longer than a function caches a key.
const keyLife = 5 * time.Second

// compare sends batches of messages along the paths alternately. The first round starts the processes, and
// is not counted.
func (s *stand) compare(ctx context.Context, paths []path, concurrency, rounds int) ([]*figures, error) {
	measured := make([]*figures, len(paths))
	for i := range paths {
		measured[i] = &figures{}
	}
	for round := range rounds + 1 {
		for i, p := range paths {
			before := p.processorTime()
			batch, err := s.batch(ctx, p, concurrency)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				measured[i].add(batch)
				spent := p.processorTime() - before
				measured[i].cpu = append(measured[i].cpu, milliseconds(spent)/float64(concurrency))
			}
		}
	}
	return measured, nil
}

// batch sends a number of concurrent messages.
func (s *stand) batch(ctx context.Context, p path, concurrency int) ([]arrivals, error) {
	if p.stage != nil {
		if err := p.stage(ctx); err != nil {
			return nil, err
		}
	}
	answers, errs := make([]arrivals, concurrency), make([]error, concurrency)
	var all sync.WaitGroup
	for i := range concurrency {
		all.Go(func() {
			prompt, j := s.model.prompt(tokens, gap)
			answers[i], errs[i] = p.ask(ctx, prompt, j)
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return answers, nil
}

func (f *figures) add(batch []arrivals) {
	var first sample
	for _, a := range batch {
		asked, sent := a.journal.read()
		f.count += len(a.at)
		f.shared += a.shared
		if len(a.at) != tokens || len(sent) != tokens {
			f.short++
			continue
		}
		first = append(first, milliseconds(a.at[0].Sub(a.began)))
		f.before = append(f.before, milliseconds(asked.Sub(a.began)))
		for i, at := range a.at {
			f.token = append(f.token, milliseconds(at.Sub(sent[i])))
			if i > 0 {
				f.between = append(f.between, milliseconds(at.Sub(a.at[i-1])))
			}
		}
	}
	f.first = append(f.first, first...)
	f.rounds = append(f.rounds, first.median())
}
