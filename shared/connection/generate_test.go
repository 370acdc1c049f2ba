package connection_test

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/connection"
)

// Each mail connection has a key of its own, and other channels have none.
func TestGenerate(t *testing.T) {
	first, second := connection.Generate(connection.Email)[connection.ReplyKey], connection.Generate(connection.Email)[connection.ReplyKey]
	if len(first) < 26 || first == second {
		t.Errorf("got the keys %q and %q, want two of at least 128 bits", first, second)
	}
	for _, c := range connection.Channels() {
		if got := connection.Generate(c); (len(got) > 0) != (c == connection.Email) {
			t.Errorf("%s: got %d secrets", c, len(got))
		}
	}
}
