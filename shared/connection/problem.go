package connection

import (
	"slices"
	"time"
)

// Problem is why a connection needs attention.
type Problem struct {
	Code    string // the provider's
	Message string // in the provider's words
	Action  string // what to do about it
	Since   time.Time
}

// Codes of problems that this service reports itself. They end by themselves: nothing is wrong
// with the account, so messages are still sent.
const (
	NoCredits           = "insufficient_credits"
	AgentNotDeployed    = "agent_not_deployed"
	LimitReached        = "limit_reached"
	ModelUnavailable    = "model_unavailable"
	ModelRefused        = "model_refused"
	ProviderUnavailable = "provider_unavailable"

	// QualityLimit is the code of a provider that slows the account down because people block
	// or report it.
	QualityLimit = "quality_limit"
)

// Codes of problems that a verification finds and that do not keep the account from sending.
const (
	TokenExpires  = "token_expires"  // soon
	ProviderLimit = "provider_limit" // the provider has lowered what the account may send
	ProviderOld   = "provider_version"
	WrongSecret   = "app_secret" // webhooks are refused
	WrongWebhook  = "webhook_url"
	NoMessages    = "webhook_fields" // the webhooks lack messages
	NotSubscribed = "subscription"
	NoMX          = "NoMX" // no mail arrives
	WrongMX       = "WrongMX"
	WrongKey      = "signing_key" // webhooks are refused
)

var passing = []string{
	NoCredits, AgentNotDeployed, LimitReached, ModelUnavailable, ModelRefused, ProviderUnavailable, QualityLimit,
	TokenExpires, ProviderLimit, ProviderOld, WrongSecret, WrongWebhook, NoMessages, NotSubscribed,
	NoMX, WrongMX, WrongKey,
}

// Passes reports whether the problem leaves the account usable.
func (p Problem) Passes() bool { return slices.Contains(passing, p.Code) }

// SlowFor is how long a connection that its provider slows down at least needs attention: the
// provider still takes some messages.
const SlowFor = time.Hour

// SolvedBySend reports whether a message that the provider took at a time solves the problem.
func (p *Problem) SolvedBySend(at time.Time) bool {
	if p == nil {
		return false
	}
	return p.Code == ProviderUnavailable || p.Code == QualityLimit && at.Sub(p.Since) >= SlowFor
}

// Stops reports whether nothing can be sent over the connection until its owner acts.
func (c Connection) Stops() bool { return c.Disabled || c.Problem != nil && !c.Problem.Passes() }
