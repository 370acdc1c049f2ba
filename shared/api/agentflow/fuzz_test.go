package agentflow

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// No body crashes the decoder: it returns a valid turn, or an error that the caller may see.
func FuzzReadChat(f *testing.F) {
	for _, seed := range []string{
		`{"text":"hi"}`, `{"text":"hi","stream":false,"thread_id":"a:b"}`, `{"messages":[{"role":"user","content":"hi"}]}`,
		`{"messages":[{"role":"user","content":[{"type":"text","text":"\ud83d\ude00"}]},{"role":"assistant","content":""}],"stream":null}`,
		`{"messages":[{"role":"system","content":"x"}]}`, `{"text":"\ud800"}`, `{"stream":1}`, `{"messages":[[]]}`, `[]`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		object, err := body.Read(httptest.NewRequest("POST", "/", strings.NewReader(string(raw))))
		var ask chat
		if err == nil {
			ask, err = readChat(object)
		}
		if e := fault.From(err); e != nil {
			if e.Code != fault.Invalid && e.Code != fault.TooLarge || e.Message == "" || !utf8.ValidString(e.Message) {
				t.Errorf("%q: got error %v, want Invalid or TooLarge with a message", raw, err)
			}
			return
		}
		if strings.TrimSpace(ask.text) == "" || len(ask.text) > turn.MaxText || !utf8.ValidString(ask.text) || strings.ContainsRune(ask.text, 0) {
			t.Errorf("got text %q accepted, want an error", ask.text)
		}
		if ask.threadID != "" && !thread.ValidID(ask.threadID) {
			t.Errorf("got thread %q accepted, want an error", ask.threadID)
		}
	})
}

// No page parameter and no new key crashes its parser.
func FuzzKeys(f *testing.F) {
	const id = "0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f"
	f.Add("limit=5&after="+id, id)
	f.Add("after=&limit=101", strings.ToUpper(id))
	f.Add("after=%ff;limit", "\xff")
	f.Fuzz(func(t *testing.T, query, path string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.RawQuery = query
		after, err := afterKey(r)
		if e := fault.From(err); e != nil && (e.Code != fault.Invalid || e.Field != "after") {
			t.Errorf("%q: got error %v, want Invalid of field after", query, err)
		}
		if after != "" && !param.IsID(after) {
			t.Errorf("got %q accepted, want an id", after)
		}
		if param.IsID(path) && (len(path) != len(id) || strings.Trim(path, "0123456789abcdef-") != "") {
			t.Errorf("got %q accepted as an id, want it refused", path)
		}
	})
}

// A third-party reader gets the exact texts of the model and its tools from the stream, no matter how
// they are cut into pieces.
func FuzzStream(f *testing.F) {
	f.Add("hello there", "weather", `{"blocks":[{"type":"card"}]}`, uint8(3))
	f.Add("a\n\ndata: x\r\revent: y\u2028\ufeff: \x00", "\n", "{\"blocks\":[{\"a\":\"\u2028\"},\n{}]}", uint8(1))
	f.Add("👩‍👩‍👧 שלום e\u0301 🇩🇪", "", "", uint8(2))
	f.Fuzz(func(t *testing.T, text, tool, result string, size uint8) {
		text, tool = strings.ToValidUTF8(text, "\ufffd"), strings.ToValidUTF8(tool, "\ufffd")
		use := turn.ToolUse{Name: tool, Input: json.RawMessage(`{}`), Result: result}
		w := httptest.NewRecorder()
		s := &events{w: w}
		s.Start(opening)
		s.ToolRunning(draw)
		s.ToolDone(use)
		for rest := []rune(text); len(rest) > 0; {
			n := min(int(size%8)+1, len(rest))
			s.Delta(string(rest[:n]))
			s.Beat()
			rest = rest[n:]
		}
		if err := s.end(t.Context(), turn.Outcome{Turn: turn.Turn{Assistant: text, Tools: []turn.ToolUse{use}}}, nil); err != nil {
			t.Fatal(err)
		}

		if strings.ContainsAny(w.Body.String(), "\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029") {
			t.Errorf("got body %q, want no character that a reader takes for a line end", w.Body)
		}
		var joined strings.Builder
		var done answerShape
		var shown blocksEvent
		var names []string
		for _, e := range read(t, w.Body.String()) {
			names = append(names, e.Name)
			var piece string
			var target any
			switch e.Name {
			case "message":
				target = &piece
			case "done":
				target = &done
			case "ui_blocks":
				target = &shown
			default:
				continue
			}
			if err := json.Unmarshal([]byte(e.Data), target); err != nil {
				t.Fatalf("%s %q: %v", e.Name, e.Data, err)
			}
			joined.WriteString(piece)
		}
		if joined.String() != text || done.Content != text || done.Text != text {
			t.Errorf("text %q: got deltas %q and done %q, want the text", text, joined.String(), done.Content)
		}
		if len(done.Tools) != 1 || done.Tools[0].Name != tool || utf8.ValidString(result) && done.Tools[0].Result != result {
			t.Errorf("got tools %+v, want the one that was used", done.Tools)
		}
		if want := blocksOf(use); len(want) != len(shown.Blocks) {
			t.Errorf("got %d blocks, want %d", len(shown.Blocks), len(want))
		}
		if n := len(names); names[0] != "status" || names[n-2] != "done" || names[n-1] != "flow_meta" || strings.Count(strings.Join(names, " "), "done") != 1 {
			t.Errorf("got events %q, want status first, one done, flow_meta last", names)
		}
	})
}
