package ledger_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/api/manage/credits"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

var usageTurns = flag.Int("usage", 500, "number of turns whose usage is added up")

// The days of the test's usage: a leap day, the end of a month, and nights with a
// change of clocks in some time zones.
var (
	firstDay = time.Date(2028, time.February, 27, 0, 0, 0, 0, time.UTC)
	days     = 5
	zones    = []*time.Location{time.UTC, time.FixedZone("east", 14*3600), time.FixedZone("west", -12*3600)}
)

// usageOrg is an org whose usage is also added up by the test.
type usageOrg struct {
	id, key string

	// Turns run one at a time: their random times are days apart, and concurrent rate
	// windows would conflict again and again.
	gate sync.Mutex

	mu      sync.Mutex
	usage   map[ledger.UsageOf]ledger.Usage
	balance ledger.Credits
}

// The usage API adds up to the ledger, to the micro-credit: for every grouping, across
// midnights, months and a leap day. The rollup first finds nothing to repair, then
// repairs damaged counts, and then finds nothing again.
func TestUsage_EqualsLedger(t *testing.T) {
	table := dynamotest.Open(t)
	seed := *firstSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	orgs := make([]*usageOrg, 3)
	for i := range orgs {
		orgs[i] = newUsageOrg(t, table)
	}
	var wave sync.WaitGroup
	const hands = 8
	for hand := range uint64(hands) {
		random := rand.New(rand.NewPCG(seed, hand))
		wave.Go(func() {
			for range *usageTurns / hands {
				orgs[random.IntN(len(orgs))].run(t, table, random)
			}
		})
	}
	wave.Wait()

	api := newUsageAPI(t, table)
	for _, o := range orgs {
		api.compare(t, o)
	}
	rollup(t, table, 0)
	random := rand.New(rand.NewPCG(seed, hands))
	damaged := 0
	for _, o := range orgs {
		damaged += o.damage(t, table, random)
	}
	rollup(t, table, damaged)
	for _, o := range orgs {
		api.compare(t, o)
	}
	rollup(t, table, 0)
}

func newUsageOrg(t *testing.T, table dynamotest.Table) *usageOrg {
	t.Helper()
	o := &usageOrg{usage: map[ledger.UsageOf]ledger.Usage{}, balance: 100_000 * ledger.Credit}
	o.id = table.Org(t, o.balance, func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6 })
	o.key, _ = table.Key(t, o.id, "")
	return o
}

