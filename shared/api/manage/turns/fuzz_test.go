package turns

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

// No path crashes the reader of a turn's id.
func FuzzTurnID(f *testing.F) { wiretest.FuzzPathID(f, "id", turnID) }
