package bedrock

import (
	"bytes"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/document"
)

// parsedObject is gather.Object for a document the SDK has parsed. It is encoded so
// that it reads as it would have in a stream, without HTML's escapes.
func parsedObject(d document.Interface) (json.RawMessage, bool) {
	if d == nil {
		return json.RawMessage("{}"), true
	}
	raw, err := d.MarshalSmithyDocument()
	if err != nil {
		return nil, false
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var value map[string]any
	if err := dec.Decode(&value); err != nil {
		return nil, false
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if value == nil || enc.Encode(value) != nil {
		return nil, false
	}
	return bytes.TrimSpace(out.Bytes()), true
}

// verbatim is a document that is sent byte for byte. The SDK's own encoder is
// no way for JSON that others wrote: it makes strings of json.Number, refuses
// empty keys, and its refusal is dropped, which leaves a broken request.
type verbatim struct {
	document.Interface
	raw json.RawMessage
}

func newDocument(raw json.RawMessage) document.Interface {
	return verbatim{Interface: document.NewLazyDocument(nil), raw: raw}
}

// MarshalSmithyDocument returns the document's JSON.
func (v verbatim) MarshalSmithyDocument() ([]byte, error) { return v.raw, nil }
