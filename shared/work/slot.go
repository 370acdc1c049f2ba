package work

import (
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// Place selects slots, which bound an org's concurrent work: the slots of a stage, or
// of one receiver within a stage. Each stage has a fixed number of slots for each org,
// so that one org cannot take all workers. Each receiver may use some of its org's
// slots, chosen by a hash of its name, so that a slow receiver cannot take all of them.
type Place struct {
	OrgID    string
	Stage    Stage
	Receiver string // a host in one spelling; empty at stages that have none
}

// Stage is one kind of work.
type Stage string

// The stages.
const (
	Attempts Stage = "attempts" // requests to customers' URLs
	Runs     Stage = "runs"     // jobs

	Automations Stage = "automations" // runs of automations
	Chats       Stage = "chats"       // chats of channels: neither they nor jobs hold the others up

	// Verifications are requests to ask providers about connections. Their slots are not freed
	// but expire, so that they bound the requests within that time.
	Verifications Stage = "verifications"
)

// The slots of an org. The template runs three to five times as many workers.
const (
	AttemptSlots  = 30 // attempts of an org at a time
	ReceiverSlots = 10 // of those, attempts at one receiver
	RunSlots      = 20 // jobs of an org that run at a time

	AutomationSlots = 10 // runs of automations of an org at a time
	ChatSlots       = 20 // chats of an org that are worked on at a time

	VerificationSlots = 10 // verifications of an org within VerificationTime
)

// VerificationTime is how long a verification has its slot.
const VerificationTime = time.Minute

// Slots returns the numbers of the place's slots.
func (p Place) Slots() []int {
	switch p.Stage {
	case Runs:
		return upTo(RunSlots)
	case Chats:
		return upTo(ChatSlots)
	case Automations:
		return upTo(AutomationSlots)
	case Verifications:
		return upTo(VerificationSlots)
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

// Slot is a taken slot. It expires at Until unless it is freed or kept longer.
type Slot struct {
	Place
	Number int
	Until  time.Time
}

const leastCrowded, mostCrowded = 5 * time.Second, 2 * time.Minute

// StandBack returns the delay of work whose slots are all taken: a quarter of the time
// that it has waited already, within bounds, plus up to half of that as jitter. chance
// selects the jitter, from 0 to 1. Work that has waited longer polls less often, so a
// backlog costs other orgs little.
func StandBack(waited time.Duration, chance float64) time.Duration {
	wait := min(max(leastCrowded, waited/4), mostCrowded)
	return wait + time.Duration(chance*float64(wait)/2)
}
