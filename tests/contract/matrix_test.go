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

// Whoever may not do what a route does gets its surface's refusal, to the byte,
// and nothing is read or written for them. The routes are the document's, so
// that none is missed; what each refuses with is in rules.
func TestAuthorization(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	w := m.world
	for _, o := range api(t).Operations() {
		t.Run(o.ID, func(t *testing.T) {
			function := m.product.routes[o.Method+" "+o.Path].Function
			r, ok := rules[function]
			if !ok {
				t.Fatalf("rules do not say who may not call %s", function)
			}
			if r.open != "" {
				return
			}
			x := m.request(t, o, function)
			w.ready(t, x)
			before := w.snapshot(t)
			m.refusesOthers(t, x, r)
			if d := cmp.Diff(before, w.snapshot(t)); d != "" {
				t.Errorf("something was written for the refused (-before +after):\n%s", d)
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

// What a request under an idempotency key was answered is told again to whoever
// repeats it, but only if they may do what it asks.
func TestNobodyIsToldAnothersAnswer(t *testing.T) {
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
				t.Fatalf("status %d, want %d: %s", a.Status, x.status, a.Body)
			}
			again, _ := m.ask(t, entitled)
			if again.Header.Get("Idempotency-Replayed") != "true" {
				t.Fatalf("it is not told again, but %d %s", again.Status, again.Body)
			}
			before := w.snapshot(t)
			m.refusesOthers(t, x, r)
			if d := cmp.Diff(before, w.snapshot(t)); d != "" {
				t.Errorf("something was written for the refused (-before +after):\n%s", d)
			}
		})
	}
}

// matrix asks the product as whoever may not.
type matrix struct {
	*world

	aws     *recorder
	product *product
	checked map[string]bool // refusals that are as the document says
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	w := newWorld(t)
	w.addStrangers(t)
	aws := &recorder{}
	deps := w.deps(aws.before(t, dynamotest.Endpoint()), aws.before(t, localModel(t)))
	return &matrix{world: w, aws: aws, product: newProduct(t, deps), checked: map[string]bool{}}
}

// request returns a request of an operation that succeeds: the first such of
// its function's exchanges, on the operation's own path.
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
	t.Fatalf("no exchange of %s succeeds on %s %s", function, o.Method, o.Path)
	return exchange{}
}

// fits reports whether a path is one of a route's.
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

// ask sends a request and returns its answer and the calls that were made for
// it.
func (m *matrix) ask(t *testing.T, x exchange) (answer, []call) {
	t.Helper()
	m.aws.reset()
	rec := httptest.NewRecorder()
	m.product.mux.ServeHTTP(rec, x.request(t, m.world, "https://example.com"))
	return answer{rec.Code, rec.Header(), rec.Body.String()}, m.aws.made()
}

// refusesOthers asks as everybody who may not.
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

// refuses asks and wants a refusal for which no more was read than may be.
func (m *matrix) refuses(t *testing.T, x exchange, want outcome, reads reads) {
	t.Helper()
	a, calls := m.ask(t, x)
	who := x.key + " " + strings.Join(slices.Collect(maps.Values(x.header)), " ")
	if a.Status != want.status || a.Body != want.body {
		t.Errorf("%s: status %d, want %d\n%s\n%s", who, a.Status, want.status, a.Body, want.body)
	}
	if once := x.function + x.path + a.Body; !m.checked[once] {
		m.checked[once] = true
		x.check(t, m.world, a)
	}
	switch {
	case reads == anyReads: // of the caller's own org
		for _, c := range calls {
			if x.key != "$KEY" && strings.HasPrefix(x.key, "$OTHER") && strings.Contains(c.body, m.org) {
				t.Errorf("%s: %s of the org that owns it: %s", who, c.operation, c.body)
			}
			if strings.HasPrefix(c.operation, "bedrock") || strings.HasPrefix(c.operation, "cognito-idp") {
				t.Errorf("%s: %s", who, c.operation)
			}
		}
	case len(calls) > int(reads):
		t.Errorf("%s: %d calls, want at most %d: %v", who, len(calls), reads, calls)
	default:
		for _, c := range calls {
			if c.operation != "dynamodb:GetItem on the table" || !strings.Contains(c.body, `"KEY#`) && !strings.Contains(c.body, `"USER#`) {
				t.Errorf("%s: %s %s", who, c.operation, c.body)
			}
		}
	}
}

// serves asks and wants what is the caller's own, with nothing in it of the
// world's org when the caller is of another, or of its first agent when the
// caller is bound to the second.
func (m *matrix) serves(t *testing.T, x exchange, want outcome) {
	t.Helper()
	m.ready(t, x)
	a, calls := m.ask(t, x)
	if a.Status != want.status {
		t.Errorf("%s: status %d, want %d: %s", x.key, a.Status, want.status, a.Body)
	}
	hidden := map[string][]string{
		"$OTHER_KEY": {m.org, m.names["AGENT"]}, "$OTHER_SESSION": {m.org, m.names["AGENT"]}, "$SECOND_KEY": {m.names["AGENT"]},
	}[x.key]
	for _, text := range hidden {
		if strings.Contains(a.Body, text) {
			t.Errorf("%s is shown what is another's: %s", x.key, a.Body)
		}
		for _, c := range calls {
			if x.key != "$SECOND_KEY" && strings.Contains(c.body, text) {
				t.Errorf("%s: %s of what is another's: %s", x.key, c.operation, c.body)
			}
		}
	}
}

// snapshot is the whole table, an item a line. Of an account it leaves
// out how many requests there were, and when to look for holds: a chat that is
// refused has been a request, and had a hold for a moment.
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
