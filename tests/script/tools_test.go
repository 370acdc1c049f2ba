package script_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/rogpeppe/go-internal/testscript"
)

// logged TEXT fails unless the functions have logged a text; ! logged TEXT fails if they have.
func logged(ts *testscript.TestScript, not bool, args []string) {
	if got := stateOf(ts).rig.Logged(args[0]); got == not {
		ts.Fatalf("%s in the functions' logs: got %t, want %t", args[0], got, !not)
	}
}

// toolServer VAR starts a server for tools and sets a variable to its URL. It repeats the
// header X-Key in its answers.
func toolServer(ts *testscript.TestScript, _ bool, args []string) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hours/{day}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"day":%q,"opens":"09:00","key":%q}`, r.PathValue("day"), r.Header.Get("X-Key"))
	})
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		signed := r.Header.Get("Webhook-Signature") != "" && r.Header.Get("Webhook-Id") == r.Header.Get("Idempotency-Key")
		_, _ = fmt.Fprintf(w, `{"order":%s,"signed":%t,"blocks":[{"type":"card","title":"Ordered"}]}`, body, signed)
	})
	mux.HandleFunc("DELETE /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "no order "+r.PathValue("id")+" for "+r.Header.Get("X-Key"), http.StatusNotFound)
	})
	server := httptest.NewServer(mux)
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
}
