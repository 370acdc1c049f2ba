package manage

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// anyAgent finds whatever agent is asked for.
type anyAgent struct{ asked []string }

func (a *anyAgent) Live(_ context.Context, _, idOrSlug string) (agent.Live, error) {
	a.asked = append(a.asked, idOrSlug)
	return agent.Live{AgentID: idOrSlug}, nil
}

var fuzzedAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// No body crashes a reader of this API's, and what one accepts can be stored.
func FuzzBodies(f *testing.F) {
	for _, seed := range []string{
		`{"email":" A@Example.com ","password":"x","new_password":"Mine, for good: 1"}`, `{"email":"a@b.example","role":"owner"}`,
		`{"name":"x","agent_id":"guide-0a1b2c","prefix":"fx"}`, `{"name":"Café","allowed_origins":["https://a.example","*"],"email":"x@example.com"}`,
		`{"amount":"-0.000001","kind":"adjustment","reason":" x "}`, `{"allowed_origins":[null],"role":"god","prefix":"op"}`,
		`{"rate_per_minute":1,"monthly_tokens_hosted":null,"metering":false,"prices":{"per_turn":1e-05,"models":{"m":{"per_1k_input_tokens":"0.2"},"n":null}}}`,
		`{"prices":{"models":{"\ud800":{}}}}`,
		`{"url":"https://a.example/","events":["turn.failed","turn.failed"],"description":" x ","status":"disabled"}`,
		`{"from":"2026-01-31T12:00:00Z","to":"2026-01-31T13:00:00.5+01:00"}`, `{"from":"9999-12-31T23:59:60Z","to":"","url":"","description":null}`, `{"email":"a@b\u0000.c","name":"\u2028"}`, `[]`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		request := func() *http.Request {
			return httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))
		}
		if l, err := readLogin(request()); err != nil {
			wantShowable(t, err)
		} else {
			wantText(t, l.Email, account.MaxEmail)
			if l.NewPassword != "" && account.ValidatePassword("new_password", l.NewPassword) != nil {
				t.Errorf("accepted %+v", l)
			}
		}
		o, err := wire.ReadObject(request())
		if err != nil {
			wantShowable(t, err)
			return
		}
		if role, err := readRole(o); err != nil {
			wantShowable(t, err)
		} else if role != account.Owner && role != account.Member {
			t.Errorf("accepted the role %q", role)
		}
		agents := &anyAgent{}
		if k, err := readKey(t.Context(), o, agents, "org", fuzzedAt); err != nil {
			if !fault.Is(err, fault.NotFound) {
				wantShowable(t, err)
			}
		} else {
			wantText(t, k.Name, 4*account.MaxName)
			if !account.WellFormed(k.Secret) || !slices.Contains(account.Prefixes, k.Prefix) {
				t.Errorf("made the key %+v", k)
			}
		}
		for _, asked := range agents.asked {
			wantText(t, asked, 64)
		}
		if p, err := readSettings(o); err != nil {
			wantShowable(t, err)
		} else {
			if p.Name != nil {
				wantText(t, *p.Name, 4*account.MaxName)
			}
			if p.AllowedOrigins != nil && account.ValidateOrigins(*p.AllowedOrigins) != nil {
				t.Errorf("accepted the origins %q", *p.AllowedOrigins)
			}
		}
		if org, err := readOrg(o, fuzzedAt); err != nil {
			wantShowable(t, err)
		} else {
			wantText(t, org.Name, 4*account.MaxName)
			wantText(t, org.Email, account.MaxEmail)
		}
		if e, err := readEntry(o); err != nil {
			wantShowable(t, err)
		} else {
			wantText(t, e.Reason, 4*maxReason)
			if e.Amount == 0 || e.Amount > ledger.MaxAmount || e.Amount < -ledger.MaxAmount || e.Kind == ledger.TopUp && e.Amount < 0 {
				t.Errorf("accepted %+v", e)
			}
		}
		if e, err := readWebhook(o); err != nil {
			wantShowable(t, err)
		} else {
			wantWebhook(t, e)
		}
		if p, err := readWebhookPatch(o); err != nil {
			wantShowable(t, err)
		} else {
			wantWebhook(t, p.Apply(delivery.Endpoint{URL: "x", Events: event.Types}))
		}
		if _, err := readWebhookStatus(o); err != nil {
			wantShowable(t, err)
		}
		if r, err := readRange(o); err != nil {
			wantShowable(t, err)
		} else if !r.From.Before(r.To) || delivery.FirstID(r.From) > delivery.FirstID(r.To) {
			t.Errorf("accepted %+v", r)
		}
		if p, err := readTerms(o); err != nil {
			wantShowable(t, err)
		} else {
			wantTerms(t, p)
		}
	})
}