// run runs a turn at a random time, every second one near a midnight.
func (o *usageOrg) run(t *testing.T, table dynamotest.Table, random *rand.Rand) {
	at := firstDay.Add(time.Duration(random.Int64N(int64(days) * int64(24*time.Hour))))
	if random.IntN(2) == 0 {
		midnight := firstDay.AddDate(0, 0, 1+random.IntN(days-1))
		at = midnight.Add(time.Duration(random.IntN(5)-2) * time.Millisecond)
	}
	at = at.Truncate(time.Millisecond).In(zones[random.IntN(len(zones))])
	pick := func(from ...string) string { return from[random.IntN(len(from))] }

	o.gate.Lock()
	hold, err := table.Store.Admit(t.Context(), turn.Admission{
		OrgID: o.id, KeyID: pick("k", "l"), TurnID: turn.NewIDAt(at), Kind: ledger.Kind(pick("hosted", "own")), At: at,
	})
	o.gate.Unlock()
	if err != nil {
		t.Error(err)
		return
	}
	if random.IntN(10) == 0 {
		if err := table.Store.Release(t.Context(), hold); err != nil {
			t.Error(err)
		}
		return
	}
	x := turn.Turn{
		ID: hold.TurnID, OrgID: o.id, ThreadID: hold.TurnID, AgentID: pick("a", "ab", "b"), KeyID: pick("k", "l"),
		Channel: pick("flapjack", "flowgent"), Model: pick("m", "m:0"), Place: at.UnixMicro(), StartedAt: at, SettledAt: at,
		User: "u", Assistant: "a", Usage: model.Usage{Input: random.IntN(9999), Output: random.IntN(9999)},
		Charge: ledger.Credits(random.Int64N(3 * int64(ledger.DefaultHold))),
	}
	settled, err := table.Store.Settle(t.Context(), &turn.Settlement{Hold: hold, Turn: x})
	if err != nil || settled.Charge != x.Charge {
		t.Errorf("got charge %d, want %d, %v", settled.Charge, x.Charge, err)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	of := ledger.UsageOf{Day: at.UTC().Format("2006-01-02"), AgentID: x.AgentID, KeyID: x.KeyID, Channel: x.Channel, Model: x.Model}
	o.usage[of] = o.usage[of].Plus(ledger.Usage{Turns: 1, Input: x.Usage.Input, Output: x.Usage.Output, Charge: x.Charge})
	o.balance -= x.Charge
}

// damage changes, deletes and adds counts, and returns their number.
func (o *usageOrg) damage(t *testing.T, table dynamotest.Table, random *rand.Rand) int {
	t.Helper()
	rows, err := table.Store.Usage(t.Context(), o.id, ledger.Day(firstDay), ledger.Day(firstDay.AddDate(0, 0, days)))
	if err != nil {
		t.Fatal(err)
	}
	random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	rows = rows[:min(len(rows), 9)]
	for i, r := range rows {
		wrong := r.Usage
		switch i % 3 {
		case 0:
			wrong.Charge++
		case 1:
			wrong = ledger.Usage{} // as if the usage had never been counted
		default:
			wrong.Turns, wrong.Input, wrong.Output = wrong.Turns+1, wrong.Input*2+1, wrong.Output+1
		}
		if err := table.Store.RepairUsage(t.Context(), o.id, r.UsageOf, r.Usage, wrong); err != nil {
			t.Fatal(err)
		}
		if i%3 == 1 {
			o.lose(t, table, r.UsageOf)
		}
	}
	ghost := ledger.UsageOf{Day: ledger.Day(firstDay), AgentID: "ghost"}
	if err := table.Store.RepairUsage(t.Context(), o.id, ghost, ledger.Usage{}, ledger.Usage{Turns: 3, Charge: 5}); err != nil {
		t.Fatal(err)
	}
	return len(rows) + 1
}

// lose deletes a row of usage.
func (o *usageOrg) lose(t *testing.T, table dynamotest.Table, of ledger.UsageOf) {
	t.Helper()
	_, err := table.Client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
		TableName: &table.Name, Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "ORG#" + o.id + "#USAGE#" + of.Day[:7]},
			"sk": &types.AttributeValueMemberS{Value: fmt.Sprintf("%s#%s#%s#%s#%s", of.AgentID, of.Day, of.KeyID, of.Channel, of.Model)},
		},
		ConditionExpression: new("attribute_exists(pk)"),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rollup runs the rollup of every day, as the schedule does on the next day, and checks
// the number of repairs.
func rollup(t *testing.T, table dynamotest.Table, want int) {
	t.Helper()
	repaired := 0
	for i := range days {
		day := firstDay.AddDate(0, 0, i)
		if err := table.Store.SaveRollup(t.Context(), ledger.Day(day), ledger.RollupState{}); err != nil {
			t.Fatal(err)
		}
		if err := ledger.Rollup(table.Store)(t.Context(), day.Add(25*time.Hour)); err != nil {
			t.Fatal(err)
		}
		state, err := table.Store.Rollup(t.Context(), ledger.Day(day))
		if err != nil || !state.Done {
			t.Fatalf("got rollup %+v, %v, want done", state, err)
		}
		repaired += state.Repaired
	}
	if repaired != want {
		t.Errorf("got %d repaired counts, want %d", repaired, want)
	}
}

// usageAPI is the API that customers use.
type usageAPI struct{ usage, entries, credits http.Handler }

func newUsageAPI(t *testing.T, table dynamotest.Table) usageAPI {
	t.Helper()
	auth := identity.NewAuthenticator(table.Store, time.Now)
	return usageAPI{credits.UsageList(auth, table.Store, time.Now), credits.EntryList(auth, table.Store), credits.Get(auth, table.Store)}
}

