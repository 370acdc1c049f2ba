package turn

import (
	"sync"
	"time"

	"github.com/quintet-agents/quintet/shared/model"
)

// steady wraps a sink: it calls Start before any other event, and Beat during silences.
type steady struct {
	mu      sync.Mutex
	sink    Sink
	opening Opening
	started bool
	last    time.Time
}

func newSteady(sink Sink, o Opening) *steady {
	return &steady{sink: sink, opening: o, last: time.Now()}
}

// do starts the stream if it is not started yet, then runs write.
func (s *steady) do(write func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = time.Now()
	if !s.started {
		s.started = true
		s.sink.Start(s.opening)
	}
	write()
}

func (s *steady) start()                          { s.do(func() {}) }
func (s *steady) delta(text string)               { s.do(func() { s.sink.Delta(text) }) }
func (s *steady) toolCall(call model.ToolCall)    { s.do(func() { s.sink.ToolCall(call) }) }
func (s *steady) toolRunning(call model.ToolCall) { s.do(func() { s.sink.ToolRunning(call) }) }
func (s *steady) toolDone(use ToolUse)            { s.do(func() { s.sink.ToolDone(use) }) }

// keepAlive sends beats until stop is called; stop waits for a beat in progress.
func (s *steady) keepAlive(on bool) (stop func()) {
	if !on {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(quiet)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				s.mu.Lock()
				silent := time.Since(s.last) >= quiet
				s.mu.Unlock()
				if silent {
					s.do(s.sink.Beat)
				}
			}
		}
	}()
	return func() { close(done); <-ended }
}
