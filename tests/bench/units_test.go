package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func item(t *testing.T, text string) document {
	t.Helper()
	var d document
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSize(t *testing.T) {
	for text, want := range map[string]int{
		`{}`:                                   0,
		`{"pk": {"S": "a"}}`:                   3,
		`{"pk": {"S": "ä"}}`:                   4,
		`{"n": {"N": "0"}}`:                    2,
		`{"n": {"N": "1234"}}`:                 4,
		`{"n": {"N": "-12300"}}`:               5,
		`{"n": {"N": "1.5"}}`:                  3,
		`{"b": {"BOOL": true}}`:                2,
		`{"b": {"NULL": true}}`:                2,
		`{"m": {"M": {}}}`:                     4,
		`{"m": {"M": {"k": {"N": "12"}}}}`:     8,
		`{"l": {"L": [{"S": "ab"}]}}`:          7,
		`{"s": {"SS": ["ab", "c"]}}`:           4,
		`{"s": {"NS": ["1", "200"]}}`:          5,
		`{"b": {"B": "YWJj"}}`:                 4,
		`{"pk": {"S": "a"}, "sk": {"S": "b"}}`: 6,
	} {
		if got := item(t, text).size(); got != want {
			t.Errorf("size of %s: got %d, want %d", text, got, want)
		}
	}
}

func TestUnits(t *testing.T) {
	sized := func(n int) document { return item(t, `{"p": {"S": "`+strings.Repeat("x", n-1)+`"}}`) }
	for _, c := range []struct{ size, read, write int }{
		{1, 1, 1}, {1024, 1, 1}, {1025, 1, 2}, {4096, 1, 4}, {4097, 2, 5},
	} {
		if got := readUnits(c.size); got != c.read {
			t.Errorf("read of %d bytes: got %d units, want %d", c.size, got, c.read)
		}
		for _, pair := range [][2]document{{nil, sized(c.size)}, {sized(c.size), nil}, {sized(c.size), sized(1)}} {
			if got := writeUnits(pair[0], pair[1]); got != c.write {
				t.Errorf("write of %d bytes: got %d units, want %d", c.size, got, c.write)
			}
		}
	}
	if readUnits(0) != 1 {
		t.Error("got other units for an empty read, want 1")
	}
}

func TestIndexUnits(t *testing.T) {
	some := secondary{keys: []string{"g", "pk"}, projects: []string{"title"}}
	all := secondary{keys: []string{"g", "pk"}}
	in := item(t, `{"pk": {"S": "1"}, "g": {"S": "a"}, "title": {"S": "t"}, "text": {"S": "x"}}`)
	for _, c := range []struct {
		name          string
		before, after string
		some, all     int
	}{
		{"it comes", `{}`, `{"pk": {"S": "1"}, "g": {"S": "a"}}`, 1, 1},
		{"it is not in the index", `{}`, `{"pk": {"S": "1"}}`, 0, 0},
		{"it leaves", ``, `{"pk": {"S": "1"}}`, 1, 1},
		{"nothing changes", ``, ``, 0, 0},
		{"what is not shown changes", ``, `{"pk": {"S": "1"}, "g": {"S": "a"}, "title": {"S": "t"}, "text": {"S": "y"}}`, 0, 1},
		{"what is shown changes", ``, `{"pk": {"S": "1"}, "g": {"S": "a"}, "title": {"S": "u"}, "text": {"S": "x"}}`, 1, 1},
		{"it moves", ``, `{"pk": {"S": "1"}, "g": {"S": "b"}, "title": {"S": "t"}, "text": {"S": "x"}}`, 2, 2},
	} {
		before, after := in, in
		if c.before != "" {
			before = item(t, c.before)
		}
		if c.after != "" {
			after = item(t, c.after)
		}
		if got := some.indexUnits(before, after); got != c.some {
			t.Errorf("%s: got %d units with a projection, want %d", c.name, got, c.some)
		}
		if got := all.indexUnits(before, after); got != c.all {
			t.Errorf("%s: got %d units, want %d", c.name, got, c.all)
		}
	}
}

func TestWritten(t *testing.T) {
	for operation, body := range map[string]string{
		"UpdateItem":         `{"TableName": "t", "Key": {"pk": {"S": "1"}, "sk": {"S": "2"}}}`,
		"PutItem":            `{"TableName": "t", "Item": {"pk": {"S": "1"}, "sk": {"S": "2"}, "a": {"S": "3"}}}`,
		"TransactWriteItems": `{"TransactItems": [{"Put": {"TableName": "t", "Item": {"pk": {"S": "1"}, "sk": {"S": "2"}, "a": {"S": "3"}}}}]}`,
	} {
		var req request
		if err := json.Unmarshal([]byte(body), &req); err != nil {
			t.Fatal(err)
		}
		written := req.written(operation)
		if len(written) != 1 || written[0].TableName != "t" || name(written[0].Key) != "2" || len(written[0].Key) != 2 {
			t.Errorf("%s: got writes %v, want one, of key 2 in table t", operation, written)
		}
	}
	if written := (request{TableName: "t"}).written("Query"); written != nil {
		t.Errorf("Query: got writes %v, want none", written)
	}
}

func TestReported(t *testing.T) {
	for text, want := range map[string]float64{``: 0, `{"CapacityUnits": 1.5}`: 1.5, `[{"CapacityUnits": 2}, {"CapacityUnits": 4}]`: 6} {
		if got := reported(json.RawMessage(text)); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}
