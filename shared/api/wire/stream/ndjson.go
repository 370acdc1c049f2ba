package stream

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
)

// NDJSON writes a stream of JSON values, one per line.
type NDJSON struct{ *stream }

// NewNDJSON sends the status line and headers of a stream of lines.
func NewNDJSON(w http.ResponseWriter) *NDJSON {
	return &NDJSON{openStream(w, "application/x-ndjson")}
}

// Line writes v as one line. If v cannot be encoded, it writes nothing and returns an error.
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

// Beat writes a heartbeat: a blank before the next line, where JSON allows any number of them. It is not an
// empty line, which is an error to many readers, and not an object, which readers would have to know.
func (n *NDJSON) Beat() {
	n.buf.WriteByte(' ')
	n.send()
}
