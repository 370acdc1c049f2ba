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

// A client that disconnects at any byte of its stream does not stop the turn: its
// answer is completed, stored and charged once.
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
		t.Errorf("got %d of %d clients that disconnected before the end, want half", gone, *times)
	}
	r.quiet(t)
	charged, turns := r.settled(t)
	if a := r.Account(t, r.Org); turns != *times || a.Balance() != start-charged {
		t.Errorf("got %d turns and balance %d, want %d and %d", turns, a.Balance(), *times, start-charged)
	}
	said, err := r.Store.TurnsAfter(t.Context(), thread.Thread{OrgID: r.Org, ID: th}, 0, *times)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range said {
		if !strings.HasSuffix(x.Assistant, " w20") || x.Interrupted {
			t.Errorf("got turn %+v, want a complete one", x)
		}
	}
}

// quiet returns once no turn is open.
func (r faultRig) quiet(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		a := r.Account(t, r.Org)
		if len(a.Open) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("got open turns after a minute, want none: %v", a.Open)
		}
	}
}

// A function that freezes in mid-stream, and wakes after its hold has expired and
// was released, settles nothing and reports an error. One that freezes at another
// time completes its turn.
func TestTurn_FrozenFunctionMidStream(t *testing.T) {
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
			t.Fatalf("got %q, %v, want a stream that ends with either done or error", stream.String(), err)
		case done:
			whole++
		default:
			late++
		}
	}
	t.Logf("%d functions woke in time, %d too late", whole, late)
	if late < *times/5 {
		t.Errorf("got %d of %d functions frozen in mid-stream, want a fifth", late, *times)
	}
	charged, turns := r.settled(t)
	if a := r.Account(t, r.Org); turns != whole || len(a.Open) != 0 || a.Balance() != start-charged {
		t.Errorf("got %d turns, balance %d, open %v, want %d, %d, none", turns, a.Balance(), a.Open, whole, start-charged)
	}
}
