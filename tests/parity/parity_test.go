// Package parity_test holds the surfaces' chats against each other: whatever a
// model says, in whatever pieces, a client hears the same, over every surface
// and in each of its forms.
package parity_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Joined deltas, the text that a stream ends with, the whole answer and the
// stored message are what the model said; a stream has one end, and a repeated
// request has the same answer. `-rapid.checks 1000` tries that many answers.
func TestAnyAnswerIsTheSameEverywhere(t *testing.T) {
	r := newRig(t)
	rapid.Check(t, func(t *rapid.T) {
		*r.script = drawScript(t)
		for _, s := range surfaces {
			for _, f := range s.forms {
				r.script.asked = 0
				threadID, key := r.thread(t), r.key()
				first := r.post(s, f, threadID, key)
				kept := r.wantAnswer(t, s.name+", "+f.name, f, threadID, first)
				if kept {
					asked := r.script.asked
					again := r.post(s, f, threadID, key)
					wantReplay(t, s.name+", "+f.name, first, again)
					if r.script.asked != asked {
						t.Fatalf("%s, %s: the model was asked again", s.name, f.name)
					}
				}
			}
		}
	})
}

// wantAnswer holds an answer, and what is stored of it, against the script. It
// reports whether there is a turn that the thread keeps.
func (r *rig) wantAnswer(t *rapid.T, name string, f form, threadID string, w *httptest.ResponseRecorder) bool {
	want := r.script.said(len(r.script.rounds))
	stored, kept := r.stored(t, threadID)
	if !f.streamed && r.script.fails != nil {
		// The round that fails says nothing; what was said before it is kept.
		want = r.script.said(len(r.script.rounds) - 1)
		if !f.failed(w.Code, w.Body.String()) || strings.Contains(w.Body.String(), "secret") {
			t.Fatalf("%s: %d %s", name, w.Code, w.Body)
		}
		if stored != want || kept != (want != "") {
			t.Fatalf("%s: stored is %q, want %q", name, stored, want)
		}
		return kept
	}
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", name, w.Code, w.Body)
	}
	got := f.hear(t, w.Body.String())
	expected := heard{whole: want}
	if f.streamed {
		end := "done"
		if r.script.fails != nil {
			expected.whole, end = "", "error"
		}
		expected.pieces, expected.ends, expected.last = want, []string{end}, end
	}
	if d := cmp.Diff(expected, got, cmp.AllowUnexported(heard{})); d != "" {
		t.Fatalf("%s (-want +got):\n%s\n%s", name, d, w.Body)
	}
	if stored != want || kept != (want != "" || r.script.fails == nil) {
		t.Fatalf("%s: stored is %q, want %q", name, stored, want)
	}
	return kept
}

// heads are the headers that a repeated answer has like the first.
var heads = []string{"Content-Type", "X-Flow-Balance", "X-Flow-Precharge"}

func wantReplay(t *rapid.T, name string, first, again *httptest.ResponseRecorder) {
	if again.Header().Get("Idempotency-Replayed") != "true" || first.Header().Get("Idempotency-Replayed") != "" {
		t.Fatalf("%s: first %v, again %v", name, first.Header(), again.Header())
	}
	differs := func(head string) bool { return first.Header().Get(head) != again.Header().Get(head) }
	if first.Code != again.Code || first.Body.String() != again.Body.String() || slices.ContainsFunc(heads, differs) {
		t.Fatalf("%s: first %d %v %s\nagain %d %v %s", name, first.Code, first.Header(), first.Body, again.Code, again.Header(), again.Body)
	}
}
