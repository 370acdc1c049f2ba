package peers_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tmaxmax/go-sse"

	"github.com/quintet-agents/quintet/tests/rig"
)

// reader parses a stream.
type reader struct {
	name string
	read func(io.Reader) ([]event, error)
}

// readers are Go's, by media type. The events that the first of them finds in a whole stream are
// the expected ones of all readers, in any language.
var readers = map[string][]reader{
	eventStream: {
		{"tmaxmax/go-sse", func(body io.Reader) ([]event, error) {
			var events []event
			for e, err := range sse.Read(body, &sse.ReadConfig{MaxEventSize: 1 << 20}) {
				if err != nil {
					return events, err
				}
				events = append(events, event{Name: e.Type, Data: e.Data})
			}
			return events, nil
		}},
		{"tests/rig", func(body io.Reader) ([]event, error) {
			var events []event
			found, err := rig.Events(body)
			for _, e := range found {
				events = append(events, event(e))
			}
			return events, err
		}},
	},
	ndjson: {
		{"bufio", func(body io.Reader) ([]event, error) {
			var events []event
			lines := bufio.NewScanner(body)
			for lines.Scan() {
				events = append(events, event{Data: string(bytes.TrimSpace(lines.Bytes()))})
			}
			return events, lines.Err()
		}},
		{"encoding/json", func(body io.Reader) ([]event, error) {
			var events []event
			for values := json.NewDecoder(body); ; {
				var value json.RawMessage
				if err := values.Decode(&value); errors.Is(err, io.EOF) {
					return events, nil
				} else if err != nil {
					return events, err
				}
				events = append(events, event{Data: string(value)})
			}
		}},
	},
}

// readersAgree lets every reader read every stream, with every cut.
func readersAgree(t *testing.T, streams []recording) {
	t.Helper()
	for i, s := range streams {
		if len(readers[s.Media]) == 0 {
			t.Fatalf("%s: got no reader of %q, want some", s.Name, s.Media)
		}
		var err error
		if streams[i].Events, err = readers[s.Media][0].read(bytes.NewReader(s.Body)); err != nil || len(streams[i].Events) < 3 {
			t.Fatalf("%s: got %v, %v, want at least three events", s.Name, err, streams[i].Events)
		}
	}
	t.Run("go", func(t *testing.T) {
		for _, s := range streams {
			for _, r := range readers[s.Media] {
				t.Run(r.name+" reads "+s.Name, func(t *testing.T) { s.check(t, r) })
			}
		}
	})
	file := writeJSON(t, "streams.json", streams)
	for _, path := range programs(t, "readers") {
		t.Run(filepath.Base(path), func(t *testing.T) { run(t, nil, path, file) })
	}
}

func (c recording) check(t *testing.T, r reader) {
	t.Helper()
	for _, places := range c.Cuts {
		var pieces []io.Reader
		from := 0
		for _, place := range append(slices.Clone(places), len(c.Body)) {
			pieces = append(pieces, bytes.NewReader(c.Body[from:place]))
			from = place
		}
		got, err := r.read(io.MultiReader(pieces...))
		if err != nil || !slices.Equal(c.Events, got) {
			t.Fatalf("cut at %v: %v (-want +got):\n%s", places, err, cmp.Diff(c.Events, got))
		}
	}
}
