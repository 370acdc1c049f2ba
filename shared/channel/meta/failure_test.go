package meta

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
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

// The owner must know of throttling that only better messages end, in each way that Meta reports it.
func TestSlowed(t *testing.T) {
	for code, want := range map[int]bool{131048: true, 131064: true, 130429: false, 131056: false, 4: false, 80007: false} {
		answer := []byte(`{"error":{"code":` + strconv.Itoa(code) + `,"message":"m"}}`)
		f := whatsApp.failureOf(&http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}}, answer, "")
		if p, ok := f.Problem(time.Time{}); ok != want || ok && (p.Code != connection.QualityLimit || p.Action == "" || !p.Passes()) {
			t.Errorf("%d: got %+v, %t; want a problem that passes: %t", code, p, ok, want)
		}
		status := failure(object{"code": json.Number(strconv.Itoa(code))})
		if _, ok := status.Problem(time.Time{}); ok != want {
			t.Errorf("%d in a status: got a problem: %t, want %t", code, ok, want)
		}
	}
}

// Messenger and Instagram have codes of their own, and subcodes decide.
func TestMessagingKinds(t *testing.T) {
	for kind := range maps.Values(messagingFaults) {
		if !slices.Contains(channel.Kinds(), kind) {
			t.Errorf("unknown kind %q", kind)
		}
	}
	for code, want := range map[[2]int]channel.Kind{
		{10, 2018278}: channel.WindowClosed, {10, 2534022}: channel.WindowClosed, {10, 2018108}: channel.Undeliverable,
		{10, 1893063}: channel.Stopped, {10, 0}: channel.Stopped,
		{551, 0}: channel.Undeliverable, {551, 1545041}: channel.Undeliverable, {200, 1545041}: channel.Undeliverable,
		{200, 0}: channel.Stopped, {230, 0}: channel.Stopped, {190, 460}: channel.Stopped,
		{100, 0}: channel.Rejected, {100, 2018001}: channel.Undeliverable,
		{613, 0}: channel.Throttled, {613, 1893016}: channel.Throttled, {4, 2018022}: channel.Throttled, {1200, 0}: channel.Throttled,
		{1, 0}: channel.Throttled, {1, 1357046}: channel.Unknown, {999999, 0}: channel.Rejected,
	} {
		if got := messagingKind(code[0], code[1], false); got != want {
			t.Errorf("%v: got %s, want %s", code, got, want)
		}
	}
}

// A full cache starts over, and no token gets what another one has read.
func TestCache(t *testing.T) {
	var c cache[int]
	now := time.Unix(0, 0)
	for i := range 2 * maxCached {
		c.put(keyOf("token", strconv.Itoa(i)), i, now.Add(time.Minute))
	}
	last := strconv.Itoa(2*maxCached - 1)
	if len(c.values) > maxCached {
		t.Errorf("got %d values, want at most %d", len(c.values), maxCached)
	}
	if got, ok := c.get(keyOf("token", last), now); !ok || got != 2*maxCached-1 {
		t.Errorf("got %d, %v, want the last value", got, ok)
	}
	if _, ok := c.get(keyOf("another", last), now); ok {
		t.Error("another token got the value")
	}
	if _, ok := c.get(keyOf("token", last), now.Add(time.Minute)); ok {
		t.Error("the value was kept too long")
	}
}

// No answer crashes the reader of errors, and each has a kind and a text.
func FuzzFailureOf(f *testing.F) {
	for _, seed := range []string{
		`{"error":{"message":"m","type":"OAuthException","code":190,"error_data":{"details":"d"},"fbtrace_id":"A"}}`,
		`{"error":{"code":1e3}}`, `{"error":{"code":10,"error_subcode":"x"}}`, `{"error":{"code":10,"error_subcode":2018278}}`, `{"error":null}`, `[]`, "\xff", `{"error":{"code":1,"error_data":[]}}`,
	} {
		f.Add(400, []byte(seed), `{"1":[{"estimated_time_to_regain_access":5}]}`)
	}
	f.Fuzz(func(t *testing.T, status int, answer []byte, usage string) {
		header := http.Header{"X-Business-Use-Case-Usage": {usage}}
		for _, s := range []service{whatsApp, messenger, instagram} {
			got := s.failureOf(&http.Response{StatusCode: status, Header: header}, answer, "token")
			if got.Message == "" || got.RetryAfter < 0 || got.RetryAfter > maxWait || !slices.Contains(channel.Kinds(), got.Kind) {
				t.Errorf("got %+v", got)
			}
			if _, err := json.Marshal(got.Message); err != nil {
				t.Error(err)
			}
		}
	})
}
