package flowgent

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

func TestTemplateFailure(t *testing.T) {
	for name, c := range map[string]struct {
		failure    channel.SendError
		want, wait string
	}{
		"Meta's":        {channel.SendError{Kind: channel.Rejected, Code: 132000, Message: "(#132000) <>"}, `{"error":"WhatsApp API error","message":"(#132000) <>","code":132000}`, ""},
		"throttled":     {channel.SendError{Kind: channel.Throttled, Code: 130429, Message: "m", RetryAfter: 1500 * time.Millisecond}, `{"error":"WhatsApp API error","message":"m","code":130429}`, "2"},
		"no known wait": {channel.SendError{Kind: channel.Throttled, Code: 613, Message: "m"}, `{"error":"WhatsApp API error","message":"m","code":613}`, "60"},
		"lost":          {channel.SendError{Kind: channel.Unknown, Message: "m"}, `{"error":"WhatsApp API error","message":"m","code":0}`, ""},
	} {
		w := httptest.NewRecorder()
		if err := failTemplate(w, &c.failure); err != nil {
			t.Fatal(err)
		}
		if got, wait := w.Body.String(), w.Header().Get("Retry-After"); w.Code != http.StatusBadGateway || got != c.want || wait != c.wait {
			t.Errorf("%s: got %d %s, Retry-After %q, want %s, %q", name, w.Code, got, wait, c.want, c.wait)
		}
	}
}
