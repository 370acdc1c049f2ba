package inbox

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/channel"
)

// A turn waits for a pause after the latest message, and never for more than five after the
// first.
func TestQuietUntil(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pause := time.Duration(rapid.IntRange(0, 30).Draw(t, "pause")) * time.Second
		now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
		c := Chat{}
		if waited := rapid.IntRange(-1, 1000).Draw(t, "waited"); waited >= 0 {
			c.FirstPending = now.Add(-time.Duration(waited) * time.Second)
		}
		got := c.quietUntil(pause, now)
		if got.After(now.Add(pause)) {
			t.Errorf("got a wait of %s, want at most %s", got.Sub(now), pause)
		}
		if !c.FirstPending.IsZero() && got.After(c.FirstPending.Add(longestQuiet*pause)) {
			t.Errorf("got %s after the first message, want at most %s", got.Sub(c.FirstPending), longestQuiet*pause)
		}
		if c.FirstPending.IsZero() && !got.Equal(now.Add(pause)) {
			t.Errorf("got a wait of %s for a first message, want %s", got.Sub(now), pause)
		}
	})
}

// Our id of a send is read as it was written, and is short enough for every provider.
func TestPartRef(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`[a-z0-9-]{1,100}`)
		want := PartRef{ChatID: id.Draw(t, "chat"), ReplyID: id.Draw(t, "reply"), Part: rapid.IntRange(0, 255).Draw(t, "part")}
		got, ok := ParsePartRef(want.String())
		if !ok || got != want {
			t.Errorf("got %+v, %t; want %+v", got, ok, want)
		}
		if n := len(want.String()); n > channel.MaxRef {
			t.Errorf("got %d bytes, want at most %d", n, channel.MaxRef)
		}
		_, _ = ParsePartRef(rapid.String().Draw(t, "anything"))
	})
}

// In whatever order states are reported, the last one is the same, and none goes back.
func TestState_After(t *testing.T) {
	states := []channel.State{channel.Sending, channel.Lost, channel.Sent, channel.Failed, channel.Delivered, channel.Read, channel.Played}
	rapid.Check(t, func(t *rapid.T) {
		reported := rapid.SliceOfN(rapid.SampledFrom(states), 1, 8).Draw(t, "reported")
		end := func(order []channel.State) (last channel.State) {
			for _, s := range order {
				if s.After(last) {
					last = s
				}
				if last.After(s) == (s == last) {
					t.Errorf("got %s after %s, want an order", last, s)
				}
			}
			return last
		}
		want := end(reported)
		if got := end(rapid.Permutation(reported).Draw(t, "another order")); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// The text of a turn has each message, in order, and no blank line for one without a text.
func TestText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var taken []Pending
		for range rapid.IntRange(1, 20).Draw(t, "messages") {
			m := channel.Inbound{Type: "image", Text: rapid.SampledFrom([]string{"", " ", "one", "two words"}).Draw(t, "text")}
			if rapid.Bool().Draw(t, "named") {
				m.Media = []channel.Media{{Type: "image", Name: "a.png"}}
			}
			taken = append(taken, Pending{Message: m})
		}
		lines := strings.Split(text(taken), "\n")
		if len(lines) != len(taken) {
			t.Fatalf("got %d lines, want %d", len(lines), len(taken))
		}
		for i, p := range taken {
			if lines[i] != p.Line() || strings.TrimSpace(lines[i]) == "" {
				t.Errorf("got line %q, want %q", lines[i], p.Line())
			}
		}
	})
}

// A person keeps a contact whose number somebody else has, and only a late update leaves the
// number where it is.
func TestFound_Identify(t *testing.T) {
	people := []channel.Person{{Address: "316"}, {UserID: "A"}, {UserID: "A", Address: "316"}, {UserID: "B", Address: "316"}, {UserID: "B", Address: "317"}}
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		known := Contact{ID: "known", Person: rapid.SampledFrom(people).Draw(t, "known"), IDsAt: now}
		p := rapid.SampledFrom(people).Draw(t, "person")
		at := now.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "at")) * time.Hour)
		f := Found{}
		for _, name := range Aliases(p) {
			if f.Contact == nil && slices.Contains(Aliases(known.Person), name) {
				f.Contact, f.Alias = &known, name
			}
		}
		got, owns := f.identify(p, at, Contact{ID: "fresh"})
		if mine := known.Person.UserID; mine != "" && p.UserID != "" && mine != p.UserID && got.ID == "known" {
			t.Errorf("got the contact of %+v for %+v, want a new one", known.Person, p)
		}
		if p.UserID != "" && p.UserID == known.Person.UserID && got.ID != "known" {
			t.Errorf("got a new contact for %+v, want that with the user id", p)
		}
		for _, c := range owns.Former {
			if at.Before(c.IDsAt) || c.Person.Address != "" || c.Person.UserID == "" || !slices.Contains(owns.Aliases, numberAlias(p.Address)) {
				t.Errorf("got loser %+v and aliases %v at %s, want a later number to move", c, owns.Aliases, at)
			}
		}
	})
}