func wantWebhook(t *testing.T, e delivery.Endpoint) {
	t.Helper()
	if e.URL != "" {
		wantText(t, e.URL, wire.MaxBody) // how it must look the checker says
	}
	if known, err := event.Check("events", e.Events); err != nil || len(known) != len(e.Events) {
		t.Errorf("accepted the events %q", e.Events)
	}
	if e.Description != "" {
		wantText(t, e.Description, 4*delivery.MaxDescription)
	}
}

func wantTerms(t *testing.T, p ledger.TermsPatch) {
	t.Helper()
	for _, limit := range []*int{p.RatePerMinute, p.KeyRatePerMinute, p.MaxConcurrentTurns} {
		if limit != nil && (*limit < 1 || *limit > maxLimit) {
			t.Errorf("accepted the limit %d", *limit)
		}
	}
	for _, limit := range []*int{p.MonthlyMessagesHosted, p.MonthlyMessagesOwn, p.MonthlyTokensHosted} {
		if limit != nil && (*limit < 0 || *limit > maxLimit) {
			t.Errorf("accepted the cap %d", *limit)
		}
	}
	patches := []*ledger.PricesPatch{&p.Prices}
	for name, own := range p.ModelPrices {
		wantText(t, name, maxModelName)
		if own != nil {
			patches = append(patches, own)
		}
	}
	for _, prices := range patches {
		for _, price := range []*ledger.Credits{prices.PerTurn, prices.PerInput1K, prices.PerOutput1K} {
			if price != nil && (*price < 0 || *price > ledger.MaxPrice) {
				t.Errorf("accepted the price %s", *price)
			}
		}
	}
}

// No query and no path crashes a reader of this API's.
func FuzzQueries(f *testing.F) {
	const id = "0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f"
	f.Add("limit=5&cursor="+cursor{id, fuzzedAt}.String(), id)
	f.Add("from=2026-02-01&to=2026-02-28&group=day,agent", "ORG")
	f.Add("from=2026-02-30&group=day,day&cursor=%ff&limit=0", "\xff")
	f.Add("to=0001-01-01&group=&cursor=", strings.ToUpper(id))
	f.Fuzz(func(t *testing.T, query, path string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.RawQuery = query
		r.SetPathValue("id", path)
		r.SetPathValue("org_id", path)
		limit, after, err := readPage(r)
		switch {
		case err != nil:
			wantShowable(t, err)
		case limit < 1 || limit > 100:
			t.Errorf("%q is a page of %d", query, limit)
		case after != nil:
			again, ok := parseCursor(after.String())
			if !ok || *again != *after || !wire.IsID(after.id) {
				t.Errorf("the cursor %+v reads as %+v", after, again)
			}
		}
		if from, to, err := readDays(r, fuzzedAt); err != nil {
			wantShowable(t, err)
		} else if start, end := mustDay(t, from), mustDay(t, to); end.Before(start) || end.Sub(start) > maxUsageDays*24*time.Hour {
			t.Errorf("accepted %s to %s", from, to)
		}
		if by, err := readGroups(r); err != nil {
			wantShowable(t, err)
		} else if len(by) == 0 || len(by) > len(groups) {
			t.Errorf("accepted the groups %q", by)
		}
		for _, read := range []func(*http.Request) (string, error){orgID, memberID, webhookID} {
			if got, err := read(r); err == nil && (got != strings.ToLower(path) || len(got) != 36) || err != nil && !fault.Is(err, fault.NotFound) {
				t.Errorf("%q is %q, %v", path, got, err)
			}
		}
	})
}

func mustDay(t *testing.T, day string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Error(err)
	}
	return d
}

func wantText(t *testing.T, s string, longest int) {
	t.Helper()
	if s == "" || !utf8.ValidString(s) || strings.ContainsRune(s, 0) || len(s) > longest {
		t.Errorf("accepted %q", s)
	}
}

func wantShowable(t *testing.T, err error) {
	t.Helper()
	e := fault.From(err)
	if e.Code != fault.Invalid && e.Code != fault.TooLarge || e.Message == "" || !utf8.ValidString(e.Message) {
		t.Errorf("refused with %v", err)
	}
}
