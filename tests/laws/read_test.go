package laws_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tmaxmax/go-sse"
)

// event is one event of a stream, or one line of it.
type event struct{ name, data string }

// readEvents reads server-sent events with an independent reader, and again like Python
// programs that split lines at every character that Unicode calls a line break.
func readEvents(body string) ([]event, error) {
	var all []event
	for e, err := range sse.Read(strings.NewReader(body), &sse.ReadConfig{MaxEventSize: 4 << 20}) {
		if err != nil {
			return nil, fmt.Errorf("%w in %q", err, body)
		}
		all = append(all, event{e.Type, e.Data})
	}
	var naive []event
	var name string
	for _, line := range unicodeLines(body) {
		field, value, _ := strings.Cut(line, ": ")
		switch field {
		case "event":
			name = value
		case "data":
			naive = append(naive, event{name, value})
		}
	}
	if !slices.Equal(all, naive) {
		return nil, fmt.Errorf("got events %[2]q, and %[1]q from a reader that splits lines as Python does", naive, all)
	}
	return all, nil
}

// readLines reads one JSON object per line, and names each line after its type.
func readLines(body string) ([]event, error) {
	var all []event
	lines := bufio.NewScanner(strings.NewReader(body))
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var head struct{ Type string }
		if err := json.Unmarshal(lines.Bytes(), &head); err != nil {
			return nil, fmt.Errorf("%w: %q", err, lines.Text())
		}
		all = append(all, event{head.Type, lines.Text()})
	}
	if naive := unicodeLines(strings.TrimSuffix(body, "\n")); len(naive) != len(all) {
		return nil, fmt.Errorf("got %[2]d lines, and %[1]d from a reader that splits lines as Python does", len(naive), len(all))
	}
	return all, lines.Err()
}

// unicodeLines splits a text as Python's str.splitlines does.
func unicodeLines(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029", r) })
}

// names joins the names of a stream's events, each followed by a blank, for its grammar.
func names(events []event) string {
	var b strings.Builder
	for _, e := range events {
		b.WriteString(e.name + " ")
	}
	return b.String()
}

// decode reads a JSON value, and refuses fields that T does not have.
func decode[T any](data string) (v T, err error) {
	d := json.NewDecoder(strings.NewReader(data))
	d.DisallowUnknownFields()
	if err = d.Decode(&v); err != nil {
		err = fmt.Errorf("%w in %s", err, data)
	}
	return v, err
}
