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

// readEvents reads server-sent events with a reader that nobody here wrote, and
// then as Python programs do that split lines at all that Unicode calls one.
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
		return nil, fmt.Errorf("a reader that splits lines as Python does sees %q, another %q", naive, all)
	}
	return all, nil
}

// readLines reads a JSON object a line, and gives each line the name of its type.
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
		return nil, fmt.Errorf("a reader that splits lines as Python does sees %d lines, another %d", len(naive), len(all))
	}
	return all, lines.Err()
}

// unicodeLines splits a text as Python's str.splitlines does.
func unicodeLines(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029", r) })
}

// names are a stream's events, each followed by a blank, for its grammar.
func names(events []event) string {
	var b strings.Builder
	for _, e := range events {
		b.WriteString(e.name + " ")
	}
	return b.String()
}

// decode reads a JSON value that must have nothing but what T has.
func decode[T any](data string) (v T, err error) {
	d := json.NewDecoder(strings.NewReader(data))
	d.DisallowUnknownFields()
	if err = d.Decode(&v); err != nil {
		err = fmt.Errorf("%w in %s", err, data)
	}
	return v, err
}
