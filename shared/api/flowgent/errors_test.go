package flowgent

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Every code has a form, and the text of an internal error is never shown.
func TestWriteError_EveryCode(t *testing.T) {
	for _, code := range fault.Codes() {
		w := httptest.NewRecorder()
		WriteError(w, &fault.Error{Code: code, Message: "MESSAGE"})
		if w.Code < 400 || !strings.HasPrefix(w.Body.String(), `{"error":"`+forms[code].title+`"`) || forms[code].title == "" {
			t.Errorf("%s: got %d %s, want a failure with error %q", code, w.Code, w.Body, forms[code].title)
		}
		if shown := strings.Contains(w.Body.String(), "MESSAGE"); shown != (code != fault.Internal && forms[code].message == "") {
			t.Errorf("%s: got %s, want our message in it: %t", code, w.Body, !shown)
		}
	}
}

// A refusal has a real status, and a failed execution an envelope. No code has both, and the text of an internal
// error is never shown.
func TestWriteChatError_EveryCode(t *testing.T) {
	want := map[fault.Code]struct {
		status   int
		envelope string
	}{
		fault.Invalid:      {http.StatusBadRequest, ""},
		fault.Unauthorized: {http.StatusUnauthorized, ""},
		fault.Forbidden:    {http.StatusForbidden, ""},
		fault.NotFound:     {http.StatusForbidden, ""},
		fault.Gone:         {http.StatusForbidden, ""},
		fault.Conflict:     {http.StatusConflict, ""},
		fault.NotDeployed:  {http.StatusConflict, ""},
		fault.TooLarge:     {http.StatusRequestEntityTooLarge, ""},
		fault.Unreadable:   {http.StatusUnsupportedMediaType, ""},
		fault.RateLimited:  {http.StatusTooManyRequests, ""},
		fault.LimitReached: {http.StatusTooManyRequests, ""},
		fault.InsufficientCredits: {
			http.StatusOK, `{"statusCode":402,"body":{"agent_id":"agent-1","message":"No credits available","error":"No credits available"}}`,
		},
		fault.ModelUnavailable: {
			http.StatusOK,
			`{"statusCode":503,"body":{"agent_id":"agent-1","message":"Service temporarily unavailable",` +
				`"error":"AI provider is currently experiencing high traffic"}}`,
		},
		fault.ModelRefused: {http.StatusOK, `{"statusCode":500,"body":{"error":"An unexpected error occurred while processing your request"}}`},
		fault.Internal:     {http.StatusOK, `{"statusCode":500,"body":{"error":"An unexpected error occurred while processing your request"}}`},
	}
	for _, code := range fault.Codes() {
		w := ask(t, runner{err: &fault.Error{Code: code, Message: "MESSAGE"}})
		if w.Code != want[code].status {
			t.Errorf("%s: got %d %s, want %d", code, w.Code, w.Body, want[code].status)
		}
		if want[code].envelope != "" && w.Body.String() != want[code].envelope {
			t.Errorf("%s: got %s, want %s", code, w.Body, want[code].envelope)
		}
	}
}

func TestWriteError_FieldTitles(t *testing.T) {
	for name, c := range map[string]struct {
		err  *fault.Error
		want string
	}{
		"no key":   {identity.ErrNoCredential, `{"error":"API key is required","message":"Please provide an API key in the Authorization header"}`},
		"bad key":  {identity.ErrUnauthorized, `{"error":"Invalid API key","message":"The provided API key is not valid"}`},
		"no agent": {fault.Field("agent_id", "agent_id is required and must be a non-empty string"), `{"error":"agent_id is required and must be a non-empty string"}`},
		"callback": {fault.Field("callback_url", "why not"), `{"error":"Invalid callback_url","message":"why not"}`},
		"other":    {fault.Field("thread_id", "why not"), `{"error":"Invalid request","message":"why not"}`},
	} {
		w := httptest.NewRecorder()
		if WriteError(w, c.err); w.Body.String() != c.want {
			t.Errorf("%s: got %s, want %s", name, w.Body, c.want)
		}
	}
}

// An internal error has a general text.
func TestWriteError_Internal(t *testing.T) {
	w := httptest.NewRecorder()
	WriteError(w, &fault.Error{Code: fault.Internal, Message: "MESSAGE"})
	if got, want := fmt.Sprint(w.Code, " ", w.Body), `500 {"error":"Internal server error"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
