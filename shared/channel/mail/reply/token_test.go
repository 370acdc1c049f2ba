package reply_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/channel/mail/reply"
)

// A token leads to its thread, in any case of its letters. Each altered character, and another
// connection's key, leads to none.
func TestToken(t *testing.T) {
	token := reply.Token(key, thread)
	if len(token) != 40 {
		t.Errorf("got %q of %d characters, want 40", token, len(token))
	}
	for _, spelled := range []string{token, strings.ToUpper(token), "eu+" + token} {
		if got, ok := reply.ReadToken(key, spelled); got != thread || !ok {
			t.Errorf("%s: got %s, %v, want %s", spelled, got, ok, thread)
		}
	}
	for i := range token {
		other := "a"
		if token[i] == 'a' {
			other = "b"
		}
		if got, ok := reply.ReadToken(key, token[:i]+other+token[i+1:]); ok {
			t.Errorf("with another character at %d: got %s, want none", i, got)
		}
	}
	for _, wrong := range []string{"", token[1:], token + "a", token + "aaaaaaaa", "ä"} {
		if got, ok := reply.ReadToken(key, wrong); ok {
			t.Errorf("%q: got %s, want none", wrong, got)
		}
	}
	if _, ok := reply.ReadToken([]byte("another"), token); ok {
		t.Error("another key reads the token")
	}
}

// Without a key nothing is signed, and nothing is believed.
func TestToken_NoKey(t *testing.T) {
	if got := reply.Token(nil, thread); got != "" {
		t.Errorf("got %q, want none", got)
	}
	if _, ok := reply.ReadToken(nil, reply.Token([]byte{}, thread)); ok {
		t.Error("an empty key reads a token")
	}
	if id := reply.ID(nil, ref, "x"); id != ref+"@x" {
		t.Errorf("got %s, want %s@x", id, ref)
	}
	if _, ok := reply.ReadID(nil, ref+".aaaaaaaaaaaaaaaa@x"); ok {
		t.Error("an empty key reads an id")
	}
}

// An id leads to its send. Ids of others, and tokens, do not.
func TestID(t *testing.T) {
	id := reply.ID(key, ref, "shop.example")
	if got, ok := reply.ReadID(key, id); got != ref || !ok {
		t.Errorf("got %q, %v, want %q", got, ok, ref)
	}
	for _, wrong := range []string{"", "@", ".@", "x" + id, ref + "@shop.example", ref + ".@shop.example", strings.Replace(id, "@", "a@", 1), strings.Split(id, "@")[0], "CAF.abc@mail.gmail.com"} {
		if got, ok := reply.ReadID(key, wrong); ok {
			t.Errorf("%q: got %q, want none", wrong, got)
		}
	}
}

func TestToken_RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "key")
		id := uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "thread"))
		if got, ok := reply.ReadToken(k, reply.Token(k, id)); got != id || !ok {
			t.Fatalf("got %s, %v, want %s", got, ok, id)
		}
	})
}

// No text is read as a token or an id of ours, and none crashes the readers.
func FuzzReadToken(f *testing.F) {
	f.Add(reply.ID(key, ref, "x"))
	f.Add(reply.Token(key, thread))
	f.Fuzz(func(t *testing.T, text string) {
		if got, ok := reply.ReadToken(key, text); ok && !strings.HasSuffix(strings.ToLower(text), reply.Token(key, got)) {
			t.Errorf("%q is read as the token of %s", text, got)
		}
		if got, ok := reply.ReadID(key, text); ok && !strings.HasPrefix(text, got+".") {
			t.Errorf("%q is read as the id of %s", text, got)
		}
	})
}
