package idempotency_test

import (
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

func TestNew(t *testing.T) {
	for key, ok := range map[string]bool{
		"k": true, "order 4711 ~!": true, strings.Repeat("k", 255): true,
		"": false, strings.Repeat("k", 256): false, "order-\xe9": false, "order-\xe8": false, "order-é": false, "order-\ufffd": false, "a\tb": false, "a\x7f": false, "a\x00": false,
	} {
		k, err := idempotency.New("org", "POST", "/", key, nil)
		if e := fault.From(err); ok != (err == nil) || !ok && (e.Code != fault.Invalid || e.Field != "Idempotency-Key") {
			t.Errorf("%q: got %+v, %v; want a key: %t, else Invalid of Idempotency-Key", key, k, err, ok)
		}
	}
}
