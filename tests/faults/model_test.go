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

// random returns a random source, and logs its seed.
func random(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// A request that the model refuses costs nothing, stores nothing, and frees its key.
func TestModel_RefusesRequest(t *testing.T) {
	w := newWorld(t, false)
	for text, code := range map[string]fault.Code{
		"[[throttle]]": fault.ModelUnavailable, "[[fail]]": fault.Internal, "[[nomodel]]": fault.ModelRefused,
	} {
		for i := range *times {
			in := w.ask(t, text)
			in.Whole = i%2 == 0
			for range 2 {
				if out, err := w.engine.Run(t.Context(), in, turn.Quiet{}); !fault.Is(err, code) || out.Turn.ID != "" || out.Replayed {
					t.Fatalf("%s: got %+v, %v, want %v", text, out, err, code)
				}
				if turns := w.settled(t, in); len(turns) != 0 {
					t.Fatalf("%s: got settled turns %+v, want none", text, turns)
				}
			}
		}
	}
}

// A stream that breaks after some words is charged an estimate of them. One that
// breaks before its first word costs nothing.
func TestModel_BreaksMidStream(t *testing.T) {
	w, random := newWorld(t, false), random(t)
	for range *times {
		said := random.IntN(20)
		in := w.ask(t, fmt.Sprintf("[[words 20]] [[break %d]]", said))
		out, err := w.engine.Run(t.Context(), in, turn.Quiet{})
		if !fault.Is(err, fault.Internal) {
			t.Fatalf("got %+v, %v, want an internal error", out, err)
		}
		turns := w.settled(t, in)
		if said == 0 && len(turns) == 0 {
			continue
		}
		if len(turns) != 1 || len(strings.Fields(turns[0].Assistant)) != said || !turns[0].Interrupted || !turns[0].Estimated || turns[0].Charge == 0 {
			t.Fatalf("got settled turns %+v, want one of %d words", turns, said)
		}
	}
}

// undisturbed runs a turn and returns how long it took on this engine, at this load.
func (w *world) undisturbed(t *testing.T, text string) time.Duration {
	t.Helper()
	in, began := w.ask(t, text), time.Now()
	if _, err := w.engine.Run(t.Context(), in, turn.Quiet{}); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	w.settled(t, in)
	return took
}

// A turn that reaches its function's deadline settles the text produced so far, and a
// retry under its key gets the same.
func TestTurn_DeadlineAnywhere(t *testing.T) {
	w, random := newWorld(t, true), random(t)
	const story = "[[words 100]] [[delay 2]]"
	undisturbed := w.undisturbed(t, story)
	unsaid, cut, whole := 0, 0, 0
	for range *times {
		in := w.ask(t, story)
		const stopMargin = 2 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), stopMargin+time.Duration(random.Int64N(int64(undisturbed))))
		began := time.Now()
		out, err := w.engine.Run(ctx, in, turn.Quiet{})
		cancel()
		if took := time.Since(began); took > stopMargin {
			t.Fatalf("got a turn of %s, want at most %s", took, stopMargin)
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
			t.Fatalf("got %+v, %v, settled %+v, want a released, partial or complete turn", out, err, turns)
		}
	}
	t.Logf("%d turns produced nothing, %d were cut, %d completed", unsaid, cut, whole)
	if cut < *times/5 {
		t.Errorf("got %d of %d turns cut by the deadline, want a fifth", cut, *times)
	}
	if w.charged == 0 || w.charged >= worldBalance/2 {
		t.Errorf("got charges of %d, want more than 0 and less than %d", w.charged, worldBalance/2)
	}
}
