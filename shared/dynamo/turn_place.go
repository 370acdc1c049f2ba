package dynamo

import (
	"hash/fnv"
	"strconv"
	"strings"
)

// A turn's place in its thread is a time in microseconds, chosen by the process
// that settles it. Its clock may be behind, and transactions may overtake each
// other, so the account keeps fences: a fence is the latest place among the threads
// that share it. A settlement succeeds only at a place beyond the fence, and moves
// the fence there. Places therefore grow in the order in which turns become visible,
// and a reader who has seen a thread up to a place misses no turn before it. Each
// settlement writes the account anyway, so a fence costs no write.
//
// Threads are spread over several fences, because a fence that a turn of another
// thread has moved costs another attempt. A fence that has not moved for a minute is
// dropped: the clocks are beyond it. An account in parts has no single item
// that sees all settlements of a thread; there the thread's own row is the fence
// (see thread_change.go).
const (
	fencePrefix = "last_"
	fences      = 16
)

// freshPlace is the largest age of a place. It is less than the life of a fence, so that a fence
// beyond the place was not dropped yet.
const freshPlace = windowKept / 2

// fenceOf returns the name of a thread's fence on its account.
func fenceOf(threadID string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(threadID))
	return fencePrefix + strconv.FormatUint(uint64(h.Sum32()%fences), 16)
}

func isFence(name string) bool { return strings.HasPrefix(name, fencePrefix) }

// placeAfter returns a place beyond another: the store's time if that is later.
func (s *Store) placeAfter(place int64) int64 { return max(s.now().UnixMicro(), place+1) }
