package flexyagents

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Every code has its documented form, and the text of an internal error is never shown.
func TestWriteError_EveryCode(t *testing.T) {
	type answer struct {
		Status  int
		Code    string
		Message string
	}
	want := map[fault.Code]answer{
		fault.Invalid:             {http.StatusBadRequest, "INVALID_REQUEST", "MESSAGE"},
		fault.Unauthorized:        {http.StatusUnauthorized, "UNAUTHORIZED", "MESSAGE"},
		fault.InsufficientCredits: {http.StatusPaymentRequired, "INSUFFICIENT_CREDITS", "MESSAGE"},
		fault.Forbidden:           {http.StatusForbidden, "FORBIDDEN", "MESSAGE"},
		fault.NotFound:            {http.StatusNotFound, "NOT_FOUND", "MESSAGE"},
		fault.Gone:                {http.StatusNotFound, "NOT_FOUND", "MESSAGE"},
		fault.Conflict:            {http.StatusConflict, "CONFLICT", "MESSAGE"},
		fault.NotDeployed:         {http.StatusConflict, "AGENT_NOT_DEPLOYED", "MESSAGE"},
		fault.TooLarge:            {http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE", "MESSAGE"},
		fault.Unreadable:          {http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "MESSAGE"},
		fault.RateLimited:         {http.StatusTooManyRequests, "RATE_LIMITED", "MESSAGE"},
		fault.LimitReached:        {http.StatusTooManyRequests, "MESSAGE_LIMIT_REACHED", "MESSAGE"},
		fault.ModelUnavailable:    {http.StatusServiceUnavailable, "MODEL_UNAVAILABLE", "MESSAGE"},
		fault.ModelRefused:        {http.StatusServiceUnavailable, "MODEL_UNAVAILABLE", "MESSAGE"},
		fault.Internal:            {http.StatusInternalServerError, "INTERNAL_ERROR", "Internal server error"},
	}
	for _, code := range fault.Codes() {
		w := httptest.NewRecorder()
		WriteError(w, &fault.Error{Code: code, Message: "MESSAGE"})
		var body map[string]map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || len(body) != 1 || len(body["error"]) != 2 {
			t.Errorf("%s: got (%v) %s, want an error object of two fields", code, err, w.Body)
		}
		got := answer{w.Code, body["error"]["code"], body["error"]["message"]}
		if d := cmp.Diff(want[code], got); d != "" {
			t.Errorf("%s (-want +got):\n%s", code, d)
		}
	}
}

// The error of a monthly cap names the cap.
func TestWriteError_ReachedLimit(t *testing.T) {
	w := httptest.NewRecorder()
	WriteError(w, &fault.Error{Code: fault.LimitReached, Message: "No more", Details: fault.Details{Limit: "tokens"}})
	const want = `{"error":{"code":"MESSAGE_LIMIT_REACHED","message":"No more","details":{"limit":"tokens"}}}`
	if w.Code != http.StatusTooManyRequests || w.Body.String() != want {
		t.Errorf("got %d %s, want 429 %s", w.Code, w.Body, want)
	}
}
