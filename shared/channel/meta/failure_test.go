package meta

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/quintet-agents/quintet/shared/channel"
)

// A code has one kind, and each kind that Meta can name has codes.
func TestKinds(t *testing.T) {
	seen := map[int]channel.Kind{}
	for kind, codes := range kinds {
		if !slices.Contains(channel.Kinds(), kind) {
			t.Errorf("unknown kind %q", kind)
		}
		for _, code := range codes {
			if other, twice := seen[code]; twice {
				t.Errorf("%d is %s and %s", code, kind, other)
			}
			seen[code] = kind
		}
	}
	for code, want := range map[int]channel.Kind{
		190: channel.Stopped, 200: channel.Stopped, 299: channel.Stopped, 300: channel.Rejected,
		130429: channel.Throttled, 613: channel.Throttled, 131056: channel.Throttled,
		131047: channel.WindowClosed, 131026: channel.Undeliverable, 132000: channel.Rejected, 132015: channel.Rejected,
	} {
		if got := kindOf(code, false); got != want {
			t.Errorf("%d: got %s, want %s", code, got, want)
		}
	}
}

// No answer crashes the reader of errors, and each has a kind and a text.
func FuzzFailureOf(f *testing.F) {
	for _, seed := range []string{
		`{"error":{"message":"m","type":"OAuthException","code":190,"error_data":{"details":"d"},"fbtrace_id":"A"}}`,
		`{"error":{"code":1e3}}`, `{"error":null}`, `[]`, "\xff", `{"error":{"code":1,"error_data":[]}}`,
	} {
		f.Add(400, []byte(seed), `{"1":[{"estimated_time_to_regain_access":5}]}`)
	}
	f.Fuzz(func(t *testing.T, status int, answer []byte, usage string) {
		header := http.Header{"X-Business-Use-Case-Usage": {usage}}
		got := whatsApp.failureOf(&http.Response{StatusCode: status, Header: header}, answer, "token")
		if got.Message == "" || got.RetryAfter < 0 || got.RetryAfter > maxWait || !slices.Contains(channel.Kinds(), got.Kind) {
			t.Errorf("got %+v", got)
		}
		if _, err := json.Marshal(got.Message); err != nil {
			t.Error(err)
		}
	})
}
