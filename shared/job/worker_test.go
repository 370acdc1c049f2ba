package job_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// oneJob is a store with one job. It records what happens to the job's slot.
type oneJob struct {
	job.Store

	took  time.Time
	kept  []time.Duration // extended ends, relative to when the slot was taken
	freed []work.Slot
}

func (j *oneJob) ClaimJob(_ context.Context, r job.Ref, _ string, now, _ time.Time) (*job.Job, error) {
	j.took = now
	return &job.Job{Ref: r, CreatedAt: now, Runs: 1}, nil
}

func (*oneJob) ExtendJob(context.Context, job.Job, time.Time) (bool, error) { return true, nil }

func (*oneJob) FinishJob(context.Context, job.Job, delivery.Delivery) (bool, error) {
	return true, nil
}

func (*oneJob) ClaimSlot(_ context.Context, p work.Place, _, until time.Time) (work.Slot, bool, error) {
	return work.Slot{Place: p, Until: until}, true, nil
}

func (j *oneJob) ExtendSlot(_ context.Context, s work.Slot, until time.Time) (work.Slot, error) {
	j.kept = append(j.kept, until.Sub(j.took))
	s.Until = until
	return s, nil
}

func (j *oneJob) FreeSlot(ctx context.Context, s work.Slot) error {
	j.freed = append(j.freed, s)
	return ctx.Err()
}

// slow is a runner whose turns take some time.
type slow struct {
	turn.Runner

	takes time.Duration
	err   error
}

func (s slow) Run(ctx context.Context, _ turn.Input, _ turn.Sink) (turn.Outcome, error) {
	select {
	case <-time.After(s.takes):
		return turn.Outcome{}, s.err
	case <-ctx.Done():
		return turn.Outcome{}, ctx.Err()
	}
}

func worker(store job.Store, turns turn.Runner) *job.Worker {
	report := func(context.Context, turn.Outcome, error) ([]byte, error) { return []byte("{}"), nil }
	return &job.Worker{Store: store, Turns: turns, Report: report, Workers: nowhere{}, Deliveries: nowhere{}, Now: time.Now}
}

// After a panic in its turn, a run frees its slot and stops renewing its lease.
func TestWorker_Panics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		jobs := &oneJob{}
		run := worker(jobs, broken{}).Work
		func() {
			defer func() { _ = recover() }()
			_ = run(t.Context(), []byte(`{"org":"o","job":"j"}`))
		}()
		time.Sleep(time.Hour)
		if len(jobs.freed) != 1 || len(jobs.kept) != 0 {
			t.Errorf("got %d slots freed and %d kept longer, want one freed", len(jobs.freed), len(jobs.kept))
		}
	})
}

// broken is a runner whose turns panic.
type broken struct{ turn.Runner }

func (broken) Run(context.Context, turn.Input, turn.Sink) (turn.Outcome, error) {
	panic("a fault of ours")
}

type nowhere struct{}

func (nowhere) Send(context.Context, ...work.Message) error { return nil }

// A run renews its slot while it lasts, and frees the renewed slot however it ends, also
// at the function's deadline.
func TestWorker_KeepsItsSlot(t *testing.T) {
	for name, c := range map[string]struct {
		turns    slow
		deadline time.Duration
		kept     []time.Duration
		until    time.Duration // end of the freed slot, relative to when it was taken
	}{
		"a short run":         {slow{takes: 20 * time.Second}, time.Hour, nil, time.Minute},
		"a long one":          {slow{takes: 80 * time.Second}, time.Hour, []time.Duration{95 * time.Second, 130 * time.Second}, 130 * time.Second},
		"one that fails":      {slow{takes: time.Second, err: errors.New("ours")}, time.Hour, nil, time.Minute},
		"one that is cut off": {slow{takes: time.Hour}, 50 * time.Second, []time.Duration{95 * time.Second}, 95 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.deadline)
				defer cancel()
				jobs := &oneJob{}
				run := worker(jobs, c.turns).Work
				_ = run(ctx, []byte(`{"org":"o","job":"j"}`)) // this test ignores the result
				if d := cmp.Diff(c.kept, jobs.kept); d != "" {
					t.Errorf("kept (-want +got):\n%s", d)
				}
				if len(jobs.freed) != 1 || jobs.freed[0].Until.Sub(jobs.took) != c.until {
					t.Errorf("got %+v freed, want the slot until %v", jobs.freed, c.until)
				}
			})
		})
	}
}
