package bedrock

import (
	"bytes"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/document"
)

// parsedObject is gather.Object for a document that the SDK has parsed. Like the JSON
// of a stream, the result has no HTML escapes.
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

// verbatim is a document that is sent byte for byte. The SDK's encoder is not suitable
// for foreign JSON: it encodes a json.Number as a string and refuses empty keys, and
// the SDK ignores that error and sends a broken request.
type verbatim struct {
	document.Interface
	raw json.RawMessage
}

func newDocument(raw json.RawMessage) document.Interface {
	return verbatim{Interface: document.NewLazyDocument(nil), raw: raw}
}

// MarshalSmithyDocument returns the document's JSON.
func (v verbatim) MarshalSmithyDocument() ([]byte, error) { return v.raw, nil }
