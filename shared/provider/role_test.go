package provider_test

import (
	"context"
	"errors"
	"testing"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/awscall"
	"github.com/quintet-agents/quintet/shared/fault"
)

// A role that may not be assumed is refused; a service that cannot answer now is not.
func TestProviders_RoleFailures(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		code fault.Code
		text string
	}{
		"denied":      {&awscall.RefusedError{Service: "sts", Status: 403, Code: "AccessDenied"}, fault.ModelRefused, "The organisation's own model provider refused the role"},
		"malformed":   {&awscall.RefusedError{Service: "sts", Status: 400, Code: "ValidationError"}, fault.ModelRefused, "The organisation's own model provider refused the role"},
		"throttled":   {&awscall.RefusedError{Service: "sts", Status: 400, Code: "Throttling"}, fault.ModelUnavailable, "The organisation's own model provider is busy or not reachable"},
		"fails":       {&awscall.RefusedError{Service: "sts", Status: 500}, fault.ModelUnavailable, "The organisation's own model provider is busy or not reachable"},
		"unreachable": {errors.New("no route"), fault.ModelUnavailable, "The organisation's own model provider is busy or not reachable"},
	} {
		w := newWorld(t, "http://127.0.0.1:1")
		w.offices.err = tc.err
		_, err := w.Of(t.Context(), live(agent.Settings{Provider: agent.Bedrock, RoleARN: role}))
		if e := fault.From(err); e == nil || e.Code != tc.code || e.Message != tc.text {
			t.Errorf("%s: got %v, want %s: %s", name, err, tc.code, tc.text)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := newWorld(t, "")
	w.offices.err = errors.New("canceled")
	if _, err := w.Of(ctx, live(agent.Settings{Provider: agent.Bedrock, RoleARN: role})); !errors.Is(err, context.Canceled) {
		t.Errorf("a turn that ended: got %v, want its context's error", err)
	}
}
