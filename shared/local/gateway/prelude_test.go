package gateway

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestPrelude_Read(t *testing.T) {
	end := string(delimiter)
	for name, test := range map[string]struct {
		stream string
		status int // 0: malformed
		body   string
	}{
		"whole":            {`{"statusCode":201,"headers":{"A":"b"}}` + end + "body", 201, "body"},
		"no status":        {`{}` + end, 200, ""},
		"body of NULs":     {`{"statusCode":200}` + end + "\x00\x00", 200, "\x00\x00"},
		"scalar header":    {`{"headers":{"A":1,"B":true}}` + end, 200, ""},
		"empty":            {"", 0, ""},
		"no delimiter":     {`{"statusCode":200}`, 0, ""},
		"half a delimiter": {`{"statusCode":200}` + end[:7], 0, ""},
		"not JSON":         {`statusCode` + end, 0, ""},
		"bad status":       {`{"statusCode":99}` + end, 0, ""},
		"bad header":       {`{"headers":{"A":{}}}` + end, 0, ""},
		"too long":         {`{"x":"` + strings.Repeat("x", maxPrelude) + `"}` + end, 0, ""},
	} {
		for kind, r := range map[string]io.Reader{
			"at once":      strings.NewReader(test.stream),
			"byte by byte": iotest.OneByteReader(strings.NewReader(test.stream)),
			"with the end": iotest.DataErrReader(strings.NewReader(test.stream)),
		} {
			h, body, err := readPrelude(r)
			if test.status == 0 {
				if !errors.Is(err, errMalformed) {
					t.Errorf("%s, %s: got error %v, want malformed", name, kind, err)
				}
				continue
			}
			rest, _ := io.ReadAll(r)
			if err != nil || h.StatusCode != test.status || string(body)+string(rest) != test.body {
				t.Errorf("%s, %s: got %d %q, %v; want %d %q", name, kind, h.StatusCode, string(body)+string(rest), err, test.status, test.body)
			}
		}
	}
	failure := errors.New("gone")
	if _, _, err := readPrelude(iotest.ErrReader(failure)); !errors.Is(err, failure) {
		t.Errorf("got error %v, want that of the reader", err)
	}
}

// The prelude and the body do not depend on how the stream is cut into reads.
func FuzzReadPrelude(f *testing.F) {
	f.Add([]byte(`{"statusCode":200}`), []byte("body"), byte(1))
	f.Add([]byte(`{"headers":{"A":"b"},"cookies":["c"]}`), []byte("\x00\x00"), byte(7))
	f.Add([]byte(`{`), []byte(""), byte(0))
	split := func(r io.Reader) (head, []byte, error) {
		h, body, err := readPrelude(r)
		rest, _ := io.ReadAll(r)
		return h, append(body, rest...), err
	}
	f.Fuzz(func(t *testing.T, prelude, body []byte, size byte) {
		stream := slices.Concat(prelude, delimiter, body)
		wantHead, wantBody, wantErr := split(bytes.NewReader(stream))
		gotHead, gotBody, err := split(&pieceReader{rest: stream, size: int(size) + 1})
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("got error %v in pieces, want %v as at once", err, wantErr)
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(wantHead, gotHead); diff != "" {
			t.Errorf("head in pieces (-want +got):\n%s", diff)
		}
		if !bytes.Equal(gotBody, wantBody) {
			t.Errorf("got body %q in pieces, want %q as at once", gotBody, wantBody)
		}
	})
}

// pieceReader returns at most size bytes at a time.
type pieceReader struct {
	rest []byte
	size int
}

func (r *pieceReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(r.size, len(p))], r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
