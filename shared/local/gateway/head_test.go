package gateway

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// API Gateway accepts several spellings of the same header.
func TestResponse_Headers(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		want   http.Header
	}{
		"null values": {
			`{"headers":{"A":null,"B":"1"},"multiValueHeaders":{"C":null,"D":[null,"2"]}}`,
			http.Header{"B": {"1"}, "D": {"2"}},
		},
		"null forms": {`{"headers":null,"multiValueHeaders":null}`, http.Header{}},
		"scalars":    {`{"headers":{"A":1,"B":true}}`, http.Header{"A": {"1"}, "B": {"true"}}},
		"one spelling": {
			`{"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]}}`,
			http.Header{"Set-Cookie": {"a=1", "b=2"}},
		},
		"spellings of a list": {
			`{"multiValueHeaders":{"set-cookie":["c=3"],"Set-Cookie":["a=1","b=2"]}}`,
			http.Header{"Set-Cookie": {"a=1", "b=2", "c=3"}},
		},
		"spellings of single values": {
			`{"headers":{"set-cookie":"b=2","Set-Cookie":"a=1"}}`,
			http.Header{"Set-Cookie": {"a=1", "b=2"}},
		},
		"both forms": {
			`{"headers":{"X":"1","Y":"1"},"multiValueHeaders":{"x":["1","2"],"Y":["2"]}}`,
			http.Header{"X": {"1", "2"}, "Y": {"2", "1"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := parseResponse([]byte(test.answer))
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			answer.head.write(w)
			test.want.Set("Content-Type", "application/json")
			if diff := cmp.Diff(test.want, w.Header()); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}
