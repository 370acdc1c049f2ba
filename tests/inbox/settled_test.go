package inbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// A worker dies after its turn has settled, and nobody looks at the chat for longer than anything
// redelivers. The turn is not run again: its key does not expire while its run is stored.
func TestRun_SettledLongAgo(t *testing.T) {
	h := openHall(t)
	for _, days := range []int{1, 2, 8, 15, 400} {
		t.Run(fmt.Sprintf("%d days", days), func(t *testing.T) {
			w := h.world(t)
			w.receive(t, w.message("m1", "316", "hello"))
			p := w.process(mortal.Immortal())
			turns := &forgetful{Runner: p.Turns}
			p.Turns = turns
			for !turns.lost {
				m, ok := w.next(w.now().Add(time.Minute))
				if !ok {
					t.Fatal("got no message, want one that runs the turn")
				}
				w.take(t, p, m)
			}
			if got := w.keys(t); len(got) != 1 || got[0] != 0 {
				t.Errorf("got keys that expire at %v while the run is stored, want one that does not", got)
			}
			w.sleep(time.Duration(days)*24*time.Hour + time.Hour)
			w.settle(t, w.process(mortal.Immortal()))
			o := w.check(t, []string{"hello"})
			if len(o.turns) != 1 || o.turns[0].Charge == 0 {
				t.Errorf("got turns %+v, want one that was charged", o.turns)
			}
			end := w.now().Add(idempotency.Life).Unix()
			if got := w.keys(t); len(got) != 1 || got[0] == 0 || got[0] > end {
				t.Errorf("got keys that expire at %v after the end of the run, want one before %d", got, end)
			}
		})
	}
}

// keys returns when the idempotency keys of the org expire; 0 for one that does not.
func (w *world) keys(t *testing.T) (expire []int64) {
	t.Helper()
	pages := dynamodb.NewScanPaginator(w.Client, &dynamodb.ScanInput{
		TableName: &w.Name, FilterExpression: new("sk = :once AND begins_with(pk, :org)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":once": str("ONCE"), ":org": str("ORG#" + w.org)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			if !strings.Contains(it["pk"].(*types.AttributeValueMemberS).Value, "#ONCE#") {
				continue
			}
			var at int64
			if n, ok := it["expires"].(*types.AttributeValueMemberN); ok {
				if _, err := fmt.Sscan(n.Value, &at); err != nil {
					t.Fatal(err)
				}
			}
			expire = append(expire, at)
		}
	}
	return expire
}
