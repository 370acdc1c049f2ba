package contract_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/tests/document"
)

// Each route refuses callers without the right with its surface's answer, to the byte, and reads
// and writes nothing for them. The routes are the document's, so that none is missed; their
// refusals are in rules.
func TestAuthorization_Refusals(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	w := m.world
	for _, o := range api(t).Operations() {
		t.Run(o.ID, func(t *testing.T) {
			function := m.product.routes[o.Method+" "+o.Path].Function
			r, ok := rules[function]
			if !ok {
				t.Fatalf("got no entry for %s in rules, want one", function)
			}
			if r.open != "" {
				return
			}
			x := m.request(t, o, function)
			w.ready(t, x)
			before := w.snapshot(t)
			m.refusesOthers(t, x, r)
			if d := cmp.Diff(before, w.snapshot(t)); d != "" {
				t.Errorf("table after refusals (-want +got):\n%s", d)
			}
			if r.operators {
				return
			}
			if !r.foreign.refuses() {
				m.serves(t, x.as(r.foreignKey()), r.foreign)
			}
			if !r.bound.refuses() {
				m.serves(t, x.as("$SECOND_KEY"), r.bound)
			}
			if !r.owners {
				m.serves(t, x.as("$MEMBER_SESSION"), outcome{status: x.status})
			}
			w.stale = x.changes()
		})
	}
}

// The answer of a request with an idempotency key is replayed only to callers with the right to
// make the request.
func TestAuthorization_Replays(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	w := m.world
	for _, o := range api(t).Operations() {
		function := m.product.routes[o.Method+" "+o.Path].Function
		r := rules[function]
		if o.Method == http.MethodGet || r.open != "" {
			continue
		}
		t.Run(o.ID, func(t *testing.T) {
			x := m.request(t, o, function)
			w.ready(t, x)
			w.stale = x.changes()
			entitled := x.as(r.entitled())
			if a, _ := m.ask(t, entitled); a.Status != x.status {
				t.Fatalf("got status %d, want %d: %s", a.Status, x.status, a.Body)
			}
			again, _ := m.ask(t, entitled)
			if again.Header.Get("Idempotency-Replayed") != "true" {
				t.Fatalf("got %d %s, want a replay", again.Status, again.Body)
			}
			before := w.snapshot(t)
			m.refusesOthers(t, x, r)
			if d := cmp.Diff(before, w.snapshot(t)); d != "" {
				t.Errorf("table after refusals (-want +got):\n%s", d)
			}
		})
	}
}

// matrix sends requests with credentials that are refused.
type matrix struct {
	*world

	aws     *recorder
	product *product
	checked map[string]bool // refusals that were checked against the document
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	w := newWorld(t)
	w.addStrangers(t)
	aws := &recorder{}
	deps := w.deps(aws.before(t, dynamotest.Endpoint()), aws.before(t, localModel(t)))
	return &matrix{world: w, aws: aws, product: newProduct(t, deps), checked: map[string]bool{}}
}

// request returns a request of an operation that succeeds: the first of its function's exchanges
// on the operation's own path.
func (m *matrix) request(t *testing.T, o document.Operation, function string) exchange {
	t.Helper()
	for _, x := range exchanges {
		if x.function != function || x.status >= http.StatusMultipleChoices {
			continue
		}
		path, query, _ := strings.Cut(x.path, "?")
		for pattern, r := range m.product.routes {
			method, template, _ := strings.Cut(pattern, " ")
			if r.Function != function || method != o.Method || !fits(template, path) {
				continue
			}
			x.path = o.Path
			for name, value := range pathParameters(template, path) {
				x.path = strings.ReplaceAll(x.path, "{"+name+"}", value)
			}
			if query != "" {
				x.path += "?" + query
			}
			x.header = maps.Clone(x.header)
			if x.method != http.MethodGet {
				if x.header == nil {
					x.header = map[string]string{}
				}
				x.header["Idempotency-Key"] = once["Idempotency-Key"]
			}
			return x
		}
	}
	t.Fatalf("%s: got no successful exchange on %s %s, want one", function, o.Method, o.Path)
	return exchange{}
}

// fits reports whether a path matches a route.
func fits(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if !strings.HasPrefix(want[i], "{") && want[i] != got[i] {
			return false
		}
	}
	return true
}

// as returns the exchange with another credential.
func (x exchange) as(key string) exchange {
	x.key = key
	x.header = maps.Clone(x.header)
	for _, name := range []string{"X-Api-Key", "Authorization", "Cookie", "Origin", "Sec-Fetch-Site"} {
		delete(x.header, name)
	}
	return x
}

