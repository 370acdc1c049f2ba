package mcp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/tool/mcp"
	"github.com/quintet-agents/quintet/shared/tool/pin"
)

// roundTripper answers requests without a network.
type roundTripper func(method, id string) (contentType, body string)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	sent, _ := io.ReadAll(req.Body)
	var m struct {
		ID     json.RawMessage
		Method string
	}
	_ = json.Unmarshal(sent, &m)
	contentType, body := f(m.Method, string(m.ID))
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(bytes.NewReader([]byte(body))), Request: req,
	}, nil
}

// Whatever a server answers to a list and to a call, the outcome is a bounded text, soon. ID in
// an answer is replaced by the request's id.
func FuzzClient(f *testing.F) {
	f.Add(`{"jsonrpc":"2.0","id":ID,"result":`+listing(look)+`}`, `{"jsonrpc":"2.0","id":ID,"result":{"content":[{"type":"text","text":"a"},{"type":"image","data":"eA=="},{"type":"resource"}],"structuredContent":1e9}}`, false)
	f.Add(`{"jsonrpc":"2.0","id":ID,"result":{"tools":[null,{"name":"look"}]}}`, `{"jsonrpc":"2.0","id":ID,"error":{"code":-32005,"message":"x","data":{}}}`, false)
	f.Add("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":"+listing(look)+"}\n\n", "id: 1\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"id\":1}\n\ndata: {\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{\"resultType\":\"input_required\"}}\n\n", true)
	f.Add(`{"jsonrpc":"2.0","id":ID,"result":{"tools":[{"name":"look","inputSchema":{"$ref":"#"},"annotations":{"title":1}}],"nextCursor":"a"}}`, `[]`, false)
	f.Add(`{"jsonrpc":"2.0","id":ID,"result":{"tools":[]}}`, `[]`, false) // the tool is missing
	d := pin.Definition{Name: "look", Description: "Looks something up", InputSchema: json.RawMessage(`{"type":"object","properties":{"q":{"type":"string"}}}`)}
	agreed, err := pin.Of(d)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(mcp.SetLateTime(10 * time.Millisecond))
	f.Fuzz(func(t *testing.T, list, call string, asStream bool) {
		contentType := "application/json"
		if asStream {
			contentType = "text/event-stream"
		}
		listed := false
		client := mcp.New(roundTripper(func(method, id string) (string, string) {
			switch method {
			case "server/discover":
				return "application/json", `{"jsonrpc":"2.0","id":` + id + `,"result":` + discovered + `}`
			case "tools/list":
				if listed { // by the call
					return "application/json", `{"jsonrpc":"2.0","id":` + id + `,"result":` + listing(look) + `}`
				}
				return contentType, strings.ReplaceAll(list, "ID", id)
			}
			return contentType, strings.ReplaceAll(call, "ID", id)
		}), func() time.Time { return time.Unix(0, 0) })
		client.SetTime(5 * time.Second)
		began := time.Now()
		s := mcp.Server{OrgID: "o", Tool: agent.Tool{ID: "t", URL: "http://mcp.example/", Allow: []agent.Pin{agreed}}}
		found, err := client.Discover(context.Background(), s)
		for _, f := range found {
			if f.Problem == "" && f.State != pin.Missing && (!json.Valid(f.Schema) || len(f.Description) > 2048) {
				t.Errorf("got %+v, want a schema and a bounded description", f)
			}
		}
		if err != nil && len(err.Error()) > 2000 {
			t.Errorf("got an error of %d bytes, want a bounded one", len(err.Error()))
		}
		listed = true
		s.Tool.ID = "u"
		got := client.Call(context.Background(), s, "look", json.RawMessage(`{}`))
		if got.Text == "" || len(got.Text) > 64<<10 || !utf8.ValidString(got.Text) {
			t.Errorf("got %.100q of %d bytes, want a bounded text", got.Text, len(got.Text))
		}
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("got an outcome after %v, want it soon", took)
		}
		client.Close()
	})
}
