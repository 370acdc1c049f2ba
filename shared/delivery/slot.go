package delivery

import (
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// Place is where an org's work is counted while it is under way: at a stage, and
// at a receiver where the work is about one. Each stage has a number of slots for
// each org, so that one org cannot take all workers from the others. Each receiver
// has some of its org's slots, chosen by its name, so that a slow receiver cannot
// take all slots of its org either.
type Place struct {
	OrgID    string
	Stage    Stage
	Receiver string // a host, see receiverOf; empty at stages that have none
}

// Stage is one kind of work.
type Stage string

// The stages.
const (
	Attempts Stage = "attempts" // requests to customers' URLs
	Runs     Stage = "runs"     // turns whose answer goes to a URL
)

// The slots of an org. The template runs three to five times as many workers.
const (
	AttemptSlots  = 30 // attempts of an org at a time
	ReceiverSlots = 10 // of those, attempts at one receiver
	RunSlots      = 20 // turns of an org that run at a time
)

// Slots returns the numbers of the slots that work at the place may take.
func (p Place) Slots() []int {
	if p.Stage == Runs {
		return upTo(RunSlots)
	}
	if p.Receiver == "" {
		return upTo(AttemptSlots)
	}
	seed := fnv.New64a()
	_, _ = seed.Write([]byte(p.Receiver)) // never fails
	return rand.New(rand.NewPCG(seed.Sum64(), 0)).Perm(AttemptSlots)[:ReceiverSlots]
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// Slot is a slot that was taken. It is free again at Until if nobody frees it.
type Slot struct {
	Place
	Number int
	Until  time.Time
}

const leastCrowded, mostCrowded = 5 * time.Second, 2 * time.Minute

// StandBack returns how long work waits that found all slots of its place taken:
// a quarter of the time that it has waited already, within bounds, and up to half
// of that again by a chance from 0 to 1. So a backlog costs others little.
func StandBack(waited time.Duration, chance float64) time.Duration {
	wait := min(max(leastCrowded, waited/4), mostCrowded)
	return wait + time.Duration(chance*float64(wait)/2)
}
