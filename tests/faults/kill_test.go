// Package faults_test injects faults - kills, freezes, lost answers, failing
// receivers - and checks that money, threads and deliveries are right afterwards.
package faults_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

const messageCreate = "flapjack-message-create"

// The answering function is killed again and again in mid-stream. Afterwards no hold
// is left, the balance is the initial one minus the settled charges, and every
// settled turn has both its messages.
func TestTurn_KilledMidStream(t *testing.T) {
	const start = 1000 * ledger.Credit
	r := faultRig{rig.Start(t, start)}
	thread := r.Thread(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	kills, cut, whole := *times, 0, 0
	for i := range kills {
		res, err := r.Post(thread, fmt.Sprintf("[[words 20]] [[delay 3]] turn %d", i))
		if err == nil {
			timer := time.AfterFunc(time.Duration(random.IntN(90))*time.Millisecond, func() { r.kill() })
			events, readErr := rig.Events(res.Body)
			_ = res.Body.Close()
			timer.Stop()
			if readErr == nil && len(events) > 0 && events[len(events)-1].Name == "done" {
				whole++
				continue
			}
		}
		cut++
	}
	t.Logf("%d streams were cut, %d completed", cut, whole)
	if cut < kills/4 {
		t.Errorf("got %d of %d streams cut by a kill, want a quarter", cut, kills)
	}

	r.sweep(t, time.Now().Add(ledger.HoldLife+time.Minute))
	account := r.Account(t, r.Org)
	if len(account.Open) != 0 || account.Held() != 0 {
		t.Errorf("got open holds %v, want none", account.Open)
	}
	charged, settled := r.settled(t)
	if account.Balance() != start-charged {
		t.Errorf("got balance %d, want %d - %d", account.Balance(), start, charged)
	}
	if settled < whole {
		t.Errorf("got %d settled turns, want at least the %d with a complete stream", settled, whole)
	}
}

type faultRig struct{ *rig.Rig }

// kill kills every process of the answering function at once.
func (r faultRig) kill() {
	for _, pid := range r.Runner.Processes(messageCreate) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// sweep runs the sweeper with its scheduled event at the given time.
func (r faultRig) sweep(t *testing.T, at time.Time) {
	t.Helper()
	event, err := json.Marshal(map[string]any{"source": "aws.events", "detail-type": "Scheduled Event", "time": at.UTC().Format(time.RFC3339)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Runner.Invoke(t.Context(), "worker-sweep", event); err != nil {
		t.Fatal(err)
	}
}

// settled adds up the ledger's entries and checks that each has its messages.
func (r faultRig) settled(t *testing.T) (charged ledger.Credits, turns int) {
	t.Helper()
	for _, item := range r.Items(t) {
		var row struct {
			SK        string `dynamodbav:"sk"`
			User      string `dynamodbav:"user_text"`
			Assistant string `dynamodbav:"assistant_text"`
			Charge    int64  `dynamodbav:"charge"`
		}
		if err := attributevalue.UnmarshalMap(item, &row); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(row.SK, "TURN#") {
			continue
		}
		turns++
		charged += ledger.Credits(row.Charge)
		if row.User == "" || row.Assistant == "" {
			t.Errorf("got %s with the messages %q, %q, want both", row.SK, row.User, row.Assistant)
		}
	}
	return charged, turns
}
