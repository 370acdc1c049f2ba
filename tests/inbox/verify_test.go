package inbox_test

import (
	"slices"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// verify checks what holds at the end of a history whose faults ended at a time.
func (h *history) verify(end time.Time) {
	t := h.t
	o := h.read(t)
	if h.deleted {
		h.checkOnce(o)
		o.unsent = nil // the connection was deleted before a worker stored the reply
	} else {
		var texts []string
		for _, text := range h.texts {
			texts = append(texts, text)
		}
		h.checkTexts(t, o, texts)
	}
	h.checkSends(t, o)
	h.checkMoney(t, o)
	h.checkStates(o)
	h.checkWindow()
	if h.deleted {
		return
	}
	h.checkPeople()
	if !h.handed && !h.jumped && !h.agentGone && end.Sub(h.began) < inbox.Worth {
		h.checkAnswers(o)
	}
}

// checkOnce checks that no text is in two turns.
func (h *history) checkOnce(o outcome) {
	seen := map[string]bool{}
	for _, x := range o.turns {
		for line := range strings.SplitSeq(x.User, "\n") {
			if seen[line] && line != "[message withdrawn]" {
				h.t.Errorf("got %q in two turns, want one", line)
			}
			seen[line] = true
		}
	}
}

// checkStates checks that each part that the provider has accepted is in the latest state that
// it has reported.
func (h *history) checkStates(o outcome) {
	for _, r := range o.replies {
		for n, p := range r.Parts {
			ref := inbox.PartRef{ChatID: r.ChatID, ReplyID: r.ID, Part: n}.String()
			if want := h.states[ref]; want != "" && p.State != want && want.After(channel.Sent) {
				h.t.Errorf("got part %s in state %s, want %s", ref, p.State, want)
			}
		}
	}
}

// checkWindow checks that what left after the window of its person was a template.
func (h *history) checkWindow() {
	for _, m := range h.provider.sent {
		for _, p := range h.people {
			if p.has(m.To) && m.Template == nil && !m.at.Before(p.latest.Add(inbox.Window)) {
				h.t.Errorf("got %q sent at %s, after the window of %s", m.Text, m.at, p.latest)
			}
		}
	}
}

// checkPeople checks that each person is one contact by each id, with the person's latest consent.
func (h *history) checkPeople() {
	for _, p := range h.people {
		byUser, byAddress := h.contact(h.t, channel.Person{UserID: p.UserID}), h.contact(h.t, channel.Person{Address: p.Address})
		if byUser != nil && byAddress != nil && byUser.ID != byAddress.ID {
			h.t.Errorf("got contacts %s and %s for %+v, want one", byUser.ID, byAddress.ID, p.Person)
		}
		if p.consent && byUser != nil && byUser.OptedOut != p.out {
			h.t.Errorf("got %+v opted out: %t, want %t, as the person last said", byUser, byUser.OptedOut, p.out)
		}
	}
}

// checkAnswers checks that every message of a person who never opted out was answered, if it
// is one to answer.
func (h *history) checkAnswers(o outcome) {
	for _, x := range o.turns {
		mute := x.Assistant != "" || !strings.Contains(x.User, "text")
		for _, p := range h.people {
			mute = mute || p.consent
		}
		for id, recorded := range h.recorded {
			mute = mute || recorded && slices.Contains(strings.Split(x.User, "\n"), h.texts[id])
		}
		if !mute {
			h.t.Errorf("got no answer to %q, want one", x.User)
		}
	}
}
