package hostile_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/tool"
)

var slow = flag.Bool("slow", false, "also the servers that use up the 10 s of a call")

// megabytes is a result of 10 MB.
const megabytes = 10 << 20

// block is written by servers that flood.
var block = bytes.Repeat([]byte("0123456789abcde\n"), 4096) // 64 KB

// liars are ways in which the server of an HTTP tool answers.
var liars = map[string]http.HandlerFunc{
	"good":  func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "all is well") },
	"large": func(w http.ResponseWriter, _ *http.Request) { flood(w, megabytes) },
	"declared": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(megabytes))
		flood(w, megabytes)
	},
	"endless": func(w http.ResponseWriter, _ *http.Request) { flood(w, 1<<40) },
	"deaf":    func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"silent": func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "so far")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	},
	"drip": func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, ".")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-tick.C:
			case <-r.Context().Done():
			}
		}
	},
	"away": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
	},
	"circle": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
	},
	"bomb": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for range 160 {
			_, _ = z.Write(block)
		}
		_ = z.Close()
	},
	"short": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "only this")
	},
	"cut": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	"image": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write([]byte("\x89PNG"))
	},
	"lie": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte{0, 1, 2})
	},
	"deep": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat(`{"blocks":[`, 5000))
	},
	"failing": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "86400")
		w.WriteHeader(http.StatusServiceUnavailable)
		flood(w, megabytes)
	},
}

