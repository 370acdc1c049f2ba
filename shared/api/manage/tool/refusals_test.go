package tool

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/fault"
)

func TestReadNew_Refusals(t *testing.T) {
	read := func(o body.Object) error {
		made, c, err := readNew(o)
		if err == nil {
			err = c.apply(&made)
		}
		return err
	}
	begin := `{"type":"http","name":"a","description":"b","url":"https://a.example/"`
	wiretest.WantRefusals(t, read, map[string]string{
		`{}`:                                   "type is required and must be http or mcp",
		`{"type":"soap"}`:                      "type must be http or mcp",
		`{"type":"mcp"}`:                       "name is required and must be a string",
		`{"type":"mcp","name":"a"}`:            "url is required and must be a string",
		begin + `,"method":"TRACE"}`:           "method must be GET, POST, PUT, PATCH or DELETE",
		begin + `,"timeout_seconds":11}`:       "timeout_seconds must be a whole number from 1 to 10",
		begin + `,"headers":[]}`:               "headers must be an object, not a list",
		begin + `,"secret_headers":{"A":"b"}}`: "secret_headers.A must be a string of 4 to 2000 ASCII characters on one line",
	})
}

// A stored secret goes to the host that it was given for, and to no other.
func TestKeepsSecrets(t *testing.T) {
	before := agent.Tool{URL: "https://a.example/x/{{id}}", SecretHeaders: map[string][]byte{"X-Key": []byte("sealed")}}
	for url, want := range map[string]bool{
		"https://a.example/other?x={{id}}": true, "HTTPS://A.example/x": true, "https://a.example": true,
		"https://b.example/x": false, "http://a.example/x": false, "https://a.example:8443/x": false, "https://a.example.evil.example/": false,
	} {
		after := before
		after.URL = url
		if err := keepsSecrets(before, after); (err == nil) != want || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want it allowed: %t", url, err, want)
		}
		after.SecretHeaders = map[string][]byte{"X-Key": []byte("another")}
		if err := keepsSecrets(before, after); err != nil {
			t.Errorf("%s with a new secret: got %v, want it allowed", url, err)
		}
	}
}
