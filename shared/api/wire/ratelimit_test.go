package wire

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
)

func TestShowQuotas(t *testing.T) {
	w := httptest.NewRecorder()
	ShowQuotas(w, nil)
	if len(w.Header()) != 0 {
		t.Errorf("got headers %v without quotas, want none", w.Header())
	}
	ShowQuotas(w, []fault.Quota{
		{Name: "org", Limit: 600, Window: time.Minute, Remaining: 599, Resets: 29*time.Second + time.Millisecond},
		{Name: "key", Limit: 300, Window: time.Minute, Remaining: 0, Resets: time.Minute},
	})
	want := http.Header{
		"Ratelimit-Policy": {`"org";q=600;w=60, "key";q=300;w=60`},
		"Ratelimit":        {`"org";r=599;t=30, "key";r=0;t=60`},
	}
	if d := cmp.Diff(want, w.Header()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
