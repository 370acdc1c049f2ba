package contract_test

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/identity"
)

// rule is how a function treats callers that request another's data, in a request that would
// otherwise succeed.
type rule struct {
	open      string  // the reason for no refusals; empty: it has some
	operators bool    // it needs an operator's key; an org's credential is refused like an unknown one
	owners    bool    // it needs an owner's session
	foreign   outcome // for another org's key or, if owners is set, another org's owner
	bound     outcome // for a key that is bound to another agent of the org
}

// entitled returns a credential that has the right.
func (r rule) entitled() string {
	switch {
	case r.operators:
		return "$OPERATOR_KEY"
	case r.owners:
		return "$SESSION"
	}
	return "$KEY"
}

// foreignKey returns the credential of another org that has the right in its own org.
func (r rule) foreignKey() string {
	if r.owners {
		return "$OTHER_SESSION"
	}
	return "$OTHER_KEY"
}

// outcome is an answer: a refusal to the byte, or a success with the caller's own data.
type outcome struct {
	status int
	body   string
}

func (o outcome) refuses() bool { return o.status >= http.StatusBadRequest }

// Requests without an id, such as lists, get the data of the caller's own org or the bound agent.
var own, ownNew = outcome{status: http.StatusOK}, outcome{status: http.StatusCreated}

const (
	elsewhere  = "This key belongs to another agent"
	onlyChats  = "This key is bound to one agent and may only chat with it"
	wantsOwner = "This needs the session of an owner, not a key"
)

