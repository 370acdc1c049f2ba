package kms_test

import "testing"

// A provider's key opens for the agent that it was sealed for, and for nothing else.
func TestProviderKey_OpensForItsAgentOnly(t *testing.T) {
	box := newBox(t)
	sealed, err := box.SealProviderKey(t.Context(), "o", "a", "sk-1")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := box.OpenProviderKey(t.Context(), "o", "a", sealed); err != nil || got != "sk-1" {
		t.Errorf(`got %q, %v; want "sk-1"`, got, err)
	}
	for what, at := range map[string][2]string{"another org": {"p", "a"}, "another agent": {"o", "b"}} {
		if got, err := box.OpenProviderKey(t.Context(), at[0], at[1], sealed); err == nil {
			t.Errorf("%s: got %q, want a refusal", what, got)
		}
	}
	if got, err := box.Open(t.Context(), "o", sealed); err == nil {
		t.Errorf("as a signing secret: got %q, want a refusal", got)
	}
	signing, err := box.Seal(t.Context(), "o", "whsec")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := box.OpenProviderKey(t.Context(), "o", "a", signing); err == nil {
		t.Errorf("a signing secret as a key: got %q, want a refusal", got)
	}
}
