// Package health answers the checks of load balancers and monitors. They need no key.
package health

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Version is the release, as the OpenAPI document names it.
const Version = "0.1.0"

// patience is how long the table may take to answer.
const patience = 2 * time.Second

// Pinger reads something from the table.
type Pinger interface {
	Ping(ctx context.Context) error
}

// status is the body of both checks.
type status struct {
	Status  string `json:"status"`
	Version string `json:"version"`
}

// Get answers GET /health: a function can start. It calls nothing.
func Get() http.Handler {
	return handle(func(w http.ResponseWriter, _ *http.Request) error {
		return wire.JSON(w, http.StatusOK, status{"ok", Version})
	})
}

// Ready answers GET /health/ready: 200 if the table answers, otherwise 503.
func Ready(p Pinger) http.Handler {
	return handle(func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		if err := p.Ping(ctx); err != nil {
			return fault.New(fault.Internal, "The table does not answer").Because(err)
		}
		return wire.JSON(w, http.StatusOK, status{"ok", Version})
	})
}

func handle(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return wire.Handle(writeError, func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		return h(w, r)
	})
}

func writeError(w http.ResponseWriter, _ *fault.Error) {
	w.Header().Set("Retry-After", "5")
	_ = wire.JSON(w, http.StatusServiceUnavailable, status{"unavailable", Version})
}