// rules has an entry for each function with an HTTP starter.
var rules = map[string]rule{
	"openapi-get":   {open: "the document is everybody's"},
	"health-get":    {open: "monitors have no key"},
	"readiness-get": {open: "monitors have no key"},

	"agentflow-chat-create": {foreign: agentflowForms.missing(""), bound: agentflowForms.missing("")},
	"agentflow-me-get":      {foreign: own, bound: agentflowForms.forbidden(onlyChats)},
	"agentflow-key-list":    {foreign: own, bound: agentflowForms.forbidden(onlyChats)},
	"agentflow-key-create":  {owners: true, foreign: ownNew, bound: agentflowForms.forbidden(wantsOwner)},
	"agentflow-key-delete":  {owners: true, foreign: agentflowForms.missing(""), bound: agentflowForms.forbidden(wantsOwner)},

	"flametalk-agent-list":     {foreign: own, bound: own},
	"flametalk-agent-create":   {foreign: ownNew, bound: flametalkForms.forbidden(onlyChats)},
	"flametalk-agent-get":      {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(elsewhere)},
	"flametalk-agent-update":   {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(onlyChats)},
	"flametalk-agent-delete":   {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(onlyChats)},
	"flametalk-version-deploy": {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(onlyChats)},

	"flapjack-agent-list":     {foreign: own, bound: own},
	"flapjack-thread-list":    {foreign: own, bound: own},
	"flapjack-thread-create":  {foreign: flapjackForms.missing("Agent not found"), bound: flapjackForms.forbidden(elsewhere)},
	"flapjack-thread-get":     {foreign: flapjackForms.missing("Thread not found"), bound: flapjackForms.forbidden(elsewhere)},
	"flapjack-thread-delete":  {foreign: flapjackForms.missing("Thread not found"), bound: flapjackForms.forbidden(onlyChats)},
	"flapjack-message-list":   {foreign: flapjackForms.missing("Thread not found"), bound: flapjackForms.forbidden(elsewhere)},
	"flapjack-message-create": {foreign: flapjackForms.missing("Thread not found"), bound: flapjackForms.forbidden(elsewhere)},

	"flexyagents-chat-create": {foreign: flexyagentsForms.missing("Agent not found"), bound: flexyagentsForms.forbidden(elsewhere)},

	"flowgent-agent-list":      {foreign: own, bound: own},
	"flowgent-chat-create":     {foreign: flowgentForms.missing(""), bound: flowgentForms.forbidden(elsewhere)},
	"flowgent-template-create": {foreign: flowgentForms.missing(""), bound: flowgentForms.forbidden(elsewhere)},

	"flowgent-usage-get": {foreign: flowgentForms.missing(""), bound: flowgentForms.forbidden(elsewhere)},

	"inbound-whatsapp-verify":  {open: "the provider knows the verify token"},
	"inbound-instagram-verify": {open: "the provider knows the verify token"},
	"inbound-messenger-verify": {open: "the provider knows the verify token"},
	"inbound-whatsapp-create":  {open: "the provider signs its requests"},
	"inbound-instagram-create": {open: "the provider signs its requests"},
	"inbound-messenger-create": {open: "the provider signs its requests"},
	"inbound-email-create":     {open: "the provider signs its requests"},
	"inbound-twilio-create":    {open: "the provider signs its requests"},

	"inbound-automation-create": {open: "the sender signs its requests"},

	"manage-session-create": {open: "logging in is how one gets a session"},
	"manage-session-delete": {open: "who has no session is logged out already"},
	"manage-org-get":        {foreign: own, bound: flametalkForms.forbidden(onlyChats)},
	"manage-org-update":     {owners: true, foreign: own, bound: flametalkForms.forbidden(wantsOwner)},
	"manage-member-list":    {owners: true, foreign: own, bound: flametalkForms.forbidden(wantsOwner)},
	"manage-member-create":  {owners: true, foreign: ownNew, bound: flametalkForms.forbidden(wantsOwner)},
	"manage-member-update":  {owners: true, foreign: flametalkForms.missing("Member not found"), bound: flametalkForms.forbidden(wantsOwner)},
	"manage-member-delete":  {owners: true, foreign: flametalkForms.missing("Member not found"), bound: flametalkForms.forbidden(wantsOwner)},
	"manage-key-list":       {foreign: own, bound: flametalkForms.forbidden(onlyChats)},
	"manage-key-create":     {owners: true, foreign: ownNew, bound: flametalkForms.forbidden(wantsOwner)},
	"manage-key-delete":     {owners: true, foreign: flametalkForms.missing("API key not found"), bound: flametalkForms.forbidden(wantsOwner)},
	"manage-credits-get":    {foreign: own, bound: flametalkForms.forbidden(onlyChats)},
	"manage-entry-list":     {foreign: own, bound: flametalkForms.forbidden(onlyChats)},
	"manage-usage-list":     {foreign: own, bound: flametalkForms.forbidden(onlyChats)},

	"manage-settings-get":    {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-settings-update": {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-version-list":    {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-version-get":     {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(onlyChats)},

	"manage-connection-list":   {foreign: own, bound: flametalkForms.forbidden(onlyChats)},
	"manage-tool-list":         {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-connection-create": {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-tool-create":       {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-connection-get":    {foreign: flametalkForms.missing("Connection not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-tool-get":          {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-connection-verify": {foreign: flametalkForms.missing("Connection not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-connection-update": {foreign: flametalkForms.missing("Connection not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-tool-update":       {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-connection-delete": {foreign: flametalkForms.missing("Connection not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-tool-delete":       {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-connection-rotate": {foreign: flametalkForms.missing("Connection not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-tool-try":          {foreign: flametalkForms.missing("Agent not found"), bound: flametalkForms.forbidden(onlyChats)},

	"manage-automation-list":    {foreign: own, bound: flametalkForms.forbidden(onlyChats)},
	"manage-automation-create":  {foreign: ownNew, bound: flametalkForms.forbidden(onlyChats)},
	"manage-automation-get":     {foreign: flametalkForms.missing("Automation not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-automation-update":  {foreign: flametalkForms.missing("Automation not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-automation-delete":  {foreign: flametalkForms.missing("Automation not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-automation-publish": {foreign: flametalkForms.missing("Automation not found"), bound: flametalkForms.forbidden(onlyChats)},

	"manage-thread-list":    {foreign: own, bound: flametalkForms.forbidden(onlyChats)},
	"manage-thread-get":     {foreign: flametalkForms.missing("Thread not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-thread-update":  {foreign: flametalkForms.missing("Thread not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-message-list":   {foreign: flametalkForms.missing("Thread not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-message-create": {foreign: flametalkForms.missing("Thread not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-contact-get":    {foreign: flametalkForms.missing("Contact not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-contact-update": {foreign: flametalkForms.missing("Contact not found"), bound: flametalkForms.forbidden(onlyChats)},

	"manage-turn-list":  {foreign: own, bound: flametalkForms.forbidden(onlyChats)},
	"manage-run-list":   {foreign: flametalkForms.missing("Automation not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-run-get":    {foreign: flametalkForms.missing("Automation not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-run-cancel": {foreign: flametalkForms.missing("Automation not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-run-rerun":  {foreign: flametalkForms.missing("Automation not found"), bound: flametalkForms.forbidden(onlyChats)},

	"manage-turn-get":    {foreign: flametalkForms.missing("Turn not found"), bound: flametalkForms.forbidden(elsewhere)},
	"manage-turn-cancel": {foreign: flametalkForms.missing("Turn not found"), bound: flametalkForms.forbidden(elsewhere)},

	"manage-webhook-list":   {foreign: own, bound: flametalkForms.forbidden(onlyChats)},
	"manage-webhook-create": {foreign: ownNew, bound: flametalkForms.forbidden(onlyChats)},
	"manage-webhook-get":    {foreign: flametalkForms.missing("Webhook not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-webhook-update": {foreign: flametalkForms.missing("Webhook not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-webhook-delete": {foreign: flametalkForms.missing("Webhook not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-webhook-rotate": {foreign: flametalkForms.missing("Webhook not found"), bound: flametalkForms.forbidden(onlyChats)},

	"manage-webhook-test":    {foreign: flametalkForms.missing("Webhook not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-delivery-list":   {foreign: flametalkForms.missing("Webhook not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-delivery-get":    {foreign: flametalkForms.missing("Webhook not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-delivery-replay": {foreign: flametalkForms.missing("Webhook not found"), bound: flametalkForms.forbidden(onlyChats)},
	"manage-range-replay":    {foreign: flametalkForms.missing("Webhook not found"), bound: flametalkForms.forbidden(onlyChats)},

	"operator-org-list":      {operators: true},
	"operator-org-create":    {operators: true},
	"operator-entry-create":  {operators: true},
	"operator-limits-update": {operators: true},
}

// forms are the refusals of a surface, with %s for a message.
type forms struct {
	noKey, badKey string
	absent        outcome
	denied        string
}

var (
	agentflowForms = forms{
		noKey: `{"error":"invalid_api_key"}`, badKey: `{"error":"invalid_api_key"}`,
		absent: outcome{404, `{"error":"not_found"}`}, denied: `{"error":"forbidden","message":%s}`,
	}
	flametalkForms = forms{
		noKey:  `{"success":false,"error":{"code":"UNAUTHORIZED","message":"Invalid or expired API key"}}`,
		badKey: `{"success":false,"error":{"code":"UNAUTHORIZED","message":"Invalid or expired API key"}}`,
		absent: outcome{404, `{"success":false,"error":{"code":"NOT_FOUND","message":%s}}`},
		denied: `{"success":false,"error":{"code":"FORBIDDEN","message":%s}}`,
	}
	flapjackForms = forms{
		noKey: `{"error":"UNAUTHORIZED","detail":"Invalid or expired API key"}`, badKey: `{"error":"UNAUTHORIZED","detail":"Invalid or expired API key"}`,
		absent: outcome{404, `{"error":"NOT_FOUND","detail":%s}`}, denied: `{"error":"FORBIDDEN","detail":%s}`,
	}
	flexyagentsForms = forms{
		noKey:  `{"error":{"code":"UNAUTHORIZED","message":"Invalid or expired API key"}}`,
		badKey: `{"error":{"code":"UNAUTHORIZED","message":"Invalid or expired API key"}}`,
		absent: outcome{404, `{"error":{"code":"NOT_FOUND","message":%s}}`}, denied: `{"error":{"code":"FORBIDDEN","message":%s}}`,
	}
	flowgentForms = forms{
		noKey:  `{"error":"API key is required","message":"Please provide an API key in the Authorization header"}`,
		badKey: `{"error":"Invalid API key","message":"The provided API key is not valid"}`,
		absent: outcome{403, `{"error":"Access denied","message":"This agent does not belong to your organisation"}`},
		denied: `{"error":"Access denied","message":%s}`,
	}
)

// surfaceOf returns the forms of a function's surface. The managing and operators' routes use
// Flametalk's.
func surfaceOf(function string) forms {
	surface, _, _ := strings.Cut(function, "-")
	return map[string]forms{
		"agentflow": agentflowForms, "flametalk": flametalkForms, "flapjack": flapjackForms,
		"flexyagents": flexyagentsForms, "flowgent": flowgentForms, "manage": flametalkForms, "operator": flametalkForms,
	}[surface]
}

// stranger returns the answer to a missing or unknown credential.
func (f forms) stranger(s stranger) outcome {
	if s.none {
		return outcome{http.StatusUnauthorized, f.noKey}
	}
	return outcome{http.StatusUnauthorized, f.badKey}
}

// missing returns the answer if the caller must not know that the resource exists.
func (f forms) missing(message string) outcome {
	return outcome{f.absent.status, worded(f.absent.body, message)}
}

// forbidden returns the answer if the caller may know the resource, but not use it.
func (f forms) forbidden(message string) outcome {
	return outcome{http.StatusForbidden, worded(f.denied, message)}
}

func worded(body, message string) string {
	quoted, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	return strings.ReplaceAll(body, "%s", string(quoted))
}

// reads is the largest number of rows that may be read for a credential: the key's or the user's.
type reads int

// anyReads allows any number of reads in the caller's own org.
const anyReads reads = -1

// stranger is a missing credential, or one that is not valid.
type stranger struct {
	key    string // as in an exchange
	header map[string]string
	none   bool // no credential
	reads  reads
}

func (s stranger) ask(x exchange) exchange {
	x = x.as(s.key)
	if x.header == nil {
		x.header = map[string]string{}
	}
	maps.Copy(x.header, s.header)
	return x
}

func with(name, value string) map[string]string { return map[string]string{name: value} }

var strangers = []stranger{
	{key: "none", none: true},
	{key: "none", header: with("Authorization", " "), none: true},
	{key: "none", header: with("Cookie", "af_session=; other=x"), none: true},

	{key: "none", header: with("Authorization", "Bearer"), none: true},
	{key: "none", header: with("Authorization", "Basic dXNlcjpwYXNzd29yZA=="), none: true},

	{key: "fj_live_nothing"},
	{key: "none", header: with("Authorization", "Bearer undefined")},
	{key: "none", header: with("X-Api-Key", "nothing")},
	{key: "none", header: with("X-Api-Key", "\xff\xfe")},
	{key: "none", header: with("Cookie", "af_session=nothing")},
	{key: strings.Repeat("k", 5000)},
	{key: ".."},
	{key: "eyJhbGciOiJub25lIn0.eyJzdWIiOiIkT1dORVIifQ."},

	{key: "$UNKNOWN_KEY", reads: 1},
	{key: "$UNKNOWN_OPERATOR_KEY", reads: 1},
	{key: "none", header: with("X-Api-Key", "$UNKNOWN_KEY"), reads: 1},
	{key: "$KEY", header: with("X-Api-Key", "$UNKNOWN_KEY"), reads: 1}, // the first of valid form counts
	{key: "undefined", header: with("X-Api-Key", "$UNKNOWN_KEY"), reads: 1},

	{key: "$REVOKED_KEY", reads: 1},
	{key: "$REVOKED_OPERATOR_KEY", reads: 1},
	{key: "none", header: with("Authorization", "$REVOKED_KEY"), reads: 1},
	{key: "none", header: with("X-Api-Key", "$REVOKED_KEY"), reads: 1},

	{key: "$EXPIRED_SESSION"},
	{key: "none", header: with("Cookie", "af_session=$EXPIRED_SESSION")},
	{key: "$ENDED_SESSION", reads: 1},
	{key: "none", header: with("Cookie", "af_session=$ENDED_SESSION"), reads: 1},
	{key: "none", header: with("Cookie", "af_session=$EXPIRED_SESSION; af_session=$ENDED_SESSION"), reads: 1},
	{key: "$REMOVED_SESSION", reads: 1},
}

// An org's credential is unknown to operators' routes, and an operator's key to all others.
var (
	operatorsKeys = []stranger{{key: "$OPERATOR_KEY"}}
	orgsKeys      = []stranger{{key: "$KEY"}, {key: "$SECOND_KEY"}, {key: "$OTHER_KEY"}, {key: "$SESSION"}, {key: "$MEMBER_SESSION"}, {key: "none", header: cookie}}
)

// strangers returns the credentials that are unknown to a function.
func (r rule) strangers() []stranger {
	if r.operators {
		return slices.Concat(strangers, orgsKeys)
	}
	return slices.Concat(strangers, operatorsKeys)
}

// addStrangers creates the credentials that only the matrix needs.
func (w *world) addStrangers(t *testing.T) {
	t.Helper()
	unknown, err := identity.NewSecret("ft", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	operator, err := identity.NewSecret("op", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w.names["UNKNOWN_KEY"], w.names["UNKNOWN_OPERATOR_KEY"] = unknown, operator
	w.names["SECOND_KEY"], _ = w.Key(t, w.org, w.names["SECOND_AGENT"])
	gone := w.users.User(t, w.Table, w.org, identity.Member)
	w.names["REMOVED_SESSION"] = w.users.Session(t, gone)
	if _, err := w.Store.BeginRemoval(t.Context(), w.org, gone.ID, w.Now()); err != nil {
		t.Fatal(err)
	}
	ended := w.users.User(t, w.Table, w.org, identity.Owner)
	w.names["ENDED_SESSION"] = w.users.Session(t, ended)
	session, _, err := w.deps(dynamotest.Endpoint(), "").Auth().Session(t.Context(), w.names["ENDED_SESSION"])
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Store.EndSession(t.Context(), nil, session, w.Now()); err != nil {
		t.Fatal(err)
	}
}
