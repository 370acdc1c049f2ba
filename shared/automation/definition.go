package automation

import "encoding/json"

// Limits of a definition.
const (
	MaxDefinition = 64 << 10 // bytes of its JSON
	MaxSteps      = 50       // in all branches
	MaxItems      = 100      // of a for_each
	MaxDepth      = 4        // of steps in steps
	MaxSecrets    = 20       // secret headers of all steps
)

// Definition is a trigger with its steps. Parse returns one, and accepts its JSON form. The
// form has no secrets, only the names of secret headers.
type Definition struct {
	Trigger Trigger `json:"trigger"`
	Steps   []Step  `json:"steps"`
}

// Trigger starts runs. Only the fields of its type are set.
type Trigger struct {
	Type TriggerType `json:"type"`

	Path   string  `json:"path,omitempty"` // of a webhook: POST /api/webhooks/automations/{path}
	Verify *Verify `json:"verify,omitempty"`

	Cron         string `json:"cron,omitempty"`     // five fields: minute hour day month weekday
	Timezone     string `json:"timezone,omitempty"` // IANA name of the zone of Cron; empty: UTC
	EveryMinutes int    `json:"every_minutes,omitempty"`

	Event   string `json:"event,omitempty"`    // type of an event of ours, such as turn.completed
	AgentID string `json:"agent_id,omitempty"` // only events of this agent
}

// TriggerType selects what starts a run.
type TriggerType string

// The types of triggers.
const (
	Webhook  TriggerType = "webhook"
	Schedule TriggerType = "schedule"
	OnEvent  TriggerType = "event"
)

// Verify says how requests to a webhook prove where they come from. The secret is in
// Automation.Secrets.
type Verify struct {
	Type VerifyType `json:"type"`
}

// VerifyType is a way to sign requests.
type VerifyType string

// The ways to sign requests.
const (
	StandardWebhooks VerifyType = "standard-webhooks"
	HMACSHA256       VerifyType = "hmac-sha256" // X-Signature: sha256=<hex> over the raw body
	Bearer           VerifyType = "bearer"      // Authorization: Bearer <secret>
)

// Step is one step. Only the fields of its type are set, besides ID, Type and Retry.
type Step struct {
	ID   string   `json:"id"` // unique in the definition
	Type StepType `json:"type"`

	Method         string            `json:"method,omitempty"` // HTTP; empty: POST
	URL            string            `json:"url,omitempty"`
	Headers        map[string]string `json:"headers,omitempty"`
	SecretHeaders  []string          `json:"secret_headers,omitempty"` // sorted names; values are in Automation.Secrets
	Body           string            `json:"body,omitempty"`
	TimeoutSeconds int               `json:"timeout_seconds,omitempty"`

	AgentID  string `json:"agent_id,omitempty"` // Agent
	Prompt   string `json:"prompt,omitempty"`
	ThreadID string `json:"thread_id,omitempty"` // template; empty: a new thread

	ConnectionID string            `json:"connection_id,omitempty"` // SendTemplate, SendMessage
	To           string            `json:"to,omitempty"`
	Name         string            `json:"name,omitempty"` // of the WhatsApp template
	Language     string            `json:"language,omitempty"`
	Parameters   map[string]string `json:"parameters,omitempty"`
	Subject      string            `json:"subject,omitempty"` // of a mail
	Text         string            `json:"text,omitempty"`

	If   *Test  `json:"if,omitempty"` // Condition
	Then []Step `json:"then,omitempty"`
	Else []Step `json:"else,omitempty"`

	Values map[string]string `json:"values,omitempty"` // Set: templates by variable

	Seconds int    `json:"seconds,omitempty"` // Wait
	Until   string `json:"until,omitempty"`   // template of an RFC 3339 time

	Items string `json:"items,omitempty"` // ForEach: name of a list, such as trigger.body.orders
	Steps []Step `json:"steps,omitempty"`

	Retry *Retry `json:"retry,omitempty"`
}

// StepType selects what a step does.
type StepType string

// The types of steps.
const (
	HTTP         StepType = "http"
	Agent        StepType = "agent"
	SendTemplate StepType = "template"
	SendMessage  StepType = "message"
	Condition    StepType = "condition"
	Set          StepType = "set"
	Wait         StepType = "wait"
	ForEach      StepType = "for_each"
)

// Retry is the policy of a failing step.
type Retry struct {
	Attempts       int `json:"attempts"` // in all; 1: no retry
	BackoffSeconds int `json:"backoff_seconds,omitempty"`
}

// Test is a test of a condition: either Op with Left and perhaps Right, or one of All, Any
// and Not.
type Test struct {
	Left  string          `json:"left,omitempty"` // name of a value, such as steps.lookup.status
	Op    Op              `json:"op,omitempty"`
	Right json.RawMessage `json:"right,omitempty"` // a JSON value
	All   []Test          `json:"all,omitempty"`
	Any   []Test          `json:"any,omitempty"`
	Not   *Test           `json:"not,omitempty"`
}

// Op compares two values.
type Op string

// The comparisons. Numbers compare with numbers and texts with texts; two values of
// different types are not equal, and every other comparison of them is false.
const (
	Equal          Op = "eq"
	NotEqual       Op = "ne"
	Less           Op = "lt"
	LessOrEqual    Op = "lte"
	Greater        Op = "gt"
	GreaterOrEqual Op = "gte"
	Contains       Op = "contains" // a text in a text, a value in a list
	StartsWith     Op = "starts_with"
	Exists         Op = "exists" // not absent and not null; without Right
	Empty          Op = "empty"  // absent, null, "", [] or {}; without Right
)
