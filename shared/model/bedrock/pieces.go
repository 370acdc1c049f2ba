package bedrock

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/gather"
)

// pieces is a protocol that checks each frame of a stream before the SDK decodes it.
// It refuses a frame beyond model.MaxPiece without reading it. The SDK's decoder
// replaces a part of a character by U+FFFD, so pieces seals (encodes) a text that ends
// inside a character, and unsealed restores it after the SDK has decoded the frame.
type pieces struct {
	smithyhttp.ClientProtocol

	frame []byte
}

const (
	preludeSize  = 12 // total length, headers' length, checksum
	checksumSize = 4  // at the end of a frame
)

// payload returns the JSON of a frame, without the headers and checksums, which are
// binary; nil for a frame whose lengths are false.
func payload(frame []byte) []byte {
	start := preludeSize + uint64(binary.BigEndian.Uint32(frame[4:]))
	end := uint64(len(frame)) - checksumSize
	if start > end {
		return nil
	}
	return frame[start:end]
}

// DeserializeEventMessage implements smithyhttp.ClientProtocol.
func (p *pieces) DeserializeEventMessage(schema *smithy.Schema, types *smithy.TypeRegistry, r io.Reader) (smithy.Deserializable, error) {
	var prelude [preludeSize]byte
	if n, err := io.ReadFull(r, prelude[:]); err != nil {
		return p.ClientProtocol.DeserializeEventMessage(schema, types, io.MultiReader(bytes.NewReader(prelude[:n]), failing{err}))
	}
	size := binary.BigEndian.Uint32(prelude[:])
	if size > model.MaxPiece {
		return nil, fmt.Errorf("a frame of %d bytes: %w", size, model.ErrTooLarge)
	}
	p.frame = append(p.frame[:0], prelude[:]...)
	if size > preludeSize {
		p.frame = append(p.frame, make([]byte, size-preludeSize)...)
	}
	if n, err := io.ReadFull(r, p.frame[preludeSize:]); err != nil {
		return p.ClientProtocol.DeserializeEventMessage(schema, types, io.MultiReader(bytes.NewReader(p.frame[:preludeSize+n]), failing{err}))
	}
	return p.ClientProtocol.DeserializeEventMessage(schema, types, bytes.NewReader(sealed(p.frame)))
}

// failing is a reader that returns an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// delta is the payload of a contentBlockDelta event.
type delta struct {
	Index int32           `json:"contentBlockIndex"`
	Delta json.RawMessage `json:"delta"`
}

// sealed returns the frame with its text sealed if the text has parts of characters or
// looks like a sealed one, and otherwise the frame itself.
func sealed(frame []byte) []byte {
	if p := payload(frame); utf8.Valid(p) && !bytes.Contains(p, []byte(`\ud`)) && !bytes.Contains(p, []byte(`\uD`)) && !bytes.Contains(p, []byte(`\u0000`)) {
		return frame
	}
	m, err := eventstream.NewDecoder().Decode(bytes.NewReader(frame), nil)
	if err != nil {
		return frame // the SDK reports the same error
	}
	var d delta
	if json.Unmarshal(m.Payload, &d) != nil || len(d.Delta) == 0 {
		return frame
	}
	var kind struct {
		Text    json.RawMessage `json:"text"`
		ToolUse struct {
			Input json.RawMessage `json:"input"`
		} `json:"toolUse"`
	}
	if json.Unmarshal(d.Delta, &kind) != nil {
		return frame
	}
	if text, ok := gather.Unquote(kind.Text); ok {
		d.Delta, err = json.Marshal(map[string]string{"text": seal(text)})
	} else if input, ok := gather.Unquote(kind.ToolUse.Input); ok {
		d.Delta, err = json.Marshal(map[string]any{"toolUse": map[string]string{"input": seal(input)}})
	} else {
		return frame
	}
	if err != nil {
		return frame
	}
	var out bytes.Buffer
	if m.Payload, err = json.Marshal(d); err != nil || eventstream.NewEncoder().Encode(&out, m) != nil {
		return frame
	}
	return out.Bytes()
}

// sealMark is the prefix of a sealed text. A text that has this prefix already is
// sealed too, so that unsealed never mistakes it for a sealed one.
const sealMark = "\x00"

func seal(text string) string { return sealMark + base64.StdEncoding.EncodeToString([]byte(text)) }

// unsealed returns the text as the server sent it.
func unsealed(text string) string {
	inner, ok := strings.CutPrefix(text, sealMark)
	if !ok {
		return text
	}
	opened, err := base64.StdEncoding.DecodeString(inner)
	if err != nil {
		return text
	}
	return string(opened)
}
