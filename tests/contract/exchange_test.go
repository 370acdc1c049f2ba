package contract_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// exchange is a request to a function, and the expected status.
type exchange struct {
	function string
	method   string
	path     string // with the query
	key      string // "$KEY" if empty; "none" for no key
	header   map[string]string
	body     string
	sign     func(r *http.Request, body string) // signs it as a provider; nil: nobody does
	status   int
	writes   bool // it changes data that the next exchange needs
}

func (x exchange) name() string {
	name := x.function + " " + http.StatusText(x.status) + " " + x.path
	if x.key != "" {
		name += " " + x.key
	}
	if x.body != "" {
		name += " " + x.body[:min(len(x.body), 40)]
	}
	return strings.ToValidUTF8(strings.ReplaceAll(name, "/", "_"), "?")
}

// changes returns the data that the exchange changes and that later exchanges need.
func (x exchange) changes() staleness {
	if !x.writes {
		return staleness{}
	}
	said := x.path + x.key + x.body + x.header["Cookie"]
	return staleness{
		agents:      strings.HasPrefix(x.path, "/api/v1/agents/") || !slices.ContainsFunc(aside, func(prefix string) bool { return strings.HasPrefix(x.function, prefix) }),
		users:       slices.ContainsFunc(spent, func(name string) bool { return strings.Contains(said, name) }),
		tools:       strings.Contains(x.path, "$SPENT_AGENT"),
		automations: strings.HasPrefix(x.function, "manage-automation-"),
		webhooks:    strings.HasPrefix(x.path, "/api/v1/webhooks"),
		connections: strings.HasPrefix(x.path, "/api/v1/connections"),
		runs:        strings.Contains(x.path, "/runs/"),
		chats:       strings.HasPrefix(x.path, "/api/v1/threads") || strings.HasPrefix(x.path, "/api/v1/contacts"),
	}
}

// aside begins the names of functions that do not change agents and threads.
var aside = []string{"manage-", "operator-", "agentflow-key-", "inbound-automation-"}

// spent are the users and keys that are changed by a changing request that names them.
var spent = []string{"$MEMBER", "$LEAVING", "$INVITED", "$SPARE", "$KEY_ID"}

// request returns the exchange's request, with the names of a world filled in.
func (x exchange) request(t *testing.T, w *world, base string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), x.method, base+w.expand(x.path), strings.NewReader(w.expand(x.body)))
	if err != nil {
		t.Fatal(err)
	}
	if x.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	switch x.key {
	case "":
		r.Header.Set("Authorization", "Bearer "+w.names["KEY"])
	case "none":
	default:
		r.Header.Set("Authorization", "Bearer "+w.expand(x.key))
	}
	for name, value := range x.header {
		r.Header.Set(name, w.expand(value))
	}
	if x.sign != nil {
		x.sign(r, w.expand(x.body))
	}
	return r
}

// exchanges are the requests to each function: a success and its refusals. Together they
// cover every path of a function through the store and the model.
var exchanges = slices.Concat(agentflow, flapjack, flametalk, flexyagents, flowgent, manage, webhooks, automations, httpTools, agents, connections, threads, turns, runs, inbounds, hooks, money, operators, openapi, health)

const (
	nowhere = "0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f"
	get     = http.MethodGet
	post    = http.MethodPost
	patch   = http.MethodPatch
	remove  = http.MethodDelete
)

// once is the header of a request that takes effect once, with a key that is used by no other
// request. The key of tooLong is refused.
var (
	once    = map[string]string{"Idempotency-Key": "key of $REQUEST"}
	tooLong = map[string]string{"Idempotency-Key": strings.Repeat("k", 256)}
)

var (
	cookie  = map[string]string{"Cookie": "a=b; af_session=$SESSION"}
	forged  = map[string]string{"Cookie": "af_session=$SESSION", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
	ownPage = map[string]string{"Cookie": "af_session=$SESSION", "Sec-Fetch-Site": "same-origin"}
)

// of sets the function of exchanges.
func of(function string, all ...exchange) []exchange {
	for i := range all {
		all[i].function = function
	}
	return all
}

// refusesStrangers sends requests without a key, with a revoked key and with an invented one.
func refusesStrangers(function, method, path string) []exchange {
	return of(function,
		exchange{method: method, path: path, key: "none", status: 401},
		exchange{method: method, path: path, key: "$REVOKED_KEY", status: 401},
		exchange{method: method, path: path, key: "fj_live_nothing", status: 401},
	)
}

// refusesBodies sends malformed bodies. One has a field of the wrong type that must be a
// string.
func refusesBodies(function, method, path, field string, status int) []exchange {
	all := []exchange{{body: `{"` + field + `":"` + strings.Repeat("x", 1<<20) + `"}`, status: 413}}
	for _, body := range []string{
		"", "{", "[]", "null", "\x00", "\xff\xfe",
		`{"` + field + `":1}`, `{"` + field + `":"\ud83c"}`, `{"` + field + `":"\u0000"}`, `{"` + field + `":"` + "\xff" + `"}`,
	} {
		all = append(all, exchange{body: body, status: status})
	}
	for i := range all {
		all[i].method, all[i].path = method, path
	}
	return of(function, all...)
}

// ownersOnly sends a request with each credential that is not an owner's session.
func ownersOnly(function, method, path, body string) []exchange {
	return slices.Concat(refusesStrangers(function, method, path), of(function,
		exchange{method: method, path: path, body: body, status: 403},
		exchange{method: method, path: path, body: body, key: "$BOUND_KEY", status: 403},
		exchange{method: method, path: path, body: body, key: "$MEMBER_SESSION", status: 403},
		exchange{method: method, path: path, body: body, key: "$EXPIRED_SESSION", status: 401},
		exchange{method: method, path: path, body: body, key: "a.b.c", status: 401},
	))
}

// managers sends a request with each credential that cannot manage anything.
func managers(function, method, path, body string) []exchange {
	return slices.Concat(refusesStrangers(function, method, path), of(function,
		exchange{method: method, path: path, body: body, key: "$BOUND_KEY", status: 403},
	))
}

// bodies returns refusesBodies with a session.
func bodies(function, method, path, field string) []exchange {
	return by("$SESSION", refusesBodies(function, method, path, field, 400))
}

// by sets the key of exchanges.
func by(key string, all []exchange) []exchange {
	for i := range all {
		all[i].key = key
	}
	return all
}

// anonymously removes the key.
func anonymously(all []exchange) []exchange { return by("none", all) }

// operatorsOnly sends a request with each credential that is not an operator's, and with an
// operator's key from a page of another origin.
func operatorsOnly(function, method, path, body string) []exchange {
	all := slices.Concat(refusesStrangers(function, method, path), of(function,
		exchange{method: method, path: path, body: body, status: 401},
		exchange{method: method, path: path, body: body, key: "$BOUND_KEY", status: 401},
		exchange{method: method, path: path, body: body, key: "$SESSION", status: 401},
		exchange{method: method, path: path, body: body, key: "$REVOKED_OPERATOR_KEY", status: 401},
		exchange{method: method, path: path, body: body, key: "op_live_nothing", status: 401},
	))
	if method == get {
		return all
	}
	return append(all, of(function, exchange{
		method: method, path: path, body: body, key: "none", status: 403,
		header: map[string]string{"Cookie": "af_session=$OPERATOR_KEY", "Sec-Fetch-Site": "cross-site"},
	})...)
}

// says returns the body of a chat in which the user says a text, with further fields.
func says(content, more string) string {
	return `{"messages":[{"role":"user","content":"` + content + `"}]` + more + `}`
}
