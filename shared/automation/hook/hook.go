// Package hook lets the requests in that start automations.
//
// A Receiver finds the automation of a path, checks that a request is authentic, and starts a run
// for it. The check covers the raw bytes of the body and comes before anything reads them. Read
// returns what templates see of a request. The package fails closed: a request that cannot be
// checked starts nothing.
package hook

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/recall"
	"github.com/quintet-agents/quintet/shared/work"
)

// Kept is the time for which the id of a webhook starts one run. It is longer than senders retry,
// and than people send events again by hand.
const Kept = 30 * 24 * time.Hour

// PerMinute bounds the runs that webhooks start for an org within a minute. The throttle of the
// route, which all orgs share, is six times as high. A run counts once for each UnitSize bytes that
// it stores, begun ones included: the largest ones cost fifty times as much to write as small ones.
const (
	PerMinute = 2000
	UnitSize  = 8 << 10
)

// Store finds automations by their paths, and stores runs.
type Store interface {
	// Hook returns what a path leads to, or automation.ErrNoHook.
	Hook(ctx context.Context, path string) (automation.Hook, error)

	// Automation returns an automation, or automation.ErrNotFound.
	Automation(ctx context.Context, orgID, id string) (automation.Automation, error)

	// Attempt counts a request, unless the limit of the window is reached.
	Attempt(ctx context.Context, a identity.Attempt) (allowed bool, err error)

	// StartRun stores a new run.
	StartRun(ctx context.Context, once *idempotency.Change, r automation.Run) error
}

// Opener opens secrets of automations.
type Opener interface {
	OpenAutomationSecret(ctx context.Context, orgID, automationID, name string, sealed []byte) (string, error)
}

// Receiver receives the requests of webhook triggers.
type Receiver struct {
	store   Store
	opener  Opener
	workers work.Queue
	now     func() time.Time

	opening sync.Mutex               // while a secret is opened
	secrets recall.Memory[string]    // by automation and sealed secret
	known   recall.Memory[*revision] // by automation and revision
}

// revision is a published automation, without its draft.
type revision struct {
	automation.Automation

	size int // bytes that a run stores beside its trigger
}

// maxKnown bounds the cached automations: a definition has up to 64 KB.
const maxKnown = 100

// NewReceiver returns a receiver. workers wakes the workers of runs.
func NewReceiver(store Store, opener Opener, workers work.Queue, now func() time.Time) *Receiver {
	return &Receiver{store: store, opener: opener, workers: workers, now: now, known: recall.Memory[*revision]{Limit: maxKnown}}
}

// Find returns what a path leads to, or automation.ErrNoHook.
func (r *Receiver) Find(ctx context.Context, path string) (automation.Hook, error) {
	if !automation.ValidPath(path) {
		return automation.Hook{}, automation.ErrNoHook
	}
	return r.store.Hook(ctx, path)
}

// Verify checks that a request is authentic, and returns the id that its signature covers, or an
// empty one. The error is Unauthorized for a request that is not; any other error says nothing
// about the request. A request without the headers of a signature does not have the secret opened.
func (r *Receiver) Verify(ctx context.Context, h automation.Hook, header http.Header, raw []byte) (id string, err error) {
	p, err := readProof(h.Verify, header, r.now())
	if err != nil {
		return "", err
	}
	secret, err := r.open(ctx, h)
	if err != nil {
		return "", err
	}
	return p.id, p.check(secret, raw)
}

// open returns the secret that verifies requests. It asks the opener once for each secret, however
// many requests wait for it.
func (r *Receiver) open(ctx context.Context, h automation.Hook) (string, error) {
	if len(h.Secret) == 0 {
		return "", fmt.Errorf("automation %s has no secret to verify requests with", h.AutomationID)
	}
	name := h.AutomationID + " " + string(h.Secret)
	if known := r.secrets.Of(name); known != "" {
		return known, nil
	}
	r.opening.Lock()
	defer r.opening.Unlock()
	if known := r.secrets.Of(name); known != "" {
		return known, nil
	}
	secret, err := r.opener.OpenAutomationSecret(ctx, h.OrgID, h.AutomationID, automation.VerifySecret, h.Secret)
	if err == nil && secret == "" {
		err = fmt.Errorf("the secret of automation %s is empty", h.AutomationID)
	}
	if err != nil {
		return "", err
	}
	r.secrets.Learn(name, secret)
	return secret, nil
}

// ErrDisabled is the error of an authentic request to a disabled automation. Senders retry after
// it, so events are not lost if the automation is enabled in time.
var ErrDisabled = fault.New(fault.NotFound, "The automation of this path is disabled")

// ErrLoop is the error of a request that a run of the automation has caused.
var ErrLoop = fault.New(fault.Conflict, "The request comes from a run of this automation: an automation does not start itself, also not through others")

// Start stores a run for an authentic request and wakes a worker. Once the run is stored, a lost
// message only delays it. The error is RateLimited beyond the org's limit.
func (r *Receiver) Start(ctx context.Context, once *idempotency.Change, h automation.Hook, trigger json.RawMessage) (automation.Run, error) {
	a, err := r.automation(ctx, h)
	if err != nil {
		return automation.Run{}, err
	}
	if a.Disabled {
		return automation.Run{}, ErrDisabled
	}
	if err := r.admit(ctx, h.OrgID, a.size+len(trigger)); err != nil {
		return automation.Run{}, err
	}
	run := a.Start(automation.NewID(), automation.ByWebhook, trigger, r.now())
	if err := r.store.StartRun(ctx, once, run); err != nil {
		return automation.Run{}, err
	}
	if err := r.workers.Send(ctx, work.Message{Body: run.Ref}); err != nil {
		slog.WarnContext(ctx, "no worker was woken for a run; the sweep will wake one", "org_id", run.OrgID, "run_id", run.ID, "error", err)
	}
	return run, nil
}

// admit counts a run of a size in bytes against the limit of its org. The error is RateLimited.
func (r *Receiver) admit(ctx context.Context, orgID string, size int) error {
	now := r.now()
	ends := now.Truncate(time.Minute).Add(time.Minute)
	allowed, err := r.store.Attempt(ctx, identity.Attempt{
		Name: "automation webhooks of " + orgID, Limit: PerMinute, Weight: (size + UnitSize - 1) / UnitSize, Ends: ends,
	})
	if err != nil || allowed {
		return err
	}
	e := fault.New(fault.RateLimited, "Webhooks start at most %d runs of an organisation within a minute, and fewer large ones", PerMinute)
	e.RetryAfter = ends.Sub(now)
	return e
}

// automation returns the automation of a hook. It is read once for each of its revisions.
func (r *Receiver) automation(ctx context.Context, h automation.Hook) (*revision, error) {
	name := fmt.Sprint(h.AutomationID, " ", h.Revision)
	if known := r.known.Of(name); known != nil {
		return known, nil
	}
	a, err := r.store.Automation(ctx, h.OrgID, h.AutomationID)
	if fault.Is(err, fault.NotFound) || err == nil && a.Path() == "" { // it was deleted since
		return nil, automation.ErrNoHook
	}
	if err != nil {
		return nil, err
	}
	size, err := a.Published.Size()
	if err != nil {
		return nil, err
	}
	a.Draft = automation.Draft{}
	read := &revision{a, size}
	if a.Revision == h.Revision {
		r.known.Learn(name, read)
	}
	return read, nil
}
