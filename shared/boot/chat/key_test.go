package chat_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/chat"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
)

// A function that cannot read its key still starts. Its log names the missing parameter and what to do, and it
// does not call the model. It reads no parameter if none is named or if Bedrock is used.
func TestKey_Unreadable(t *testing.T) {
	for name, tc := range map[string]struct {
		config boot.Config
		reads  int
	}{
		"a parameter":       {boot.Config{ModelBaseURL: "http://127.0.0.1:1/v1", ModelKeyName: "/quintet/key"}, 1},
		"a variable beside": {boot.Config{ModelBaseURL: "http://127.0.0.1:1/v1", ModelKeyName: "/quintet/key", ModelAPIKey: "secret"}, 1},
		"a variable alone":  {boot.Config{ModelBaseURL: "http://127.0.0.1:1/v1", ModelAPIKey: "secret"}, 0},
		"with Bedrock":      {boot.Config{ModelKeyName: "/quintet/key"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			reads := 0
			store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				reads++
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, `{"__type":"ParameterNotFound"}`)
			}))
			t.Cleanup(store.Close)
			var log bytes.Buffer
			before := slog.Default()
			slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
			t.Cleanup(func() { slog.SetDefault(before) })
			config := tc.config
			config.Endpoint, config.Region, config.AccessKeyID, config.SecretAccessKey = store.URL, "us-east-1", "a", "b"

			engine := chat.Engine(boot.NewDeps(config))
			if reads != tc.reads {
				t.Errorf("got %d reads, want %d", reads, tc.reads)
			}
			if tc.reads == 0 {
				return
			}
			const want = "the parameter /quintet/key does not exist in us-east-1: put it into Parameter Store there, as a SecureString"
			if !strings.Contains(log.String(), want) {
				t.Errorf("got the log %s, want it to say %s", &log, want)
			}
			_, err := engine.Model.Converse(t.Context(), modeltest.Ask("hello"))
			if !fault.Is(err, fault.ModelUnavailable) || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want ModelUnavailable because %s", err, want)
			}
		})
	}
}

// Locally, the key may be a plain variable or absent.
func TestKey_Variable(t *testing.T) {
	for key, want := range map[string]string{"secret": "Bearer secret", "": ""} {
		var got string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r.Header.Get("Authorization")
			fmt.Fprint(w, `{"choices":[{"message":{"content":"hello"},"finish_reason":"stop"}]}`)
		}))
		t.Cleanup(server.Close)
		engine := chat.Engine(boot.NewDeps(boot.Config{Endpoint: server.URL, ModelBaseURL: server.URL + "/v1", ModelAPIKey: key}))
		if reply, err := engine.Model.Converse(t.Context(), modeltest.Ask("hello")); reply.Text != "hello" || err != nil || got != want {
			t.Errorf("got %q, %v with Authorization %q, want hello with %q", reply.Text, err, got, want)
		}
	}
}
