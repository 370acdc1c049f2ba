package filter

import "testing"

func TestFilter_Patterns(t *testing.T) {
	const record = `{"eventName":"INSERT","dynamodb":{"NewImage":{"pk":{"S":"ORG#1"},"n":{"N":"5"}},"size":12},"tags":["a","b"]}`
	for _, c := range []struct {
		pattern string
		want    bool
	}{
		{`{}`, true},
		{`{"eventName":["INSERT"]}`, true},
		{`{"eventName":["MODIFY","REMOVE"]}`, false},
		{`{"eventName":["MODIFY","INSERT"]}`, true},
		{`{"eventName":[{"prefix":"IN"}]}`, true},
		{`{"eventName":[{"suffix":"ERT"}]}`, true},
		{`{"eventName":[{"suffix":"IN"}]}`, false},
		{`{"eventName":[{"exists":true}]}`, true},
		{`{"eventName":[{"exists":false}]}`, false},
		{`{"other":[{"exists":false}]}`, true},
		{`{"other":[null]}`, false},
		{`{"tags":["b"]}`, true},
		{`{"tags":["c"]}`, false},
		{`{"dynamodb":{"size":[12]}}`, true},
		{`{"dynamodb":{"OldImage":{"x":["1"]}}}`, false},
		{`{"dynamodb":{"size":[{"numeric":[">",10,"<=",12]}]}}`, true},
		{`{"dynamodb":{"size":[{"numeric":["<",10]}]}}`, false},
		{`{"dynamodb":{"NewImage":{"pk":{"S":[{"prefix":"ORG#"}]}}}}`, true},
		{`{"dynamodb":{"NewImage":{"pk":{"S":[{"anything-but":["ORG#1"]}]}}}}`, false},
		{`{"dynamodb":{"NewImage":{"pk":{"S":[{"anything-but":"ORG#2"}]}}}}`, true},
		{`{"eventName":["INSERT"],"dynamodb":{"NewImage":{"n":{"N":["6"]}}}}`, false},
		{`{"dynamodb":{"NewImage":{"pk":{"S":["x",{"prefix":"ORG"}]},"n":{"N":["5"]}}}}`, true},
	} {
		pattern, want := c.pattern, c.want
		f, err := Parse([]string{pattern})
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		if got := f.Matches([]byte(record)); got != want {
			t.Errorf("%s matches: got %v, want %v", pattern, got, want)
		}
	}
	if !Filter(nil).Matches([]byte(record)) {
		t.Error("got a record refused without a filter, want it passed")
	}
	for _, pattern := range []string{`[]`, `{"a":"b"}`, `{"a":[{"wildcard":"x*"}]}`, `{"a":{"b":1}}`} {
		if _, err := Parse([]string{pattern}); err == nil {
			t.Errorf("got pattern %s accepted, want an error", pattern)
		}
	}
}
