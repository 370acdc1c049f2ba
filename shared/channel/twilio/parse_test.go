package twilio_test

import (
	"encoding/json"
	"errors"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/twilio"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const shop = "MG00000000000000000000000000000001"

// Each webhook of testdata/webhooks, a field a line, is read as its golden file says, as a
// form and as JSON. Its first line is the query of the URL.
func TestParse_Golden(t *testing.T) {
	paths, err := filepath.Glob("testdata/webhooks/*.txt")
	if err != nil || len(paths) < 20 {
		t.Fatalf("got %d webhooks, %v, want at least 20", len(paths), err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			query, fields := readWebhook(t, path)
			got, err := twilio.Parse(shop, "application/x-www-form-urlencoded", query, []byte(fields.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			flat := map[string]string{}
			for name := range fields {
				flat[name] = fields.Get(name)
			}
			body, err := json.Marshal(flat)
			if err != nil {
				t.Fatal(err)
			}
			again, err := twilio.Parse(shop, "application/json; charset=utf-8", query, body)
			if d := cmp.Diff(got, again); d != "" || err != nil {
				t.Errorf("JSON is read otherwise than a form: %v (-form +JSON)\n%s", err, d)
			}
			golden(t, strings.TrimSuffix(path, ".txt")+".golden", got)
		})
	}
}

func readWebhook(t *testing.T, path string) (query, fields url.Values) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, rest, _ := strings.Cut(string(text), "\n")
	if query, err = url.ParseQuery(first); err != nil {
		t.Fatal(err)
	}
	fields = url.Values{}
	for line := range strings.Lines(rest) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		fields.Set(name, value)
	}
	return query, fields
}

func golden(t *testing.T, path string, got []channel.Update) {
	t.Helper()
	text := withoutZeros(t, got)
	if *update {
		if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(text)+"\n"); d != "" {
		t.Errorf("%s: (-want +got)\n%s", path, d)
	}
}

// withoutZeros returns updates as JSON without fields that have no value, so that a new field
// of another channel changes no golden file.
func withoutZeros(t *testing.T, updates []channel.Update) []byte {
	t.Helper()
	text, err := json.Marshal(updates)
	if err != nil {
		t.Fatal(err)
	}
	var all any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if text, err = json.MarshalIndent(pruned(all), "", "  "); err != nil {
		t.Fatal(err)
	}
	return text
}

func pruned(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = pruned(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = pruned(v[name])
			switch f := v[name].(type) {
			case map[string]any:
				if len(f) == 0 {
					delete(v, name)
				}
			case nil, []any:
				if list, _ := f.([]any); len(list) == 0 {
					delete(v, name)
				}
			default:
				if f == "" || f == 0.0 || f == false || f == "0001-01-01T00:00:00Z" {
					delete(v, name)
				}
			}
		}
	}
	return value
}

func TestParse_NotTwilios(t *testing.T) {
	for name, c := range map[string]struct{ contentType, body string }{
		"nothing":              {"", ""},
		"no form":              {"", "hello"},
		"a broken escape":      {"", "Body=%zz"},
		"JSON as a form":       {"application/x-www-form-urlencoded", `{"MessageSid":"SM1"}`},
		"no JSON":              {"application/json", "MessageSid=SM1"},
		"a JSON list":          {"application/json", "[]"},
		"JSON null":            {"application/json", "null"},
		"more than JSON":       {"application/json", `{"MessageSid":"SM1"}{}`},
		"JSON without fields":  {"application/json", `{}`},
		"too many fields":      {"", strings.Repeat("A=&", 500) + "A="},
		"too many JSON fields": {"application/json", "{" + manyFields(501) + "}"},
		"too large":            {"", "Body=" + strings.Repeat("x", 1<<20)},
	} {
		if got, err := twilio.Parse("", c.contentType, nil, []byte(c.body)); !errors.Is(err, twilio.ErrFormat) {
			t.Errorf("%s: got %+v, %v, want ErrFormat", name, got, err)
		}
	}
}

