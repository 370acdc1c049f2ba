package idempotency_test

import (
	"strings"
	"testing"
	"time"

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

// Names of events differ if a part does, however the parts could be joined. They are no client's
// keys.
func TestEvent(t *testing.T) {
	first := idempotency.Event("org", time.Hour, "a", "bc")
	if first != idempotency.Event("org", time.Hour, "a", "bc") || first.OrgID != "org" || first.Kept != time.Hour || first.Body != "" {
		t.Errorf("got %+v, want the same key for the same name", first)
	}
	client, err := idempotency.New("org", "event", "a", "bc", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []idempotency.Key{
		idempotency.Event("org", time.Hour, "ab", "c"), idempotency.Event("org", time.Hour, "abc"), idempotency.Event("org", time.Hour, "bc", "a"),
		idempotency.Event("org", time.Hour, "a", "bc", ""), client,
	} {
		if other.ID == first.ID {
			t.Errorf("got the id %s twice", other.ID)
		}
	}
}
