package contract_test

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// publishedAutomation stores an automation, and publishes it.
func (w *world) publishedAutomation(t *testing.T, org string, trigger automation.Trigger) {
	t.Helper()
	at := w.Now()
	a := automation.Automation{ID: automation.NewID(), OrgID: org, Name: "test", CreatedAt: at, UpdatedAt: at, Revision: 1}
	if err := w.Store.CreateAutomation(t.Context(), nil, a); err != nil {
		t.Fatal(err)
	}
	_, err := w.Store.ChangeAutomation(t.Context(), nil, org, a.ID, at, func(a *automation.Automation) (err error) {
		a.Published = &automation.Published{Draft: automation.Draft{Definition: automation.Definition{Trigger: trigger}}, Version: 1, At: at}
		a.Due, err = automation.NextDue(trigger, at)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// startingFanout stores the fan-out of a turn that starts the run of an automation.
func (w *world) startingFanout(t *testing.T) delivery.Ref {
	t.Helper()
	org := w.Org(t, ledger.Credit)
	w.publishedAutomation(t, org, automation.Trigger{Type: automation.OnEvent, Event: event.TurnCompleted})
	feed := &event.Feed{Store: w.Store, Workers: lost{}, Now: time.Now}
	at := w.Now().Add(time.Second)
	_, err := feed.Follow(t.Context(), []event.Change{{ID: "1", At: at, Turn: &turn.Turn{ID: turn.NewID(), OrgID: org, Starts: true, SettledAt: at}}})
	if err != nil {
		t.Fatal(err)
	}
	all, err := w.Store.Deliveries(t.Context(), org, delivery.Fanout, "", 1)
	if err != nil || len(all) != 1 {
		t.Fatalf("got %d fan-outs, %v, want 1", len(all), err)
	}
	return all[0].Ref
}

// lost is a queue that loses all messages.
type lost struct{}

func (lost) Send(context.Context, ...work.Message) error { return nil }

// The Lambda runtime has no time zones. So a package that reads schedules, or changes automations
// that have some, links them; the others need not.
func TestZones_LinkedWhereRead(t *testing.T) {
	const zones = module + "shared/automation/zones"
	reads := regexp.MustCompile(`\bautomation\.(Parse|NextDue)\(|\bautomation\.Scheduler\{`)
	imports, linked := packages(t), 0
	needs := map[string]bool{}
	sources(t, func(name string) error {
		text, err := os.ReadFile(inProject(name))
		if from := name[:strings.LastIndex(name, "/")]; reads.Match(text) && !strings.HasPrefix(from, "shared/automation") {
			needs[from] = true
		}
		return err
	}, "functions", "shared")
	for from := range needs {
		if linked++; !slices.Contains(imports[from], zones) {
			t.Errorf("%s reads schedules: got no import of %s, want one", from, zones)
		}
	}
	for from, all := range imports {
		if slices.Contains(all, zones) && !needs[from] || slices.Contains(all, "time/tzdata") && from != "shared/automation/zones" {
			t.Errorf("%s reads no schedules: got an import of the time zones, want none", from)
		}
	}
	if linked == 0 {
		t.Error("got no package that reads schedules, want some")
	}
}
