package event

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// Happening has the events that one change of the table caused.
type Happening struct {
	OrgID  string    `json:"-"`
	At     time.Time `json:"at"`     // of the change
	Events []Event   `json:"events"` // in the order of sending

	Automatic bool `json:"automatic,omitempty"` // a step of an automation caused it
}

// wantedBy reports whether any of an org's webhooks wants any of the events.
func (h Happening) wantedBy(webhooks []delivery.Webhook) bool {
	return slices.ContainsFunc(webhooks, func(e delivery.Webhook) bool {
		return h.knownTo(e) && slices.ContainsFunc(h.Events, func(x Event) bool { return e.Wants(x.Type) })
	})
}

// knownTo reports whether a webhook existed at the time of the happening. Webhooks
// receive no older events.
func (h Happening) knownTo(e delivery.Webhook) bool { return !h.At.Add(rounding).Before(e.CreatedAt) }

// For returns the deliveries of the events that a webhook wants, in order: each waits
// for the one before it. Their ids are derived from event and webhook, so that a retry
// produces the same ids, and start with time and position, so that they sort.
func (h Happening) For(e delivery.Webhook) ([]delivery.Delivery, error) {
	var all []delivery.Delivery
	for i, x := range h.Events {
		if !e.Wants(x.Type) {
			continue
		}
		body, err := x.Body()
		if err != nil {
			return nil, err
		}
		all = append(all, delivery.Delivery{
			Ref:     delivery.Ref{OrgID: e.OrgID, Target: e.ID, ID: deliveryID(h.At, i, x.ID, e.ID)},
			EventID: x.ID, Type: x.Type, URL: e.URL, Body: body, CreatedAt: h.At, Status: delivery.Pending,
		})
	}
	for i := range all[min(1, len(all)):] {
		all[i].Next = all[i+1].ID
	}
	return all, nil
}

// deliveryID returns an id that consists of a time, a position and a digest.
func deliveryID(at time.Time, place int, eventID, webhookID string) string {
	digest := sha256.Sum256([]byte(eventID + " " + webhookID))
	rest := [10]byte(digest[:])
	rest[0], rest[1] = 0, byte(place) //nolint:gosec // a change has a handful of events
	return delivery.IDAt(at, rest)
}

// fanned is the body of a fan-out: a happening, and the id of the previous happening of
// the same thread, without its data.
type fanned struct {
	Happening

	Before *Happening `json:"before,omitempty"`
}

// fanoutRef returns the name of a happening's fan-out, derived from the happening's id.
func (h Happening) fanoutRef() delivery.Ref {
	return delivery.Ref{OrgID: h.OrgID, Target: delivery.Fanout, ID: deliveryID(h.At, 0, h.Events[0].ID, delivery.Fanout)}
}

// fanout returns the fan-out of a happening, due now. before is the id of the happening
// that must be fanned out first, empty if there is none.
func (h Happening) fanout(before Happening, now time.Time) (delivery.Delivery, error) {
	f := fanned{Happening: h}
	if len(before.Events) > 0 {
		f.Before = &Happening{At: before.At}
		for _, x := range before.Events {
			f.Before.Events = append(f.Before.Events, Event{ID: x.ID, Type: x.Type, At: x.At})
		}
	}
	body, err := json.Marshal(f)
	return delivery.Delivery{
		Ref: h.fanoutRef(), EventID: h.Events[0].ID, Type: delivery.Fanout, Body: body, CreatedAt: h.At, NextAt: now, Status: delivery.Pending,
	}, err
}

// readFanout returns the happening of a fan-out, and the one before it.
func readFanout(d delivery.Delivery) (h, before Happening, err error) {
	var f fanned
	if err := json.Unmarshal(d.Body, &f); err != nil {
		return Happening{}, Happening{}, err
	}
	f.OrgID = d.OrgID
	if f.Before != nil {
		before = *f.Before
		before.OrgID = d.OrgID
	}
	return f.Happening, before, nil
}
