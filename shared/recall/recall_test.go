package recall_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/quintet-agents/quintet/shared/recall"
)

func TestMemory_Latest(t *testing.T) {
	var m recall.Memory[int]
	for _, learned := range []int{3, 4, 0, 2} {
		if m.Learn("a", learned); m.Of("a") != learned || m.Of("b") != 0 {
			t.Errorf("got %d for a, %d for b; want %d for a, none for b", m.Of("a"), m.Of("b"), learned)
		}
	}
}

// The cache is bounded, and the latest name is always in it.
func TestMemory_Bounded(t *testing.T) {
	var m recall.Memory[bool]
	const names = 2500
	for i := range names {
		if m.Learn(strconv.Itoa(i), true); !m.Of(strconv.Itoa(i)) {
			t.Fatalf("got %d forgotten at once, want it remembered", i)
		}
	}
	remembered := 0
	for i := range names {
		if m.Of(strconv.Itoa(i)) {
			remembered++
		}
	}
	if remembered > 1000 {
		t.Errorf("got %d remembered, want at most 1000", remembered)
	}
}

// Concurrent calls of Learn keep a value that one of them stored, keep the latest names, and
// stay within the bound.
func TestMemory_Concurrent(t *testing.T) {
	const learners, names, limit = 8, 3000, 1000
	var m recall.Memory[int]
	var wave sync.WaitGroup
	for i := range learners {
		wave.Go(func() {
			for n := range names {
				m.Learn(strconv.Itoa(n), i+1)
				if got := m.Of(strconv.Itoa(n)); got < 0 || got > learners {
					t.Errorf("name %d: got %d, want what one of %d learned, or nothing", n, got, learners)
				}
			}
		})
	}
	wave.Wait()
	remembered := 0
	for n := range names {
		if m.Of(strconv.Itoa(n)) != 0 {
			remembered++
		}
	}
	if remembered == 0 || remembered > limit {
		t.Errorf("got %d names remembered, want 1 to %d", remembered, limit)
	}
	for i := range learners {
		if m.Learn("last", i+1); m.Of("last") != i+1 {
			t.Errorf("got %d for the last name, want %d", m.Of("last"), i+1)
		}
	}
}
