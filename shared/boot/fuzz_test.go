package boot_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/quintet-agents/quintet/shared/boot"
)

// No event crashes a function. Each gives the same request for buffered and streamed
// answers, or an error.
func FuzzEvent(f *testing.F) {
	f.Add([]byte(`{"resource":"/a/{id}","path":"/a/b%2Fc","httpMethod":"POST","pathParameters":{"id":"b%2Fc"},"body":"{}"}`))
	f.Add([]byte(`{"path":"/%zz","httpMethod":"G T","pathParameters":{"id":"%"},"multiValueHeaders":{"A\n":["b\n"],"":[]}}`))
	f.Add([]byte(`{"path":"//evil.example/","httpMethod":"","multiValueQueryStringParameters":{"a&b":["c=d","é"]},"isBase64Encoded":true,"body":"` +
		base64.StdEncoding.EncodeToString([]byte{0xff, 0}) + `"}`))
	f.Add([]byte(`{"path":"","body":"x","isBase64Encoded":true,"requestContext":{"requestId":"\u0000","domainName":"a b"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var e events.APIGatewayProxyRequest
		if json.Unmarshal(raw, &e) != nil {
			return // Lambda's runtime refuses it before our code runs
		}
		echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			seen, err := json.Marshal([]any{r.Method, r.URL.String(), r.Header, body, r.PathValue("id")})
			if err != nil {
				t.Error(err)
			}
			write(w, string(seen))
		})
		whole, err := boot.Buffered(echo)(t.Context(), e)
		streamed, wrong := boot.Streamed(echo)(t.Context(), e)
		if (err == nil) != (wrong == nil) {
			t.Fatalf("got error %v streamed, want %v as buffered", wrong, err)
		}
		if err != nil {
			return
		}
		// An open stream would end the process later, as in Lambda.
		defer func() { _ = streamed.Close() }()
		body, err := io.ReadAll(streamed.Body)
		if err != nil || string(body) != whole.Body || whole.StatusCode != http.StatusOK {
			t.Errorf("got %q, %v streamed; want 200 %q as buffered: %d", body, err, whole.Body, whole.StatusCode)
		}
	})
}
