package faults_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/turn"
)

// random returns a source of chance, whose seed a failed test shows.
func random(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// What the model refuses costs nothing and leaves nothing, and its key is free.
func TestModelRefuses(t *testing.T) {
	w := newWorld(t, false)
	for text, code := range map[string]fault.Code{
		"[[throttle]]": fault.ModelUnavailable, "[[fail]]": fault.Internal, "[[nomodel]]": fault.ModelRefused,
	} {
		for i := range *times {
			in := w.ask(t, text)
			in.Whole = i%2 == 0
			for range 2 {
				if out, err := w.engine.Run(t.Context(), in, turn.Quiet{}); !fault.Is(err, code) || out.Turn.ID != "" || out.Replayed {
					t.Fatalf("%s: told %+v, %v", text, out, err)
				}
				if turns := w.settled(t, in); len(turns) != 0 {
					t.Fatalf("%s: settled %+v", text, turns)
				}
			}
		}
	}
}

// A stream that breaks after some words is charged for them by estimate; one
// that breaks before the first costs nothing.
func TestModel_BreaksMidStream(t *testing.T) {
	w, random := newWorld(t, false), random(t)
	for range *times {
		said := random.IntN(20)
		in := w.ask(t, fmt.Sprintf("[[words 20]] [[break %d]]", said))
		out, err := w.engine.Run(t.Context(), in, turn.Quiet{})
		if !fault.Is(err, fault.Internal) {
			t.Fatalf("told %+v, %v", out, err)
		}
		turns := w.settled(t, in)
		if said == 0 && len(turns) == 0 {
			continue
		}
		if len(turns) != 1 || len(strings.Fields(turns[0].Assistant)) != said || !turns[0].Interrupted || !turns[0].Estimated || turns[0].Charge == 0 {
			t.Fatalf("%d words were said, settled %+v", said, turns)
		}
	}
}

// A turn that meets its function's deadline settles what was said by then, and
// a client that tries again is told the same.
func TestTurn_DeadlineAnywhere(t *testing.T) {
	w, random := newWorld(t, true), random(t)
	const story = "[[words 100]] [[delay 2]]"
	first, began := w.ask(t, story), time.Now()
	if _, err := w.engine.Run(t.Context(), first, turn.Quiet{}); err != nil {
		t.Fatal(err)
	}
	undisturbed := time.Since(began) // on this engine, at this load
	w.settled(t, first)
	unsaid, cut, whole := 0, 0, 0
	for range *times {
		in := w.ask(t, story)
		const stopMargin = 2 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), stopMargin+time.Duration(random.Int64N(int64(undisturbed))))
		began := time.Now()
		out, err := w.engine.Run(ctx, in, turn.Quiet{})
		cancel()
		if took := time.Since(began); took > stopMargin {
			t.Fatalf("a turn ran for %s", took)
		}
		w.expire(t, began)
		turns := w.settled(t, in)
		switch {
		case err != nil && len(turns) == 0 && out.Turn.ID == "":
			unsaid++
		case err == nil && len(turns) == 1 && strings.HasSuffix(turns[0].Assistant, " w100") && !turns[0].Interrupted:
			whole++
		case fault.Is(err, fault.ModelUnavailable) && len(turns) == 1 && turns[0].Interrupted && turns[0].ID == out.Turn.ID:
			cut++
		default:
			t.Fatalf("told %+v, %v; settled %+v", out, err, turns)
		}
	}
	t.Logf("%d turns had said nothing, %d were cut, %d ended", unsaid, cut, whole)
	if cut < *times/5 {
		t.Errorf("only %d of %d turns were cut: the deadlines prove little", cut, *times)
	}
	if w.charged == 0 || w.charged >= worldBalance/2 {
		t.Errorf("all turns cost %d", w.charged)
	}
}
