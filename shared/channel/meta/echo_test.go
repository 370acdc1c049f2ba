package meta_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/tests/graph"
)

// A send over Messenger whose response was lost is settled by its echo, which has our id of the
// send. Instagram repeats none.
func TestSend_EchoHasOurID(t *testing.T) {
	w := open(t)
	for name, c := range map[string]struct {
		object graph.Object
		ref    string
	}{"messenger": {graph.Messenger, "send-1"}, "instagram": {graph.Instagram, ""}} {
		receipt, err := w.send(t, name, channel.Outgoing{To: channel.Person{Address: person}, Text: "hi", Ref: "send-1"})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all := w.Accepted()
		sent := all[len(all)-1]
		if sent.Ref != c.ref {
			t.Errorf("%s: got the id %q sent, want %q", name, sent.Ref, c.ref)
		}
		hook := w.DirectWebhook(c.object, sent.NumberID, graph.Echo(sent, time.UnixMilli(1749416383349)))
		if err := meta.VerifySignature(w.accounts[name].Secrets, http.Header{"X-Hub-Signature-256": {hook.Signature}}, hook.Body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := channel.Update{Account: sent.NumberID, Ignored: "a message of the business itself"}
		if c.ref != "" {
			want = channel.Update{Account: sent.NumberID, Status: &channel.Status{
				MessageID: receipt.MessageID, Ref: c.ref, State: channel.Sent, At: evening, Person: channel.Person{Address: person},
			}}
		}
		if diff := cmp.Diff(want, only(t, string(hook.Body))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}
