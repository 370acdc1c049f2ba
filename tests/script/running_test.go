package script_test

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// running VAR waits until one turn of the org runs and has published its progress, and sets a variable
// to its id.
func running(ts *testscript.TestScript, _ bool, args []string) {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		req, err := http.NewRequest(http.MethodGet, ts.Getenv("URL")+"/api/v1/turns?status=running", nil)
		ts.Check(err)
		req.Header.Set("Authorization", "Bearer "+ts.Getenv("KEY"))
		res, err := stateOf(ts).client.Do(req)
		ts.Check(err)
		var page struct {
			Data []struct {
				ID   string
				AsOf *string `json:"as_of"`
			}
		}
		ts.Check(json.NewDecoder(res.Body).Decode(&page))
		ts.Check(res.Body.Close())
		if len(page.Data) == 1 && page.Data[0].AsOf != nil {
			ts.Setenv(args[0], page.Data[0].ID)
			return
		}
	}
	ts.Fatalf("got no running turn with its progress within 30 s, want one")
}
