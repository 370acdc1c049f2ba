package stream

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
)

// NDJSON writes a stream of JSON values, one a line.
type NDJSON struct{ *stream }

// NewNDJSON sends the status line and headers of a stream of lines.
func NewNDJSON(w http.ResponseWriter) *NDJSON {
	return &NDJSON{openStream(w, "application/x-ndjson")}
}

// Line writes v on a line of its own. It returns an error, and writes nothing,
// when v cannot be encoded.
func (n *NDJSON) Line(v any) error {
	line, err := wire.Encode(v)
	if err != nil {
		return err
	}
	n.line(line)
	n.buf.WriteByte('\n')
	n.send()
	return nil
}

// Beat writes a sign of life: a blank before the next line, where JSON allows
// any number of them. It is no line of its own because an empty one is an error
// to many readers, and no object because a reader would have to know it.
func (n *NDJSON) Beat() {
	n.buf.WriteByte(' ')
	n.send()
}