// ask sends a request and returns its answer and the AWS calls that it caused.
func (m *matrix) ask(t *testing.T, x exchange) (answer, []call) {
	t.Helper()
	m.aws.reset()
	rec := httptest.NewRecorder()
	m.product.mux.ServeHTTP(rec, x.request(t, m.world, "https://example.com"))
	return answer{rec.Code, rec.Header(), rec.Body.String()}, m.aws.made()
}

// refusesOthers sends the request with every credential that must be refused.
func (m *matrix) refusesOthers(t *testing.T, x exchange, r rule) {
	t.Helper()
	forms := surfaceOf(x.function)
	for _, s := range r.strangers() {
		m.refuses(t, s.ask(x), forms.stranger(s), s.reads)
	}
	if r.foreign.refuses() {
		m.refuses(t, x.as(r.foreignKey()), r.foreign, anyReads)
	}
	if r.bound.refuses() {
		m.refuses(t, x.as("$SECOND_KEY"), r.bound, anyReads)
	}
	if r.owners {
		m.refuses(t, x.as("$MEMBER_SESSION"), forms.forbidden("Only owners may do this"), anyReads)
		m.refuses(t, x.as("$KEY"), forms.forbidden(wantsOwner), anyReads)
	}
}

// refuses sends a request and checks the refusal and the number of reads.
func (m *matrix) refuses(t *testing.T, x exchange, want outcome, reads reads) {
	t.Helper()
	a, calls := m.ask(t, x)
	who := x.key + " " + strings.Join(slices.Collect(maps.Values(x.header)), " ")
	if a.Status != want.status || a.Body != want.body {
		t.Errorf("%s: got status %d, want %d\ngot  %s\nwant %s", who, a.Status, want.status, a.Body, want.body)
	}
	if once := x.function + x.path + a.Body; !m.checked[once] {
		m.checked[once] = true
		x.check(t, m.world, a)
	}
	switch {
	case reads == anyReads: // in the caller's own org
		for _, c := range calls {
			if x.key != "$KEY" && strings.HasPrefix(x.key, "$OTHER") && strings.Contains(c.body, m.org) {
				t.Errorf("%s: got %s in the owner's org, want none: %s", who, c.operation, c.body)
			}
			if strings.HasPrefix(c.operation, "bedrock") || strings.HasPrefix(c.operation, "cognito-idp") {
				t.Errorf("%s: got a call of %s, want none", who, c.operation)
			}
		}
	case len(calls) > int(reads):
		t.Errorf("%s: got %d calls, want at most %d: %v", who, len(calls), reads, calls)
	default:
		for _, c := range calls {
			if c.operation != "dynamodb:GetItem on the table" || !strings.Contains(c.body, `"KEY#`) && !strings.Contains(c.body, `"USER#`) {
				t.Errorf("%s: got %s, want only reads of a key or a user: %s", who, c.operation, c.body)
			}
		}
	}
}

// serves sends a request and checks that the answer has the caller's own data: nothing of the
// world's org if the caller belongs to another org, nothing of the first agent if the caller is
// bound to the second.
func (m *matrix) serves(t *testing.T, x exchange, want outcome) {
	t.Helper()
	m.ready(t, x)
	a, calls := m.ask(t, x)
	if a.Status != want.status {
		t.Errorf("%s: got status %d, want %d: %s", x.key, a.Status, want.status, a.Body)
	}
	hidden := map[string][]string{
		"$OTHER_KEY": {m.org, m.names["AGENT"]}, "$OTHER_SESSION": {m.org, m.names["AGENT"]}, "$SECOND_KEY": {m.names["AGENT"]},
	}[x.key]
	for _, text := range hidden {
		if strings.Contains(a.Body, text) {
			t.Errorf("%s: got another's data, want none: %s", x.key, a.Body)
		}
		for _, c := range calls {
			if x.key != "$SECOND_KEY" && strings.Contains(c.body, text) {
				t.Errorf("%s: got %s of another's data, want none: %s", x.key, c.operation, c.body)
			}
		}
	}
}

// snapshot returns the whole table, an item per line. It leaves the count of requests and the time
// of the next sweep out of accounts: a refused chat counts as a request, and had a hold for a
// moment.
func (w *world) snapshot(t *testing.T) []string {
	t.Helper()
	var lines []string
	for _, it := range w.Items(t) {
		var plain map[string]any
		if err := attributevalue.UnmarshalMap(it, &plain); err != nil {
			t.Fatal(err)
		}
		maps.DeleteFunc(plain, func(name string, value any) bool {
			return plain["sk"] == "ACCOUNT" && (strings.HasPrefix(name, "rate_") || strings.HasPrefix(name, "due") || value == 0.0)
		})
		line, err := json.Marshal(plain)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	slices.Sort(lines)
	return lines
}
