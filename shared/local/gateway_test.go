package local

import (
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// variable matches the parts of an event that differ from run to run.
var variable = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|Root=[0-9a-f-]+|127\.0\.0\.1:\d+|"\d{4,5}"|\d{13}|\d\d/\w{3}/\d{4}:[\d:]+ \+0000`)

func TestEvent_Shape(t *testing.T) {
	p := startProject(t)
	r, err := http.NewRequestWithContext(t.Context(), "POST", p.URL()+"/echo/a%2Fb%20c/parts/?x=1&x=2%26&y=%C3%A9", strings.NewReader(`{"text":"é"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{
		"Content-Type":    {"application/json"},
		"User-Agent":      {"test/1"},
		"X-Many":          {"first", "second"},
		"X-Forwarded-For": {"203.0.113.9"},
		"Accept-Encoding": {"identity"},
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != 201 {
		t.Fatalf("got status %d, want 201: %s", response.StatusCode, body)
	}
	if got := response.Header.Values("Set-Cookie"); len(got) != 2 {
		t.Errorf("got Set-Cookie %q, want two", got)
	}
	if got := response.Header.Get("X-Amzn-Remapped-Www-Authenticate"); got != "Bearer" {
		t.Errorf(`got headers %v, want X-Amzn-Remapped-Www-Authenticate "Bearer"`, response.Header)
	}
	if got := response.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("got Content-Type %q, want application/json", got)
	}
	var event map[string]any
	if err := json.Unmarshal(body, &event); err != nil {
		t.Fatal(err)
	}
	indented, err := json.MarshalIndent(event, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got := variable.ReplaceAllString(string(indented), "VARIABLE") + "\n"
	const golden = "testdata/event.json"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func TestGateway_BinaryBody(t *testing.T) {
	p := startProject(t)
	_, body := p.send(t, "PUT", "/files/a/b", "\xff\x00")
	var event struct {
		Body            string
		IsBase64Encoded bool
		PathParameters  map[string]string
	}
	if err := json.Unmarshal([]byte(body), &event); err != nil {
		t.Fatal(err)
	}
	if !event.IsBase64Encoded || event.Body != "/wA=" || event.PathParameters["path"] != "a/b" {
		t.Errorf("got event %+v, want /wA= in base64 and path a/b", event)
	}
	if _, body := p.send(t, "POST", "/script", "binary"); body != "\x00\xff" {
		t.Errorf("got binary response %q, want %q", body, "\x00\xff")
	}
}

// A body of a binary media type is in base64, even if it is text.
func TestGateway_BinaryMediaTypes(t *testing.T) {
	p := startProject(t)
	for contentType, want := range map[string]bool{
		"multipart/form-data; boundary=x": true, "Multipart/Form-Data": true, "image/png": true,
		"multipart/mixed": false, "text/plain; charset=utf-8": false, "": false, "image/png/x": false,
	} {
		var event struct {
			Body            string
			IsBase64Encoded bool
		}
		response := p.openAs(t, "PUT", "/files/a", contentType, "text")
		err := json.NewDecoder(response.Body).Decode(&event)
		_ = response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		text := "text"
		if want {
			text = "dGV4dA=="
		}
		if event.IsBase64Encoded != want || event.Body != text {
			t.Errorf("%s: got %+v, want %s", contentType, event, text)
		}
	}
}

func TestGateway_OwnAnswers(t *testing.T) {
	p := startProject(t)
	tests := map[string]struct {
		method, path, body string
		status             int
		want               string
		headers            map[string]string
	}{
		"unknown path":     {"GET", "/nothing", "", 404, `"text":"Missing Authentication Token"`, map[string]string{"X-Kind": "no route", "Content-Type": "application/json"}},
		"unknown method":   {"DELETE", "/process", "", 404, `"text":"Missing Authentication Token"`, nil},
		"greedy is not /":  {"GET", "/files", "", 404, "", nil},
		"body over 10 MB":  {"POST", "/script", strings.Repeat("x", 10<<20+1), 413, `{"message":"Request Too Long"}`, nil},
		"event over 6 MB":  {"POST", "/script", strings.Repeat("x", 6<<20), 413, `{"message":"Request Too Long"}`, nil},
		"function error":   {"POST", "/script", "error", 502, `{"error":"Internal server error"}`, nil},
		"malformed":        {"POST", "/script", "malformed", 502, `{"error":"Internal server error"}`, nil},
		"impossible":       {"POST", "/script", "bad status", 502, "", nil},
		"answer over 6 MB": {"POST", "/script", "large", 502, "", nil},
		"not a stream":     {"POST", "/script/streamed", "ok", 502, "", nil},
		"no delimiter":     {"POST", "/script/streamed", "no delimiter", 502, "", nil},
		"no content":       {"POST", "/script/streamed", "no content", 204, "", nil},
		"integration late": {"GET", "/slow/hasty", "", 504, "", nil},
		"preflight": {"OPTIONS", "/files/x", "", 200, "{}\n", map[string]string{
			"Access-Control-Allow-Origin":  "*",
			"Access-Control-Allow-Methods": "GET,POST,OPTIONS",
			"Access-Control-Allow-Headers": "authorization,content-type",
			"Access-Control-Max-Age":       "600",
		}},
		"preflight, unknown": {"OPTIONS", "/nothing", "", 404, "", nil},
		"own OPTIONS":        {"OPTIONS", "/own", "", 200, `"pid"`, map[string]string{"Access-Control-Allow-Origin": ""}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			response, body := p.send(t, test.method, test.path, test.body)
			if response.StatusCode != test.status || !strings.Contains(body, test.want) {
				t.Errorf("got %d %s, want %d with %s", response.StatusCode, body, test.status, test.want)
			}
			for header, want := range test.headers {
				if got := response.Header.Get(header); got != want {
					t.Errorf("%s: got %q, want %q", header, got, want)
				}
			}
			if id := response.Header.Get("X-Amzn-Requestid"); name == "unknown path" && response.Header.Get("X-Request") != id {
				t.Errorf("got X-Request %q, want the id of the request, %s", response.Header.Get("X-Request"), id)
			}
		})
	}
	p.Await(t, "begun") // the late integration is still running
	p.Release(t, "end")
}
