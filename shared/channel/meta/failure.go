package meta

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/refusal"
)

var (
	errNoJSON    = errors.New("the answer is not JSON, or too long")
	errNoMessage = errors.New("the answer names no message")
)

// errorShape is Meta's form of an error.
type errorShape struct {
	Error *struct {
		Message   string          `json:"message"`
		Code      *int            `json:"code"`
		Subcode   flexible        `json:"error_subcode"`
		UserText  string          `json:"error_user_msg"`
		Transient bool            `json:"is_transient"`
		Data      json.RawMessage `json:"error_data"`
		Trace     string          `json:"fbtrace_id"`
	} `json:"error"`
}

// failureOf reads an answer that is no success. The code decides, with its subcode where the
// service has some: HTTP statuses and texts differ by version. Only the end of the 24 hours is
// recognised by its text too, because Meta uses several codes for it. An answer without a code is
// judged by its status.
func (s service) failureOf(res *http.Response, answer []byte, token string) *channel.SendError {
	f := &channel.SendError{RetryAfter: retryAfter(res.Header)}
	var shape errorShape
	if json.Unmarshal(answer, &shape) != nil || shape.Error == nil || shape.Error.Code == nil {
		f.Kind, f.Message = refusal.KindOfStatus(res.StatusCode), fmt.Sprintf("%s answered with HTTP status %d", s.name, res.StatusCode)
		return withWait(f)
	}
	e := shape.Error
	subcode, _ := strconv.Atoi(string(e.Subcode))
	f.Code, f.Kind = *e.Code, s.kind(*e.Code, subcode, e.Transient)
	f.Message, f.Details = hide(e.Message, token), hide(cmp.Or(details(e.Data), e.UserText), token)
	if (f.Kind == channel.Rejected || f.Code == noPermission) && outsideWindow.MatchString(f.Message+" "+f.Details) {
		f.Kind = channel.WindowClosed
	}
	if f.Message == "" {
		f.Message = fmt.Sprintf("%s answered with error %d", s.name, f.Code)
	}
	f.Action = actionFor(f, subcode)
	f.Err = fmt.Errorf("HTTP status %d, subcode %d, fbtrace_id %q", res.StatusCode, subcode, e.Trace)
	return withWait(f)
}

// outsideWindow matches the refusals of a late text that come under a code of other things.
var outsideWindow = regexp.MustCompile(`(?i)outside (of )?(the |allowed )*(24.hour )?window|24 hours have passed`)

// waits are how long to wait after codes of throttling for which Meta documents a pace, or
// which say that the number sends too much of what people do not want.
var waits = map[int]time.Duration{
	131056: 10 * time.Second, // one person may get a message every six seconds
	131048: 15 * time.Minute,
	131064: 15 * time.Minute,
}

// withWait sets the wait of a throttled send for which Meta names none, and drops that of a
// failure that no wait heals.
func withWait(f *channel.SendError) *channel.SendError {
	if f.Kind != channel.Throttled {
		f.RetryAfter = 0
	} else if f.RetryAfter == 0 {
		f.RetryAfter = waits[f.Code]
	}
	return f
}

func details(data json.RawMessage) string {
	var shape struct {
		Details string `json:"details"`
	}
	_ = json.Unmarshal(data, &shape) // it may also be a string, or absent
	return shape.Details
}

// hide removes the token from a text of Meta's.
func hide(text, token string) string { return refusal.HideToken(text, token, "access token") }

// kinds says what Meta's codes call for. The page is "Error codes" of the WhatsApp Cloud
// API, as of June 2026. Other codes are Rejected.
var kinds = refusal.Codes{
	channel.Stopped: {0, 3, 10, 33, 104, 190, 368, 131005, 131031, 131037, 131042, 131044, 131045, 133010},
	channel.Throttled: {
		1, 2, 4, 613, 80007, 130429, 131000, 131016, 131048, 131056, 131057, 131064, 133004, 135000,
	},
	channel.WindowClosed:  {470, 131047}, // 470 is the old number of 131047
	channel.Undeliverable: {130472, 130497, 131021, 131026, 131030, 131049, 131050, 131062},
}

func kindOf(code int, transient bool) channel.Kind {
	if kind, ok := kinds.Kind(code); ok {
		return kind
	}
	switch {
	case code >= 200 && code <= 299: // permissions
		return channel.Stopped
	case transient:
		return channel.Throttled
	}
	return channel.Rejected
}

// retryAfter returns how long Meta asks to wait: a Retry-After in seconds, or else the
// longest time to regain access in X-Business-Use-Case-Usage, which is in minutes. It is 0
// if neither says so.
func retryAfter(h http.Header) time.Duration {
	if wait := refusal.RetryAfter(h); wait > 0 {
		return wait
	}
	var usage map[string][]struct {
		Minutes float64 `json:"estimated_time_to_regain_access"`
	}
	if json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &usage) != nil {
		return 0
	}
	var longest float64
	for _, rows := range usage {
		for _, row := range rows {
			longest = max(longest, min(row.Minutes, maxWait.Minutes()))
		}
	}
	return time.Duration(math.Round(longest * float64(time.Minute)))
}

// maxWait bounds the wait that a usage header asks for.
const maxWait = 24 * time.Hour