// flood writes a number of bytes, or as many as are read.
func flood(w http.ResponseWriter, size int) {
	for sent := 0; sent < size; sent += len(block) {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// mcpLiars are ways in which an MCP server answers a call, by its id.
var mcpLiars = map[string]func(w http.ResponseWriter, r *http.Request, id string){
	"good": func(w http.ResponseWriter, _ *http.Request, id string) {
		mcpReply(w, id, `{"resultType":"complete","content":[{"type":"text","text":"all is well"}]}`)
	},
	"large": func(w http.ResponseWriter, _ *http.Request, id string) {
		mcpReply(w, id, `{"resultType":"complete","content":[{"type":"text","text":"`+strings.Repeat("x", megabytes)+`"}]}`)
	},
	"endless": func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.Header().Set("Content-Type", "text/event-stream")
		for {
			if _, err := w.Write([]byte("data: x\n")); err != nil {
				return
			}
		}
	},
	"other": func(w http.ResponseWriter, _ *http.Request, _ string) { mcpReply(w, `"another"`, `{"content":[]}`) },
	"away": func(w http.ResponseWriter, r *http.Request, _ string) {
		http.Redirect(w, r, "http://169.254.169.254/", http.StatusTemporaryRedirect)
	},
	"cut":  func(http.ResponseWriter, *http.Request, string) { panic(http.ErrAbortHandler) },
	"page": func(w http.ResponseWriter, _ *http.Request, _ string) { _, _ = io.WriteString(w, "<p>Hello") },
	"question": func(w http.ResponseWriter, _ *http.Request, id string) {
		mcpReply(w, id, `{"resultType":"input_required","inputRequests":{"1":{"method":"elicitation/create","params":{"message":"Who?","requestedSchema":{"type":"object","properties":{}}}}},"requestState":"x"}`)
	},
	"deaf": func(_ http.ResponseWriter, r *http.Request, _ string) { <-r.Context().Done() },
}

func mcpReply(w http.ResponseWriter, id, result string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":%s}`, id, result)
}

// serveLiars serves both kinds of liars, and returns the URL.
func serveLiars(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/http/{how}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server learns only then that its client went away
		liars[r.PathValue("how")](w, r)
	})
	mux.HandleFunc("/mcp", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var m struct {
			ID     json.RawMessage
			Method string
			Params struct{ Arguments struct{ How string } }
		}
		_ = json.Unmarshal(body, &m)
		switch m.Method {
		case "server/discover":
			mcpReply(w, string(m.ID), `{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}`)
		case "tools/list":
			mcpReply(w, string(m.ID), `{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[{"name":"ask","description":"Asks","inputSchema":{"type":"object","properties":{"how":{"type":"string"}}}},`+bombs+`]}`)
		case "tools/call":
			mcpLiars[m.Params.Arguments.How](w, r, string(m.ID))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return server.URL
}

// loop is a turn with three tools, or with several calls of one, and what the model is told.
type loop struct {
	calls []call
	want  []string
}

// loops are the turns. Their calls take one second at most, but for slow ones.
func loops() []loop {
	first := func(how string) call { return call{"first", `{"how":` + quote(how) + `}`} }
	second := func(how string) call { return call{"second", `{"how":` + quote(how) + `}`} }
	third := func(how string) call { return call{"third", `{"how":` + quote(how) + `}`} }
	ask := func(how string) call { return call{"ask", `{"how":` + quote(how) + `}`} }
	const long, failed = "\n[The answer is longer than 64 KiB. The rest was not read.]", "the call of the tool failed: "
	deep := strings.Repeat("[", 200) + strings.Repeat("]", 200)
	all := []loop{
		{[]call{first("large"), second("declared"), third("endless"), first("good")}, []string{long, long, long, "all is well"}},
		{[]call{first("deaf"), second("silent"), third("drip"), first("good")}, []string{
			"The tool did not answer within 1 seconds. Whether it did something is unknown.", "ended early: timed out. It began: so far", "ended early: timed out. It began: ...", "all is well",
		}},
		{[]call{first("away"), second("circle"), third("bomb"), first("cut")}, []string{
			"redirect (302) to http://169.254.169.254/latest/meta-data, which is not followed", "redirect (307) to /http/circle, which is not followed", "is encoded as gzip, which was not asked for", "connection closed",
		}},
		{[]call{first("short"), second("image"), third("lie"), first("deep"), second("failing")}, []string{
			"ended early: connection closed. It began: only this", "is image/png, which is no text", "is application/json, which is no text", `{"blocks":[{"blocks":[`, "The tool answered with status 503: 0123456789abcde\n",
		}},
		{[]call{{"first", `{"how":1}`}, {"second", `{}`}, {"third", `{"how":"good","x":1}`}, {"first", `{"how":"good"`}, {"second", `how=good`}, {"third", `[{"how":"good"}]`}}, []string{
			`how: type: 1 has type "integer", want "string"`, `missing properties: ["how"]`, "unexpected additional properties", "its arguments are not a JSON object", "its arguments are not a JSON object", "its arguments are not a JSON object",
		}},
		{[]call{
			{"first", `{"how":` + deep + `}`},
			{"second", `{"how":"` + strings.Repeat("a", tool.MaxArguments) + `"}`},
			{"third", `{"how":1e999999999}`},
			{"heavy", `{"list":[` + strings.TrimSuffix(strings.Repeat(`{"a":1},`, 4000), ",") + `]}`},
			{"first", `{"how":"..","how":".."}`},
		}, []string{"nested deeper than 32", "longer than 64 KiB", "which is too large", "too many parts", "would change the path of the URL"}},
		{[]call{ask("large"), ask("endless"), first("good"), ask("other")}, []string{failed + "its answer has more than 200 KB", failed + "its answer has more than 200 KB", "all is well", failed + "its answer does not have the reply"}},
		{[]call{ask("away"), second("good"), ask("cut"), ask("page"), ask("question"), ask("good")}, []string{
			"redirect to http://169.254.169.254/, which is not followed", "all is well", "connection closed", "its answer is no valid reply", "asks for more input from a person", "all is well",
		}},
		{[]call{{"bomb", `{}`}, {"first", `{"how":"good"}`}, {"ask", `{"how":1}`}}, []string{unknownTool, "all is well", wrongTypes}},
	}
	if *slow {
		all = append(all, loop{[]call{ask("deaf"), first("good"), third("good")}, []string{"did not answer in time", "all is well", "all is well"}})
	}
	return all
}

// bombs is a tool of an MCP server with a schema that nobody can agree to.
var bombs = `{"name":"bomb","inputSchema":` + doublings + `}`

// doublings is a schema of a few hundred bytes with a billion schemas behind its references.
var doublings = func() string {
	s := `{"type":"object","$ref":"#/$defs/a0","$defs":{`
	for i := range 30 {
		s += fmt.Sprintf(`"a%d":{"allOf":[{"$ref":"#/$defs/a%d"},{"$ref":"#/$defs/a%d"}]},`, i, i+1, i+1)
	}
	return s + `"a30":{}}}`
}()

// A turn with three tools whose servers flood, hang, redirect and lie, and whose arguments are
// broken, takes a bounded time over every surface, tells the model what went wrong, and is
// settled for exactly what the model produced.
func TestServers_Hostile(t *testing.T) {
	all := loops()
	scripts := map[int][]call{}
	for i, l := range all {
		scripts[i+1] = l.calls
	}
	w := open(t, scripts, nil)
	url := serveLiars(t)
	w.equip(t, w.Agent, nil, liarTools(url)...)
	w.wantRefused(t, url)
	most := 30 * time.Second // each has up to three seconds of waiting; the rest is for a busy machine
	if *slow {
		most += 10 * time.Second
	}
	var running sync.WaitGroup
	for _, f := range forms {
		running.Go(func() {
			for i, l := range all {
				mark := fmt.Sprintf("mark-%s-%d", f.name, i)
				threadID := w.Table.Thread(t, w.Agent).ID
				began := time.Now()
				status, answer := w.chat(t, f, w.Agent.ID, threadID, obey(i+1)+" "+mark)
				if took := time.Since(began); took > most || status != http.StatusOK || !strings.Contains(answer, "I was told: ") {
					t.Errorf("%s: got %d %.300s after %s, want an answer within %s", mark, status, answer, took, most)
				}
				w.wantTold(t, l, i+1, mark)
				w.wantSettled(t, l, threadID, mark)
			}
		})
	}
	running.Wait()
	w.wantBooks(t)
}

func liarTools(url string) []object {
	how := object{"type": "object", "properties": object{"how": object{"type": "string"}}, "required": []string{"how"}, "additionalProperties": false}
	var all []object
	for _, name := range []string{"first", "second", "third"} {
		all = append(all, object{"type": "http", "name": name, "description": "Answers", "method": "GET", "url": url + "/http/{{how}}", "parameters": how, "timeout_seconds": 1})
	}
	item := object{"type": "object", "properties": object{"a": object{"anyOf": slices.Repeat([]object{{"type": "string"}}, 50)}}}
	return append(all,
		object{"type": "http", "name": "heavy", "description": "Takes a list", "url": url + "/http/good", "parameters": object{"type": "object", "properties": object{"list": object{"type": "array", "items": item}}}},
		object{"type": "mcp", "name": "Liar", "url": url + "/mcp", "allow": []string{"ask"}},
	)
}

// wantTold checks the results that the model was given.
func (w *world) wantTold(t *testing.T, l loop, script int, mark string) {
	got := w.model.of(mark)
	for n, want := range l.want {
		result, told := got.results[callID(script, n)]
		if !told || !strings.Contains(result, want) || len(result) > tool.MaxResult {
			t.Errorf("%s, %s %.60s: got told %t, %d bytes, %.200q, want %q", mark, l.calls[n].name, l.calls[n].arguments, told, len(result), result, want)
		}
	}
}

// wantSettled checks that the thread has one complete turn with all calls, charged for what the
// model produced.
func (w *world) wantSettled(t *testing.T, l loop, threadID, mark string) {
	turns, err := w.Store.TurnsAfter(t.Context(), thread.Thread{OrgID: w.Org, ID: threadID}, 0, 10)
	if err != nil || len(turns) != 1 {
		t.Errorf("%s: got %d turns, %v, want one", mark, len(turns), err)
		return
	}
	if got := turns[0]; got.Charge != w.model.price(mark) || got.Interrupted || got.Estimated || len(got.Tools) != len(l.calls) {
		t.Errorf("%s: got a charge of %s, interrupted %t, estimated %t, %d tool uses; want %s for a whole turn with %d",
			mark, got.Charge.Number(), got.Interrupted, got.Estimated, len(got.Tools), w.model.price(mark).Number(), len(l.calls))
	}
}

// wantRefused checks that tools with schemas that are bombs cannot be saved, nor agreed to.
func (w *world) wantRefused(t *testing.T, url string) {
	deep := strings.Repeat(`{"properties":{"a":`, 40) + `{}` + strings.Repeat(`}}`, 40)
	for name, schema := range map[string]string{
		"doublings": doublings,
		"recursion": `{"type":"object","properties":{"a":{"$ref":"#"}}}`,
		"depth":     `{"type":"object","properties":{"a":` + deep + `}}`,
		"size":      `{"type":"object","description":"` + strings.Repeat("x", tool.MaxSchema) + `"}`,
		"patterns":  `{"type":"object","properties":{"a":{"type":"string","pattern":"((a{1,100}){1,100}){1,100}"}}}`,
		"elsewhere": `{"type":"object","properties":{"a":{"$ref":"` + url + `/schema"}}}`,
	} {
		began := time.Now()
		status, answer := w.exchange(t, w.Key, http.MethodPost, "/api/v1/agents/"+w.Agent.ID+"/tools", object{
			"type": "http", "name": "bomb", "description": "A bomb", "url": url, "parameters": json.RawMessage(schema),
		})
		if took := time.Since(began); status != http.StatusBadRequest || !strings.Contains(answer, "parameters") || took > 10*time.Second {
			t.Errorf("%s: got %d %.300s after %s, want it refused soon", name, status, answer, took)
		}
	}
	status, answer := w.exchange(t, w.Key, http.MethodPost, "/api/v1/agents/"+w.Agent.ID+"/tools", object{"type": "mcp", "name": "Bombs", "url": url + "/mcp", "allow": []string{"bomb"}})
	if status != http.StatusBadRequest || !strings.Contains(answer, "allow must not have") {
		t.Errorf("got %d %.300s for a bomb of a server, want it refused", status, answer)
	}
}
