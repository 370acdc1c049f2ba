package docs_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const callbackBody = `{"statusCode":200,"body":{"conversation_history":[{"content":"genuine"}]}}`

// forger is a service that sends forged callbacks before the genuine one.
type forger struct {
	*testing.T

	key []byte
}

func (f forger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		URL string `json:"callback_url"`
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		f.Errorf("got the request's body: %v", err)
	}
	go f.post(asked.URL)
	fmt.Fprint(w, `{"status":"processing"}`)
}

func (f forger) post(url string) {
	now := strconv.FormatInt(time.Now().Unix(), 10)
	old := strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10)
	for _, headers := range []http.Header{
		{},
		{"Webhook-Id": {"m"}, "Webhook-Timestamp": {now}},
		{"Webhook-Id": {"m"}, "Webhook-Timestamp": {"soon"}, "Webhook-Signature": {f.sign("soon")}},
		{"Webhook-Id": {"m"}, "Webhook-Timestamp": {old}, "Webhook-Signature": {f.sign(old)}},
		{"Webhook-Id": {"n"}, "Webhook-Timestamp": {now}, "Webhook-Signature": {f.sign(now)}},
		{"Webhook-Id": {"m"}, "Webhook-Timestamp": {now}, "Webhook-Signature": {"v1,\xe9 v1, \xff"}},
	} {
		if got := f.send(url, headers); got != http.StatusUnauthorized {
			f.Errorf("got %d for %v, want 401", got, headers)
		}
	}
	genuine := http.Header{"Webhook-Id": {"m"}, "Webhook-Timestamp": {now}, "Webhook-Signature": {"v1,AAAA " + f.sign(now)}}
	if got := f.send(url, genuine); got != http.StatusNoContent {
		f.Errorf("got %d for the genuine callback, want 204", got)
	}
}

// sign returns the signature of the callback with the id m.
func (f forger) sign(time string) string {
	sum := hmac.New(sha256.New, f.key)
	fmt.Fprintf(sum, "m.%s.%s", time, callbackBody)
	return "v1," + base64.StdEncoding.EncodeToString(sum.Sum(nil))
}

// send returns the status, or 0 if there was no answer.
func (f forger) send(url string, headers http.Header) int {
	r, err := http.NewRequestWithContext(f.Context(), http.MethodPost, url, strings.NewReader(callbackBody))
	if err != nil {
		f.Error(err)
		return 0
	}
	r.Header = headers
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// The callback examples, which customers copy, refuse forged callbacks and wait for the
// genuine one.
func TestCallbacks_Forged(t *testing.T) {
	run := runners(t)
	for _, language := range []string{"py", "ts"} {
		t.Run(language, func(t *testing.T) {
			f := forger{T: t, key: []byte("0123456789abcdef0123456789abcdef")}
			service := httptest.NewServer(f)
			t.Cleanup(service.Close)
			command := append(slices.Clone(run[language]), filepath.Join(examples, "callbacks."+language))
			out, complaints, err := demo{"nowhere"}.execute(t, command, "BASE_URL="+service.URL, "API_KEY=key", "AGENT=agent",
				"WEBHOOK_SECRET=whsec_"+base64.StdEncoding.EncodeToString(f.key))
			if want := "processing\n200 genuine\n"; err != nil || out != want || complaints != "" {
				t.Errorf("got %v, on standard error %q, and %q; want %q", err, complaints, out, want)
			}
		})
	}
}
