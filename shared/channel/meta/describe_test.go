package meta_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/tests/graph"
)

// A sent template is described by its definition, which is read once in ten minutes.
func TestDescribe(t *testing.T) {
	s := graph.Start(t, shop)
	at, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	proxy := httputil.NewSingleHostReverseProxy(at)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	c, clock := client(server.URL), now
	c.Now = func() time.Time { return clock }
	template := func(name string) channel.Template {
		return channel.Template{Name: name, Language: "en", Components: []channel.Component{{Type: channel.Body, Parameters: []channel.Parameter{{Text: "4711"}}}}}
	}
	const number, list = "/v25.0/106540352242922", "/v25.0/215589313241560883/message_templates"
	for _, step := range []struct {
		name, template string
		from           channel.Sender
		later          time.Duration
		want           string
		asked          []string
	}{
		{"the first", "order_update", sender, 0, "Hi\n\nOrder 4711\n\nBye\n\n[Track]", []string{number, list}},
		{"again", "order_update", sender, 0, "Hi\n\nOrder 4711\n\nBye\n\n[Track]", nil},
		{"another template", "order", sender, 0, "Order 4711", []string{list}},
		{"one that is gone", "gone", sender, 0, "[template gone]\n4711", []string{list}},
		{"and again", "gone", sender, 0, "[template gone]\n4711", nil},
		{"another token", "order", channel.Sender{PhoneNumberID: sender.PhoneNumberID, Token: "EAAother"}, 0, "[template order]\n4711", []string{number}},
		{"no id", "order", channel.Sender{PhoneNumberID: "me"}, 0, "[template order]\n4711", nil},
		{"later", "order_update", sender, 11 * time.Minute, "Hi\n\nOrder 4711\n\nBye\n\n[Track]", []string{list}},
		{"a day later", "order_update", sender, 25 * time.Hour, "Hi\n\nOrder 4711\n\nBye\n\n[Track]", []string{number, list}},
	} {
		asked, clock = nil, clock.Add(step.later)
		got := c.Describe(t.Context(), step.from, template(step.template))
		if d := cmp.Diff(step.want, got); d != "" || !slices.Equal(asked, step.asked) {
			t.Errorf("%s: asked %v, want %v (-want +got):\n%s", step.name, asked, step.asked, d)
		}
	}
	s.Down()
	if got, want := c.Describe(t.Context(), sender, template("unread")), "[template unread]\n4711"; got != want {
		t.Errorf("down: got %q, want %q", got, want)
	}
}