func manyFields(n int) string {
	var all []string
	for i := range n {
		all = append(all, `"F`+strings.Repeat("x", i)+`":1`)
	}
	return strings.Join(all, ",")
}

// The words count for SMS only, and only alone.
func TestParse_Consent(t *testing.T) {
	const number, code, whatsapp = "+15551234567", "12345", "whatsapp:+15551234567"
	type result struct {
		Consent  channel.Consent
		Handling channel.Handling
	}
	var (
		answer = result{channel.NoConsent, channel.Answer}
		record = result{channel.NoConsent, channel.Record}
		out    = result{channel.OptOut, channel.Record}
		in     = result{channel.OptIn, channel.Record}
	)
	for _, c := range []struct {
		to, text, optOutType string
		want                 result
	}{
		{number, "STOP", "", out},
		{number, " stop\n", "", out},
		{number, "Cancel", "", out},
		{number, "revoke", "", out},
		{number, "optout", "", out},
		{number, "stop please", "", answer},
		{number, "STOP", "STOP", out},
		{number, "Arret", "STOP", out},
		{number, "START", "", in},
		{number, "unstop", "", in},
		{number, "yes", "", result{channel.OptIn, channel.Answer}},
		{number, "yes", "START", in},
		{number, "HELP", "", record},
		{number, "info", "", record},
		{number, "ayuda", "HELP", record},
		{number, "ayuda", "", answer},
		{code, "STOP", "", out},
		{code, "HELP", "", answer},
		{code, "HELP", "HELP", record},
		{whatsapp, "STOP", "", answer},
		{whatsapp, "cancel", "", answer},
		{whatsapp, "HELP", "", answer},
		{whatsapp, "STOP", "STOP", out},
		{whatsapp, "hola", "START", in},
		{"rcs:shop", "STOP", "", out},
		{number, "hello", "OTHER", answer},
	} {
		fields := account.Message(1, "+15550001111", c.to, c.text)
		if c.optOutType != "" {
			fields.Set("OptOutType", c.optOutType)
		}
		updates, err := twilio.Parse(number, "", nil, []byte(fields.Encode()))
		if err != nil || len(updates) != 1 || updates[0].Message == nil {
			t.Fatalf("%+v: got %+v, %v, want one message", c, updates, err)
		}
		if d := cmp.Diff(c.want, result{updates[0].Message.Consent, updates[0].Message.Handling}); d != "" {
			t.Errorf("%q to %s, OptOutType %q: (-want +got)\n%s", c.text, c.to, c.optOutType, d)
		}
	}
}

func TestParse_Statuses(t *testing.T) {
	for state, want := range map[string]channel.State{
		"accepted": channel.Sent, "scheduled": channel.Sent, "queued": channel.Sent, "sending": channel.Sent, "sent": channel.Sent,
		"delivered": channel.Delivered, "READ": channel.Read, "undelivered": channel.Failed, "failed": channel.Failed, "canceled": channel.Failed,
	} {
		fields := url.Values{"MessageSid": {"SM1"}, "MessageStatus": {state}, "To": {"+15550001111"}, "From": {"+15551234567"}}
		got, err := twilio.Parse("", "", url.Values{"ref": {"r"}}, []byte(fields.Encode()))
		if err != nil || len(got) != 1 || got[0].Status == nil || got[0].Status.State != want || got[0].Status.Ref != "r" || (got[0].Status.Failure != nil) != (want == channel.Failed) {
			t.Errorf("%s: got %+v, %v, want %s", state, got, err, want)
		}
	}
	long := url.Values{"ref": {strings.Repeat("x", channel.MaxRef+1)}}
	if got, err := twilio.Parse("", "", long, []byte("MessageSid=SM1&MessageStatus=sent")); err != nil || got[0].Status.Ref != "" {
		t.Errorf("a ref that is not ours: got %+v, %v, want none", got, err)
	}
}
