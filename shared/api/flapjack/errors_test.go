package flapjack

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

// Every code has a form, and the text of an internal error is never shown.
func TestWriteError_EveryCode(t *testing.T) {
	wiretest.EveryCode(t, WriteError, forms, wiretest.Always)
}
