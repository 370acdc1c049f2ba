package recall_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/quintet-agents/quintet/shared/recall"
)

func TestLatestIsRemembered(t *testing.T) {
	var m recall.Memory[int]
	for _, learned := range []int{3, 4, 0, 2} {
		if m.Learn("a", learned); m.Of("a") != learned || m.Of("b") != 0 {
			t.Errorf("of a %d, of b %d; learned %d of a", m.Of("a"), m.Of("b"), learned)
		}
	}
}

// Many names take no more room than is allowed, and the latest is among those
// that are remembered.
func TestMemoryIsBounded(t *testing.T) {
	var m recall.Memory[bool]
	const names = 2500
	for i := range names {
		if m.Learn(strconv.Itoa(i), true); !m.Of(strconv.Itoa(i)) {
			t.Fatalf("%d is forgotten at once", i)
		}
	}
	remembered := 0
	for i := range names {
		if m.Of(strconv.Itoa(i)) {
			remembered++
		}
	}
	if remembered > 1000 {
		t.Errorf("%d are remembered", remembered)
	}
}

func TestSideBySide(_ *testing.T) {
	var m recall.Memory[int]
	var wave sync.WaitGroup
	for i := range 8 {
		wave.Go(func() {
			for n := range 3000 {
				m.Learn(strconv.Itoa(n), i)
				m.Of(strconv.Itoa(n))
			}
		})
	}
	wave.Wait()
}
