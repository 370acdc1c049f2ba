package faults_test

import (
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/tests/rig"
)

// A client that goes away at any byte of its stream does not stop the turn: it
// is answered to its end, stored and charged once.
func TestTurn_ClientGoneAtAnyByte(t *testing.T) {
	const start = 1000 * ledger.Credit
	r, random := faultRig{rig.Start(t, start)}, random(t)
	th := r.Thread(t)
	gone := 0
	for range *times {
		res, err := r.Post(th, "[[words 20]] [[delay 1]]")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, res.Body, random.Int64N(1200)); err == nil {
			gone++
		}
		_ = res.Body.Close()
	}
	if gone < *times/2 {
		t.Errorf("only %d of %d clients went away before the end", gone, *times)
	}
	r.quiet(t)
	charged, turns := r.settled(t)
	if a := r.Account(t, r.Org); turns != *times || a.Balance() != start-charged {
		t.Errorf("%d turns settled for %d, balance %d", turns, charged, a.Balance())
	}
	said, err := r.Store.TurnsAfter(t.Context(), thread.Thread{OrgID: r.Org, ID: th}, 0, *times)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range said {
		if !strings.HasSuffix(x.Assistant, " w20") || x.Interrupted {
			t.Errorf("turn %+v", x)
		}
	}
}

// quiet returns when no turn is under way.
func (r faultRig) quiet(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		a := r.Account(t, r.Org)
		if len(a.Open) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("still open after a minute: %v", a.Open)
		}
	}
}

// A function that freezes in mid-stream and wakes when its hold has expired and
// was released settles nothing, and says so; one that froze at another time
// does what it would have done.
func TestFrozenFunction(t *testing.T) {
	const start = 1000 * ledger.Credit
	r, random := faultRig{rig.Start(t, start)}, random(t)
	th := r.Thread(t)
	r.Warm(t, th)
	whole, late := 1, 0
	for range *times {
		res, err := r.Post(th, "[[words 20]] [[delay 2]]")
		if err != nil {
			t.Fatal(err)
		}
		var stream strings.Builder
		_, _ = io.CopyN(&stream, res.Body, random.Int64N(1500))
		pids := r.Runner.Processes(messageCreate)
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGSTOP)
		}
		r.sweep(t, time.Now().Add(ledger.HoldLife+time.Minute))
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
		_, err = io.Copy(&stream, res.Body)
		_ = res.Body.Close()
		switch done, failed := strings.Contains(stream.String(), "event: done"), strings.Contains(stream.String(), "event: error"); {
		case err != nil || done == failed:
			t.Fatalf("the stream ended with %q, %v", stream.String(), err)
		case done:
			whole++
		default:
			late++
		}
	}
	t.Logf("%d turns woke in time, %d too late", whole, late)
	if late < *times/5 {
		t.Errorf("only %d of %d turns were frozen in the middle", late, *times)
	}
	charged, turns := r.settled(t)
	if a := r.Account(t, r.Org); turns != whole || len(a.Open) != 0 || a.Balance() != start-charged {
		t.Errorf("%d turns settled for %d, %d were told to be; balance %d, open %v", turns, charged, whole, a.Balance(), a.Open)
	}
}
