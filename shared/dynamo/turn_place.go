package dynamo

import (
	"hash/fnv"
	"strconv"
	"strings"
)

// A turn's place in its thread is a time in microseconds, chosen by the process
// that settles it. Its clock may be behind, and transactions may overtake each
// other, so the account keeps fences: the latest place of the threads that share
// one. A settlement succeeds only beyond the fence and moves it. Places therefore
// grow in the order in which turns become visible, and nobody who has read up to
// a place misses a turn before it. The account is part of each settlement anyway,
// so a fence costs no write.
//
// Threads are spread over several fences, for a place that is passed by a turn of
// another thread costs another attempt. A fence is dropped when it has not moved
// for a minute: the clock is beyond it. An account in parts has no single item
// that sees all settlements of a thread; there the thread's own row is the fence
// (see thread_change.go).
const (
	fencePrefix = "last_"
	fences      = 16
)

// freshPlace is how old a place may be. It is less than fences live, so that none
// that has passed the place is dropped yet.
const freshPlace = windowKept / 2

// fenceOf names the fence of a thread on its account.
func fenceOf(threadID string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(threadID))
	return fencePrefix + strconv.FormatUint(uint64(h.Sum32()%fences), fences)
}

func isFence(name string) bool { return strings.HasPrefix(name, fencePrefix) }

// placeAfter returns a place beyond another: now, by the store's clock, if that is.
func (s *Store) placeAfter(place int64) int64 { return max(s.now().UnixMicro(), place+1) }
