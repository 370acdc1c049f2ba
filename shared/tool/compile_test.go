package tool_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/request"
	"github.com/quintet-agents/quintet/shared/tool"
)

// A mistake in a definition names its field, and its place in a template.
func TestCompile_Refusals(t *testing.T) {
	secret := map[string][]byte{"X-Key": []byte("sealed")}
	many := map[string]string{}
	for i := range request.MaxHeaders {
		many[fmt.Sprintf("X-%d", i)] = "a"
	}
	for want, change := range map[string]func(*agent.Tool){
		"name: name must be 1 to 64 letters, digits, underscores and hyphens":                                                                                                      func(d *agent.Tool) { d.Name = "a b" },
		"name: name must be 1 to 64 letters, digits, underscores and hyphens ":                                                                                                     func(d *agent.Tool) { d.Name = strings.Repeat("a", 65) },
		"description: description must be a string of 1 to 2000 characters":                                                                                                        func(d *agent.Tool) { d.Description = " " },
		"method: method must be GET, POST, PUT, PATCH or DELETE":                                                                                                                   func(d *agent.Tool) { d.Method = "TRACE" },
		"timeout_seconds: timeout_seconds must be from 1 to 10":                                                                                                                    func(d *agent.Tool) { d.Timeout = 11 * time.Second },
		`parameters: parameters must be a JSON Schema with "type": "object"`:                                                                                                       func(d *agent.Tool) { d.Parameters = []byte(`[]`) },
		"url: url must be a template; line 1, column 9: the scheme and the host must be written out: a template begins with https://host/":                                         func(d *agent.Tool) { d.URL = "https://{{id}}.example/" },
		"headers.X-A: headers.X-A must be a template; line 1, column 3: the tag is not closed with }}":                                                                             func(d *agent.Tool) { d.Headers = map[string]string{"X-A": "a {{id"} },
		"headers.X-A: headers.X-A must be a template; line 1, column 2: a header is one line without control characters":                                                           func(d *agent.Tool) { d.Headers = map[string]string{"X-A": "a\nb"} },
		"headers.X-A: headers.X-A must be a string of at most 2000 bytes":                                                                                                          func(d *agent.Tool) { d.Headers = map[string]string{"X-A": strings.Repeat("a", 2001)} },
		"headers.x-key: headers.x-key must be there once":                                                                                                                          func(d *agent.Tool) { d.Headers, d.SecretHeaders = map[string]string{"x-key": "a", "X-Key": "b"}, nil },
		"secret_headers.X-Key: secret_headers.X-Key must be there once":                                                                                                            func(d *agent.Tool) { d.Headers, d.SecretHeaders = map[string]string{"x-key": "a"}, secret },
		"headers: headers and secret_headers must have at most 20 entries":                                                                                                         func(d *agent.Tool) { d.Headers, d.SecretHeaders = many, secret },
		"body: body must be left out for GET":                                                                                                                                      func(d *agent.Tool) { d.Method, d.Body = "GET", "{}" },
		"body: body must be a template; line 2, column 6: a value cannot stand here: expected , or }":                                                                              func(d *agent.Tool) { d.Body = "{\n\"a\":1{{id}}}" },
		"body: body must be a template; line 1, column 4: the JSON is broken before this: Hi is no value; a body that is not JSON needs a header Content-Type, such as text/plain": func(d *agent.Tool) { d.Body = " Hi {{id}}" },
		"body: body is required with this Content-Type: without a body the arguments are sent as JSON":                                                                             func(d *agent.Tool) { d.Headers = map[string]string{"content-type": "text/plain"} },
		"headers.Content-Type: headers.Content-Type must be application/json, application/x-www-form-urlencoded or text/plain: values can be encoded for these": func(d *agent.Tool) {
			d.Headers = map[string]string{"Content-Type": "application/xml"}
		},
		"headers.Content-Type: headers.Content-Type must be written out": func(d *agent.Tool) { d.Headers = map[string]string{"Content-Type": "{{id}}"} },
	} {
		d := definition("https://a.example/", change)
		_, err := tool.Compile(d)
		if e := fault.From(err); err == nil || e.Code != fault.Invalid || e.Field+": "+e.Message != strings.TrimSpace(want) {
			t.Errorf("got %v of %s, want %s", err, fault.From(err), want)
		}
	}
	for _, name := range []string{
		"Host", "connection", "Keep-Alive", "TE", "Trailer", "transfer-encoding", "Upgrade", "Content-Length", "Expect", "Proxy-Authorization",
		"Accept-Encoding", "Content-Encoding", "Idempotency-Key", "webhook-id", "Webhook-Signature", "webhook-x", "quintet-chain",
	} {
		refuses(t, name, "must be the name of a header that the service does not set itself")
	}
	for _, name := range []string{"", "a b", "a:", "é", "X\r\nY", strings.Repeat("a", 65)} {
		refuses(t, name, "must be a name of 1 to 64 characters that headers may have: letters, digits and hyphens")
	}
}

// refuses checks that neither headers nor secret headers may have a name.
func refuses(t *testing.T, name, want string) {
	t.Helper()
	for _, d := range []agent.Tool{
		definition("https://a.example/", func(d *agent.Tool) { d.Headers = map[string]string{name: "a"} }),
		definition("https://a.example/", func(d *agent.Tool) { d.SecretHeaders = map[string][]byte{name: []byte("a")} }),
	} {
		if _, err := tool.Compile(d); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("header %q: got %v, want Invalid: %s", name, err, want)
		}
	}
}

func TestValidSecret(t *testing.T) {
	for value, want := range map[string]bool{
		"abcd": true, "Bearer a.b-c": true, "abc": false, "": false, " abcd": false, "ab\ncd": false, "abcdé": false, strings.Repeat("a", 2001): false,
	} {
		if got := request.ValidSecret(value); got != want {
			t.Errorf("%.10q: got %v, want %v", value, got, want)
		}
	}
}
