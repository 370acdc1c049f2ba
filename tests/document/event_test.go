package document_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/tests/document"
)

// The document describes each event that webhooks can subscribe to, and the test event.
func TestDocument_DescribesEvents(t *testing.T) {
	d, err := document.Load()
	if err != nil {
		t.Fatal(err)
	}
	want := append(slices.Clone(event.Types), "webhook.test")
	got := d.Events()
	slices.Sort(want)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("events of the document (-want +got):\n%s", d)
	}
}

// Events that differ from the document are errors.
func TestCheckEvent(t *testing.T) {
	d, err := document.Load()
	if err != nil {
		t.Fatal(err)
	}
	const org = `"org_id":"0199e1f2-6c1a-7d3e-9a44-2f8f5c0b7e01"`
	for body, ok := range map[string]bool{
		`{"type":"webhook.test","timestamp":"2026-01-31T12:00:00.000Z","data":{` + org + `,"agent_id":null}}`:       true,
		`{"type":"webhook.test","timestamp":"2026-01-31T12:00:00.000Z","data":{` + org + `}}`:                       false,
		`{"type":"webhook.test","timestamp":"2026-01-31T12:00:00.000Z","data":{` + org + `,"agent_id":null,"x":1}}`: false,
		`{"type":"webhook.test","timestamp":"2026-01-31T12:00:00.000Z","x":1,"data":{` + org + `,"agent_id":null}}`: false,
		`{"type":"turn.completed","timestamp":"2026-01-31T12:00:00.000Z","data":{` + org + `,"agent_id":null}}`:     false,
		`{"type":"nothing.known","timestamp":"2026-01-31T12:00:00.000Z","data":{` + org + `,"agent_id":null}}`:      false,
		`{"type":"webhook.test","timestamp":"yesterday","data":{` + org + `,"agent_id":null}}`:                      false,
	} {
		if err := d.CheckEvent([]byte(body)); (err == nil) != ok {
			t.Errorf("%s: got %v, want success %t", body, err, ok)
		}
	}
}
