package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// streamingType is the content type of a function's streamed response: a JSON
// prelude with the status and the headers, eight NUL bytes, the body.
const streamingType = "application/vnd.awslambda.http-integration-response"

// maxPrelude is the size of the largest prelude that API Gateway accepts.
const maxPrelude = 16 << 10

var delimiter = make([]byte, 8)

// readPrelude reads the prelude and the delimiter. It returns the part of the body that
// it has read with them; the rest is still in r.
func readPrelude(r io.Reader) (head, []byte, error) {
	var seen []byte
	chunk := make([]byte, 4<<10)
	for {
		n, err := r.Read(chunk)
		seen = append(seen, chunk[:n]...)
		// JSON contains no NUL, so the first delimiter ends the prelude.
		if prelude, body, found := bytes.Cut(seen, delimiter); found && len(prelude) <= maxPrelude {
			h, err := parsePrelude(prelude)
			return h, body, err
		}
		if len(seen) > maxPrelude+len(delimiter) {
			return head{}, nil, fmt.Errorf("%w: no delimiter within %d bytes", errMalformed, maxPrelude)
		}
		if err == io.EOF {
			return head{}, nil, fmt.Errorf("%w: it ends before the delimiter", errMalformed)
		}
		if err != nil {
			return head{}, nil, err
		}
	}
}

func parsePrelude(text []byte) (head, error) {
	var h head
	if err := json.Unmarshal(text, &h); err != nil {
		return head{}, fmt.Errorf("%w: its prelude: %w", errMalformed, err)
	}
	return h, h.check()
}
