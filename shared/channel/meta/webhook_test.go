package meta_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
)

// Every entry, change, message and status of a batch is read, and a wrong one costs no other.
func TestParse_Batch(t *testing.T) {
	text := func(id string) string {
		return `{"from":"1650","id":"` + id + `","type":"text","text":{"body":"hi"},"timestamp":"1749416383"}`
	}
	body := `{"object":"whatsapp_business_account","entry":[
		{"id":"1","changes":[
			{"field":"messages","value":` + news(`"messages":[`+text("m1")+`,null,{"id":7},`+text("m2")+`],"statuses":[{"id":"s1","status":"read"},[],{"id":"s2","status":"sent"}],"errors":[{"code":1}]`) + `},
			"x",
			{"field":"messages","value":` + news(`"messages":{"0":1},"statuses":[{"id":"s3","status":"read"}]`) + `}]},
		[],
		{"id":"2","changes":[{"field":"messages","value":` + strings.ReplaceAll(news(`"messages":[`+text("m3")+`]`), number, "222") + `}]}]}`
	var got []string
	for _, u := range parse(t, body) {
		switch {
		case u.Message != nil:
			got = append(got, u.Account+" "+u.Message.ID)
		case u.Status != nil:
			got = append(got, u.Account+" "+u.Status.MessageID)
		case u.Notice != nil:
			got = append(got, u.Account+" notice")
		default:
			got = append(got, "ignored")
		}
	}
	want := []string{
		number + " m1", "ignored", "ignored", number + " m2", number + " s1", "ignored", number + " s2", number + " notice", "ignored", number + " s3", "ignored", "222 m3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Elements that are ignored for one reason are one update, and so one line of the log.
func TestParse_IgnoredInARow(t *testing.T) {
	echoes := strings.Repeat(`{"id":"e"},`, 500)
	body := change("standby", news(`"message_echoes":[`+echoes+`{}],"messages":[`+echoes+`{}]`))
	var got []string
	for _, u := range parse(t, body) {
		got = append(got, u.Ignored)
	}
	if diff := cmp.Diff([]string{"a message has no sender", "a message has no id", "a message of the business itself"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A time is a string of seconds or a number of milliseconds; what is neither costs the time alone.
func TestParse_Times(t *testing.T) {
	const none = -62135596800
	for given, want := range map[string]int64{
		`"1749416383"`: 1749416383, `1749416383`: 1749416383, `1749416383349`: 1749416383, `"1749416383349"`: 1749416383,
		`1749416383.9`: 1749416383, `1.749416383e9`: 1749416383, `" 1749416383 "`: 1749416383,
		`-1749416383`: none, `0`: none, `"0"`: none, `1e400`: none, `-1e400`: none, `99999999999999999999`: none, `"NaN"`: none, `"Inf"`: none,
		`""`: none, `null`: none, `true`: none, `[1749416383]`: none, `{}`: none, `"noon"`: none, `"1749416383x"`: none, `1749416383000000`: none,
	} {
		got := only(t, change("messages", news(`"messages":[{"from":"1650","id":"m","type":"text","text":{"body":"hi"},"timestamp":`+given+`}]`)))
		if got.Message == nil || got.Message.Text != "hi" || got.Message.At.Unix() != want {
			t.Errorf("%s: got %+v, want a message at %d", given, got.Message, want)
		}
	}
}

func TestParse_NoWebhook(t *testing.T) {
	for name, body := range map[string]string{
		"empty": "", "blank": " ", "text": `"x"`, "list": "[]", "null": "null", "no JSON": "object=page", "cut": `{"object":"page"`, "two": `{"object":"page"} {}`,
		"no object": `{"entry":[]}`, "object of another type": `{"object":{},"entry":[]}`, "field without a value": `{"field":"messages"}`,
		"NUL": "{\"object\":\"page\"\x00}", "control character": "{\"object\":\"pa\nge\"}",
		"deep list":   `{"object":"page","entry":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`,
		"deep object": `{"object":"page","entry":` + strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65) + `}`,
		"unclosed":    `{"object":"page","entry":` + strings.Repeat("[", 5<<20),
		"many values": `{"object":"page","entry":[` + strings.Repeat("{},", 1<<19) + `{}]}`,
	} {
		if got, err := meta.Parse([]byte(body)); !errors.Is(err, meta.ErrFormat) || got != nil {
			t.Errorf("%s: got %v, %v, want ErrFormat", name, got, err)
		}
	}
}

// Brackets and commas in texts count for nothing.
func TestParse_BracketsInTexts(t *testing.T) {
	text := strings.Repeat(`[{\",\\`, 10_000)
	if got := only(t, from(`"type":"text","text":{"body":"`+text+`"}`)); got.Message == nil || !strings.HasPrefix(got.Message.Text, `[{",\[{",\`) {
		t.Errorf("got %+v, want the text", got)
	}
}

// Texts are UTF-8 without NUL, and of a key that occurs twice the last counts as a whole.
func TestParse_OddJSON(t *testing.T) {
	for name, c := range map[string]struct{ members, want string }{
		"lone surrogate":   {`"type":"text","text":{"body":"a\ud800b\udc00c"}`, "a\ufffdb\ufffdc"},
		"invalid UTF-8":    {"\"type\":\"text\",\"text\":{\"body\":\"a\xffb\xc3\"}", "a\ufffdb\ufffd"},
		"NUL":              {`"type":"text","text":{"body":"a\u0000b"}`, "ab"},
		"only NUL":         {`"type":"text","text":{"body":"\u0000"}`, "[empty message]"},
		"duplicate key":    {`"type":"text","text":{"body":"first"},"text":{"body":"last"}`, "last"},
		"duplicate object": {`"type":"text","text":{"body":"first"},"text":{}`, "[empty message]"},
		"other case":       {`"type":"text","Text":{"body":"no"},"text":{"BODY":"no","body":"yes"}`, "yes"},
		"escaped key":      {`"t\u0079pe":"text","text":{"bod\u0079":"yes"}`, "yes"},
	} {
		got := only(t, from(c.members))
		if got.Message == nil || got.Message.Text != c.want {
			t.Errorf("%s: got %+v, want %q", name, got.Message, c.want)
		}
	}
	if got := only(t, "\ufeff"+from(`"type":"text","text":{"body":"hi"}`)); got.Message == nil {
		t.Errorf("byte order mark: got %+v, want a message", got)
	}
}

// A text that is longer than a turn takes is cut between characters, and says so.
func TestParse_LongText(t *testing.T) {
	long := strings.Repeat("ü", 65_536)
	for _, body := range []string{from(`"type":"text","text":{"body":"` + long + `"}`), said(`"message":{"mid":"m","text":"` + long + `"}`)} {
		got := only(t, body).Message.Text
		if len(got) > 128<<10 || !utf8.ValidString(got) || !strings.HasSuffix(got, "ü\n[cut here: the message is longer]") {
			t.Errorf("got %d bytes, ending in %q, want fewer and a mark", len(got), got[len(got)-40:])
		}
	}
}

// batchOf returns a body with messages, of about 3 kB each.
func batchOf(messages int) string {
	var all []string
	for i := range messages {
		all = append(all, fmt.Sprintf(`{"from":"16505551234","from_user_id":"US.13491208655302741918","id":"wamid.%d","timestamp":"1749416383","type":"text","text":{"body":"%s"}}`, i, strings.Repeat("gr\\u00fc\\u00dfe, ", 180)))
	}
	return change("messages", news(`"contacts":[`+strings.Repeat(contact+",", messages-1)+contact+`],"messages":[`+strings.Join(all, ",")+`]`))
}

// The largest batch that Meta sends is read whole.
func TestParse_LargestBatch(t *testing.T) {
	got := parse(t, batchOf(1000))
	if len(got) != 1000 || slices.ContainsFunc(got, func(u channel.Update) bool { return u.Message == nil || u.Message.From != sheena }) {
		t.Errorf("got %d updates, want 1,000 messages", len(got))
	}
}

// Bodies with as many values as are read at all need a bounded amount of memory.
func TestParse_Memory(t *testing.T) {
	const values = 1<<17 - 20 // about as many as are read
	for name, element := range map[string]string{"objects": "{},", "lists": "[],", "numbers": "1,", "keys": `{"a":{"b":1}},`} {
		each := strings.Count(element, ",") + strings.Count(element, "{") + strings.Count(element, "[")
		body := []byte(change("messages", news(`"messages":[`+strings.Repeat(element, values/each)+`1]`)))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := meta.Parse(body); err != nil {
			t.Errorf("%s: got %v, want updates", name, err)
		}
		runtime.ReadMemStats(&after)
		if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 96 {
			t.Errorf("%s: got %d MiB for %d KiB, want at most 96", name, got, len(body)>>10)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	body := []byte(batchOf(1000))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := meta.Parse(body); err != nil {
			b.Fatal(err)
		}
	}
}

// No body panics, and each update has exactly one content with what it needs.
func FuzzParse(f *testing.F) {
	for _, name := range samples(f) {
		f.Add(read(f, name))
	}
	for _, seed := range []string{"", "{}", `{"object":"page","entry":[{"messaging":[{"sender":[],"message":{"attachments":[0]}}]}]}`, "\xff", batchOf(2)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		updates, err := meta.Parse(body)
		if err != nil {
			if !errors.Is(err, meta.ErrFormat) || updates != nil {
				t.Fatalf("got %v, %v, want ErrFormat alone", updates, err)
			}
			return
		}
		if len(updates) == 0 {
			t.Fatal("got no updates, want at least one")
		}
		for _, u := range updates {
			if problem := wrong(u); problem != "" {
				t.Errorf("got %+v: %s", u, problem)
			}
		}
	})
}

// wrong returns what an update breaks, or nothing.
func wrong(u channel.Update) string {
	contents := 0
	for _, set := range []bool{u.Message != nil, u.Status != nil, u.Identity != nil, u.Correction != nil, u.Preference != nil, u.Notice != nil, u.Ignored != ""} {
		if set {
			contents++
		}
	}
	known := func(p channel.Person) bool { return p.Address != "" || p.UserID != "" }
	switch {
	case contents != 1:
		return fmt.Sprintf("%d contents, want 1", contents)
	case u.Message != nil:
		m := u.Message
		if m.ID == "" || m.Text == "" || m.Type == "" || !known(m.From) || !slices.Contains([]channel.Handling{channel.Answer, channel.Decline, channel.Record}, m.Handling) {
			return "a message without an id, text, type, sender or handling"
		}
		if !utf8.ValidString(m.Text) || strings.Contains(m.Text, "\x00") || len(m.Text) > 128<<10 || len(m.ID) > 1000 {
			return "a text that cannot be kept"
		}
	case u.Status != nil:
		if u.Status.State == "" || u.Status.MessageID == "" && u.Status.UpTo.IsZero() || (u.Status.State == channel.Failed) != (u.Status.Failure != nil) {
			return "a status without a state, message or failure"
		}
	case u.Identity != nil && (!known(u.Identity.Before) || !known(u.Identity.After)):
		return "a change of unknown ids"
	case u.Correction != nil && (u.Correction.ID == "" || u.Correction.MessageID == ""):
		return "a correction of no message"
	case u.Preference != nil && !known(u.Preference.Person):
		return "a preference of nobody"
	case u.Notice != nil && u.Notice.Message == "":
		return "a notice without words"
	}
	return ""
}
