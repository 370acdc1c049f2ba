package operator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

var opsAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// No body crashes the parsers of operators' changes, and accepted values can be stored.
func FuzzOperatorBodies(f *testing.F) {
	for _, seed := range []string{
		`{"name":"Café","email":"x@example.com"}`,
		`{"amount":"-0.000001","kind":"adjustment","reason":" x "}`,
		`{"rate_per_minute":1,"monthly_tokens_hosted":null,"metering":false,"prices":{"per_turn":1e-05,"models":{"m":{"per_1k_input_tokens":"0.2"},"n":null}}}`,
		`{"prices":{"models":{"\ud800":{}}}}`,
		`[]`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := body.Read(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(raw))))
		if err != nil {
			wiretest.WantShowable(t, err)
			return
		}
		if org, err := readOrg(o, opsAt); err != nil {
			wiretest.WantShowable(t, err)
		} else {
			wiretest.WantText(t, org.Name, 4*identity.MaxName)
			wiretest.WantText(t, org.Email, identity.MaxEmail)
		}
		if e, err := readEntry(o); err != nil {
			wiretest.WantShowable(t, err)
		} else {
			wiretest.WantText(t, e.Reason, 4*maxReason)
			if e.Amount == 0 || e.Amount > ledger.MaxAmount || e.Amount < -ledger.MaxAmount || e.Kind == ledger.TopUp && e.Amount < 0 {
				t.Errorf("got entry %+v accepted, want an error", e)
			}
		}
		if p, err := readLimits(o); err != nil {
			wiretest.WantShowable(t, err)
		} else {
			wantLimits(t, p)
		}
	})
}

func wantLimits(t *testing.T, p ledger.LimitsPatch) {
	t.Helper()
	for _, limit := range []*int{p.RatePerMinute, p.KeyRatePerMinute, p.MaxConcurrentTurns} {
		if limit != nil && (*limit < 1 || *limit > maxLimit) {
			t.Errorf("got limit %d accepted, want an error", *limit)
		}
	}
	for _, limit := range []*int{p.MonthlyMessagesHosted, p.MonthlyMessagesOwn, p.MonthlyTokensHosted} {
		if limit != nil && (*limit < 0 || *limit > maxLimit) {
			t.Errorf("got cap %d accepted, want an error", *limit)
		}
	}
	patches := []*ledger.PricesPatch{&p.Prices, &p.OwnPrices}
	for name, own := range p.ModelPrices {
		wiretest.WantText(t, name, maxModelName)
		if own != nil {
			patches = append(patches, own)
		}
	}
	for _, prices := range patches {
		for _, price := range []*ledger.Credits{prices.PerTurn, prices.PerInput1K, prices.PerOutput1K} {
			if price != nil && (*price < 0 || *price > ledger.MaxPrice) {
				t.Errorf("got price %s accepted, want an error", *price)
			}
		}
	}
}

// No path crashes the parser of org ids.
func FuzzOrgID(f *testing.F) {
	wiretest.FuzzPathID(f, "org_id", orgID)
}