func ask[T any](t *testing.T, h http.Handler, key string, query url.Values) (answer T) {
	t.Helper()
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/?"+query.Encode(), nil)
	r.Header.Set("Authorization", "Bearer "+key)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: got %d %s, want 200", query.Encode(), w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

type usageAnswer struct {
	Data struct {
		Rows []struct {
			Day     string `json:"day"`
			AgentID string `json:"agent_id"`
			KeyID   string `json:"key_id"`
			Channel string `json:"channel"`
			Model   string `json:"model"`
			usageSum
		} `json:"rows"`
		Total usageSum `json:"total"`
	} `json:"data"`
}

type usageSum struct {
	Turns   int         `json:"turns"`
	Input   int         `json:"input_tokens"`
	Output  int         `json:"output_tokens"`
	Credits json.Number `json:"credits"`
}

func (s usageSum) usage(t *testing.T) ledger.Usage {
	t.Helper()
	return ledger.Usage{Turns: s.Turns, Input: s.Input, Output: s.Output, Charge: micro(t, s.Credits)}
}

func micro(t *testing.T, n json.Number) ledger.Credits {
	t.Helper()
	c, ok := ledger.ParseCredits(n.String())
	if !ok {
		t.Fatalf("got %s, want an amount of credits", n)
	}
	return c
}

// compare compares the API's answers with the usage added up by the test.
func (api usageAPI) compare(t *testing.T, o *usageOrg) {
	t.Helper()
	for _, group := range []string{"day", "agent", "key", "channel", "model", "day,agent,key,channel,model"} {
		got := ask[usageAnswer](t, api.usage, o.key, url.Values{
			"from": {ledger.Day(firstDay)}, "to": {ledger.Day(firstDay.AddDate(0, 0, days))}, "group": {group},
		})
		want, rows := map[ledger.UsageOf]ledger.Usage{}, map[ledger.UsageOf]ledger.Usage{}
		var total ledger.Usage
		for of, u := range o.usage {
			key := groupedBy(of, group)
			want[key], total = want[key].Plus(u), total.Plus(u)
		}
		for _, r := range got.Data.Rows {
			rows[ledger.UsageOf{Day: r.Day, AgentID: r.AgentID, KeyID: r.KeyID, Channel: r.Channel, Model: r.Model}] = r.usage(t)
		}
		if d := cmp.Diff(want, rows); d != "" {
			t.Errorf("usage by %s (-want +got):\n%s", group, d)
		}
		if sum := got.Data.Total.usage(t); sum != total {
			t.Errorf("total by %s: got %+v, want %+v", group, sum, total)
		}
	}
	api.compareLedger(t, o)
}

func groupedBy(of ledger.UsageOf, group string) ledger.UsageOf {
	switch group {
	case "day":
		return ledger.UsageOf{Day: of.Day}
	case "agent":
		return ledger.UsageOf{AgentID: of.AgentID}
	case "key":
		return ledger.UsageOf{KeyID: of.KeyID}
	case "channel":
		return ledger.UsageOf{Channel: of.Channel}
	case "model":
		return ledger.UsageOf{Model: of.Model}
	}
	return of
}

type entriesAnswer struct {
	Data []struct {
		ID     string      `json:"id"`
		Kind   string      `json:"kind"`
		Amount json.Number `json:"amount"`
	} `json:"data"`
	Pagination struct {
		Next *string `json:"next_cursor"`
	} `json:"pagination"`
}

type creditsAnswer struct {
	Data struct {
		Balance, Held, Available json.Number
	} `json:"data"`
}

// compareLedger adds up the ledger, page by page.
func (api usageAPI) compareLedger(t *testing.T, o *usageOrg) {
	t.Helper()
	var charged, sum ledger.Credits
	seen := map[string]bool{}
	query := url.Values{"limit": {"100"}}
	for {
		page := ask[entriesAnswer](t, api.entries, o.key, query)
		for _, e := range page.Data {
			if seen[e.ID] {
				t.Fatalf("got entry %s twice, want once", e.ID)
			}
			seen[e.ID] = true
			sum += micro(t, e.Amount)
			if e.Kind == string(ledger.Charge) {
				charged -= micro(t, e.Amount)
			}
		}
		if page.Pagination.Next == nil {
			break
		}
		query.Set("cursor", *page.Pagination.Next)
	}
	var total ledger.Usage
	for _, u := range o.usage {
		total = total.Plus(u)
	}
	credits := ask[creditsAnswer](t, api.credits, o.key, nil)
	if charged != total.Charge || sum != o.balance || micro(t, credits.Data.Balance) != sum || len(seen) != total.Turns+1 {
		t.Errorf("got %d entries, charges of %d, sum %d, balance %s, want %d, %d, %d, %d",
			len(seen), charged, sum, credits.Data.Balance, total.Turns+1, total.Charge, o.balance, o.balance)
	}
}
