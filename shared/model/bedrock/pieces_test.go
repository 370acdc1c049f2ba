package bedrock

import (
	"bytes"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

func TestSealed_LeavesWholeCharactersAsTheyAre(t *testing.T) {
	for _, text := range []string{"token", "é", "\U0001F600", `\u00e9`, ""} {
		frame := deltaFrame(t, []byte(`{"contentBlockIndex":0,"delta":{"text":"`+text+`"}}`))
		if got := sealed(frame); &got[0] != &frame[0] {
			t.Errorf("%q: got another frame %q, want the frame itself", text, got)
		}
	}
}

func TestSealed_SealsPartsOfCharacters(t *testing.T) {
	for _, text := range []string{"\xc3", `\ud83d`, `\uDE00`, `\u0000`} {
		frame := deltaFrame(t, []byte(`{"contentBlockIndex":0,"delta":{"text":"`+text+`"}}`))
		if got := sealed(frame); bytes.Equal(got, frame) {
			t.Errorf("%q: got the frame itself, want its text sealed", text)
		}
	}
}

func TestSealed_FalseLengths(t *testing.T) {
	frame := deltaFrame(t, []byte("{}"))
	frame[4] = 0xff
	if got := sealed(frame); !bytes.Equal(got, frame) {
		t.Errorf("got %q, want the frame itself", got)
	}
}

func BenchmarkSealed(b *testing.B) {
	frame := deltaFrame(b, []byte(`{"contentBlockIndex":0,"delta":{"text":"token"}}`))
	b.ReportAllocs()
	for b.Loop() {
		sealed(frame)
	}
}

// deltaFrame returns a frame as Bedrock sends it: its checksums are no UTF-8.
func deltaFrame(tb testing.TB, payload []byte) []byte {
	tb.Helper()
	m := eventstream.Message{Payload: payload}
	m.Headers.Set(":message-type", eventstream.StringValue("event"))
	m.Headers.Set(":event-type", eventstream.StringValue("contentBlockDelta"))
	var out bytes.Buffer
	if err := eventstream.NewEncoder().Encode(&out, m); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}
