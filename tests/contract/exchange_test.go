package contract_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// exchange is a request to a function, and the status it is to get.
type exchange struct {
	function string
	method   string
	path     string // with its query
	key      string // "$KEY" if empty; "none" for none
	header   map[string]string
	body     string
	status   int
	writes   bool // it changes what the next one would see
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

// changes returns what the exchange may change of what the next one needs.
func (x exchange) changes() staleness {
	if !x.writes {
		return staleness{}
	}
	said := x.path + x.key + x.body + x.header["Cookie"]
	return staleness{
		agents:   !slices.ContainsFunc(aside, func(prefix string) bool { return strings.HasPrefix(x.function, prefix) }),
		users:    slices.ContainsFunc(spent, func(name string) bool { return strings.Contains(said, name) }),
		webhooks: strings.HasPrefix(x.path, "/api/v1/webhooks"),
	}
}

// aside begins the names of functions that leave agents and threads alone.
var aside = []string{"manage-", "operator-", "agentflow-key-"}

// spent are the users and keys that are no longer what they were once a request
// that changes something has named them.
var spent = []string{"$MEMBER", "$LEAVING", "$INVITED", "$SPARE", "$KEY_ID"}

// request returns the exchange's request in a world.
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
	return r
}

// exchanges are each function's answers: what it does when all is well, and
// its refusals. Together they take every way that a function has through the
// store and the model.
var exchanges = slices.Concat(agentflow, flapjack, flametalk, flexyagents, flowgent, manage, webhooks, money, operators, openapi)

const (
	nowhere = "0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f"
	get     = http.MethodGet
	post    = http.MethodPost
	patch   = http.MethodPatch
	remove  = http.MethodDelete
)

// once is the header of a request that takes effect once, and no other request
// has. tooLong is refused.
var (
	once    = map[string]string{"Idempotency-Key": "key of $REQUEST"}
	tooLong = map[string]string{"Idempotency-Key": strings.Repeat("k", 256)}
)

var (
	cookie  = map[string]string{"Cookie": "a=b; af_session=$SESSION"}
	forged  = map[string]string{"Cookie": "af_session=$SESSION", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
	ownPage = map[string]string{"Cookie": "af_session=$SESSION", "Sec-Fetch-Site": "same-origin"}
)

// of makes the exchanges those of a function.
func of(function string, all ...exchange) []exchange {
	for i := range all {
		all[i].function = function
	}
	return all
}

// refusesStrangers asks without a key, with a revoked one and with a made-up one.
func refusesStrangers(function, method, path string) []exchange {
	return of(function,
		exchange{method: method, path: path, key: "none", status: 401},
		exchange{method: method, path: path, key: "$REVOKED_KEY", status: 401},
		exchange{method: method, path: path, key: "fj_live_nothing", status: 401},
	)
}

// refusesBodies sends what cannot be understood, with a field that must be a
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

// ownersOnly asks as whoever is no owner with a session.
func ownersOnly(function, method, path, body string) []exchange {
	return slices.Concat(refusesStrangers(function, method, path), of(function,
		exchange{method: method, path: path, body: body, status: 403},
		exchange{method: method, path: path, body: body, key: "$BOUND_KEY", status: 403},
		exchange{method: method, path: path, body: body, key: "$MEMBER_SESSION", status: 403},
		exchange{method: method, path: path, body: body, key: "$EXPIRED_SESSION", status: 401},
		exchange{method: method, path: path, body: body, key: "a.b.c", status: 401},
	))
}

// managers asks as whoever may manage nothing.
func managers(function, method, path, body string) []exchange {
	return slices.Concat(refusesStrangers(function, method, path), of(function,
		exchange{method: method, path: path, body: body, key: "$BOUND_KEY", status: 403},
	))
}

// bodies are refusesBodies of a session.
func bodies(function, method, path, field string) []exchange {
	return by("$SESSION", refusesBodies(function, method, path, field, 400))
}

// by makes the exchanges those of a key.
func by(key string, all []exchange) []exchange {
	for i := range all {
		all[i].key = key
	}
	return all
}

// anonymously takes the key away.
func anonymously(all []exchange) []exchange { return by("none", all) }

// operatorsOnly asks as whoever is no operator, and as one who is tricked by a
// page.
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

// says is the body of a chat in which the user says something, with fields
// beside it.
func says(content, more string) string {
	return `{"messages":[{"role":"user","content":"` + content + `"}]` + more + `}`
}
