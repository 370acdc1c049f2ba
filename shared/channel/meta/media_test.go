package meta_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/tests/graph"
)

const limit = 1 << 20

// A file of WhatsApp is fetched with the token, by its URL or, when that has expired, by a
// new one.
func TestFetch(t *testing.T) {
	picture := graph.Media{ID: "2621233374848975", NumberID: shop.ID, Type: "image/jpeg", Data: []byte("\xff\xd8picture")}
	for name, change := range map[string]func(w world, m *channel.Media){
		"by its URL":       func(world, *channel.Media) {},
		"its URL expired":  func(w world, _ *channel.Media) { w.Expire(picture.ID) },
		"without a URL":    func(_ world, m *channel.Media) { m.URL, m.SHA256 = "", "" },
		"unknown checksum": func(_ world, m *channel.Media) { m.SHA256 = "unknown form" },
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			m := channel.Media{Type: "image", ID: picture.ID, URL: w.Upload(picture), ContentType: picture.Type, SHA256: picture.SHA256()}
			change(w, &m)
			data, kind, err := w.providers["whatsapp"].Fetch(t.Context(), w.accounts["whatsapp"], m, limit)
			if err != nil || kind != picture.Type || !bytes.Equal(data, picture.Data) {
				t.Errorf("got %q of %s, %v, want %q of %s", data, kind, err, picture.Data, picture.Type)
			}
		})
	}
}

// A file of Instagram or Messenger is fetched without a token.
func TestFetch_NoToken(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "" {
			t.Errorf("got Authorization %q, want none", got)
		}
		w.Header().Set("Content-Type", "image/png; charset=binary")
		_, _ = w.Write([]byte("png"))
	}))
	t.Cleanup(server.Close)
	c := client(server.URL)
	w := open(t)
	for name, p := range map[string]channel.Provider{"instagram": meta.Instagram{Client: c}, "messenger": meta.Messenger{Client: c}} {
		data, kind, err := p.Fetch(t.Context(), w.accounts[name], channel.Media{URL: server.URL + "/a"}, limit)
		if err != nil || string(data) != "png" || kind != "image/png" {
			t.Errorf("%s: got %q of %q, %v", name, data, kind, err)
		}
	}
}

// The token goes to Meta's hosts alone, and never along a redirect.
func TestFetch_Redirect(t *testing.T) {
	var elsewhere string
	stranger := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a stranger was asked, with %q", r.Header.Get("Authorization"))
	}))
	t.Cleanup(stranger.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		auth := r.Header.Get("Authorization")
		switch r.URL.Path {
		case "/first":
			if auth != "Bearer "+token {
				t.Errorf("first: got %q, want the token", auth)
			}
			http.Redirect(w, r, elsewhere, http.StatusFound)
		case "/second":
			if auth != "" {
				t.Errorf("second: got %q, want no token", auth)
			}
			_, _ = w.Write([]byte("data"))
		}
	}))
	t.Cleanup(server.Close)
	p, a := meta.WhatsApp{Client: client(server.URL)}, open(t).accounts["whatsapp"]
	for name, c := range map[string]struct {
		url, elsewhere string
		want           string // a part of the error; empty: it is fetched
	}{
		"on the same host":   {server.URL + "/first", "/second", ""},
		"to a stranger":      {server.URL + "/first", stranger.URL, "not on a host of Meta's"},
		"at a stranger":      {stranger.URL, "", "not on a host of Meta's"},
		"a lookalike":        {"https://evilfbsbx.com/a", "", "not on a host of Meta's"},
		"another lookalike":  {"https://fbsbx.com.evil.example/a", "", "not on a host of Meta's"},
		"credentials":        {"https://lookaside.fbsbx.com@evil.example/a", "", "not on a host of Meta's"},
		"without encryption": {"http://lookaside.fbsbx.com/a", "", "not on a host of Meta's"},
		"another port":       {"https://lookaside.fbsbx.com:8443/a", "", "not on a host of Meta's"},
		"no URL":             {":", "", "not on a host of Meta's"},
	} {
		elsewhere = c.elsewhere
		_, _, err := p.Fetch(t.Context(), a, channel.Media{URL: c.url}, limit)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// Each failure says whether a later fetch may succeed.
func TestFetch_Refused(t *testing.T) {
	picture := graph.Media{ID: "1", NumberID: shop.ID, Type: "image/jpeg", Data: []byte("picture")}
	for name, c := range map[string]struct {
		change func(w world, m *channel.Media)
		want   channel.Kind
		text   string
	}{
		"another checksum":    {func(_ world, m *channel.Media) { m.SHA256 = graph.Media{}.SHA256() }, channel.Throttled, "The file from WhatsApp has another checksum than the message says"},
		"too large":           {func(_ world, m *channel.Media) { m.Name = "large" }, channel.Rejected, "The file is larger than 6 bytes"},
		"too large, by id":    {func(_ world, m *channel.Media) { m.Name, m.URL = "large", "" }, channel.Rejected, "The file is larger than 6 bytes"},
		"neither URL nor id":  {func(_ world, m *channel.Media) { m.URL, m.ID = "", "" }, channel.Rejected, "The file has neither a URL nor an id"},
		"an id that is gone":  {func(w world, m *channel.Media) { m.ID = "2"; w.Expire("1") }, channel.Rejected, "Object with ID '2' does not exist"},
		"an expired URL only": {func(w world, m *channel.Media) { m.ID = ""; w.Expire("1") }, channel.Rejected, "The file could not be fetched from WhatsApp: HTTP status 404"},
		"down":                {func(w world, _ *channel.Media) { w.Down() }, channel.Unsent, "The answer of WhatsApp was lost or not readable"},
		"unavailable": {func(w world, _ *channel.Media) {
			w.Always(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusServiceUnavailable) })
		}, channel.Throttled, "The file could not be fetched from WhatsApp: HTTP status 503"},
		"a redirect for ever": {func(w world, _ *channel.Media) {
			w.Always(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) })
		}, channel.Rejected, "The file's URL redirects too often"},
		"cut off": {func(w world, _ *channel.Media) {
			w.Always(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100")
				_, _ = w.Write([]byte("half"))
			})
		}, channel.Unsent, "The answer of WhatsApp was lost or not readable"},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			m := channel.Media{ID: "1", URL: w.Upload(picture), ContentType: picture.Type, SHA256: picture.SHA256()}
			c.change(w, &m)
			most := int64(limit)
			if m.Name == "large" {
				most = int64(len(picture.Data)) - 1
			}
			_, _, err := w.providers["whatsapp"].Fetch(t.Context(), w.accounts["whatsapp"], m, most)
			if got := failureOf(t, err); got.Kind != c.want || got.Message != c.text {
				t.Errorf("got %s: %s, want %s: %s", got.Kind, got.Message, c.want, c.text)
			}
		})
	}
}
