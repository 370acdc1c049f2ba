package turn

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quintet-agents/quintet/shared/model"
)

// watch records the times of all writes to the client.
type watch struct {
	at     []time.Time
	starts int
	beats  int
}

func (w *watch) Start(Opening)              { w.starts++; w.at = append(w.at, time.Now()) }
func (w *watch) Delta(string)               { w.at = append(w.at, time.Now()) }
func (w *watch) ToolCall(model.ToolCall)    {}
func (w *watch) ToolRunning(model.ToolCall) {}
func (w *watch) ToolDone(ToolUse)           {}
func (w *watch) Beat()                      { w.beats++; w.at = append(w.at, time.Now()) }

// A stream is never silent for 10 s while the model thinks, and has no beats while it
// writes.
func TestSteady_Heartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		s := newSteady(w, Opening{})
		began := time.Now()
		stop := s.keepAlive(true)
		time.Sleep(30 * time.Second) // the model thinks
		s.delta("a")
		quietBeats := w.beats
		for range 20 { // the model talks
			time.Sleep(time.Second)
			s.delta("b")
		}
		if w.beats != quietBeats {
			t.Errorf("got %d beats while the model answered, want none", w.beats-quietBeats)
		}
		stop()
		last := began
		for _, at := range w.at {
			if gap := at.Sub(last); gap >= 10*time.Second {
				t.Errorf("got %s of silence, want less than 10s", gap)
			}
			last = at
		}
		if w.starts != 1 || quietBeats < 3 {
			t.Errorf("got %d starts, %d beats; want 1, at least 3", w.starts, quietBeats)
		}
	})
}

// A quick answer has no beats.
func TestSteady_QuickAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watch{}
		s := newSteady(w, Opening{})
		stop := s.keepAlive(true)
		s.delta("a")
		stop()
		if w.beats != 0 || w.starts != 1 {
			t.Errorf("got %d beats, %d starts; want 0, 1", w.beats, w.starts)
		}
	})
}

func TestDetach_KeepsDeadline(t *testing.T) {
	deadline := time.Now().Add(time.Hour)
	parent, cancel := context.WithDeadline(context.Background(), deadline)
	ctx, done := detach(parent)
	defer done()
	cancel()
	if ctx.Err() != nil {
		t.Errorf("got %v after the client went away, want the turn to go on", ctx.Err())
	}
	if got, ok := ctx.Deadline(); !ok || !got.Equal(deadline.Add(-stopMargin)) {
		t.Errorf("got deadline %s, want %s", got, deadline.Add(-stopMargin))
	}
}
