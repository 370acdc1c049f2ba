package param

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestFoldIDs(t *testing.T) {
	const id = "0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f"
	upper := strings.ToUpper(id)
	for text, want := range map[string]string{
		"":                                     "",
		id:                                     id,
		upper:                                  id,
		"0190D3c0-7a5e-7cc3-98c4-dc0c0c07398F": id,
		upper + "." + upper:                    id + "." + id,
		upper + ":Guide-457C1D":                id + ":Guide-457C1D",
		"/v1/Agents/" + upper + "/X":           "/v1/Agents/" + id + "/X",
		"Visit-4711":                           "Visit-4711",
		"A." + upper:                           "A." + id,
		upper + "0":                            upper + "0",
		upper[1:]:                              upper[1:],
		strings.ReplaceAll(upper, "-", ""):     strings.ReplaceAll(upper, "-", ""),
		"É/" + upper + "/\xff":                 "É/" + id + "/\xff",
	} {
		if got := FoldIDs(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestPathUUID(t *testing.T) {
	const id = "0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f"
	missing := errors.New("missing")
	for text, want := range map[string]string{id: id, strings.ToUpper(id): id, "": "", "orders": "", id + "0": "", "urn:uuid:" + id: ""} {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetPathValue("id", text)
		var wantErr error
		if want == "" {
			wantErr = missing
		}
		if got, err := PathUUID(r, "id", missing); got != want || err != wantErr { //nolint:errorlint // the error itself
			t.Errorf("%q: got %q, %v, want %q, %v", text, got, err, want, wantErr)
		}
	}
}
