// Package streaming_test reads a stream as a client would that nobody here
// wrote, and looks at when its events arrive.
package streaming_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/tmaxmax/go-sse"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) {
	defer rig.Clean()
	dynamotest.Main(m)
}

// Tokens arrive one by one, as the model makes them, through API Gateway's
// event, a Lambda process and its streamed response.
func TestTokensArriveOneByOne(t *testing.T) {
	const words, delay = 20, 100 * time.Millisecond
	r := rig.Start(t, ledger.Credit)
	res, err := r.Post(r.Thread(t), fmt.Sprintf("[[words %d]] [[delay %d]]", words, delay.Milliseconds()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("status %d", res.StatusCode)
	}
	var names []string
	var tokens []time.Time
	for event, err := range sse.Read(res.Body, nil) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, event.Type)
		if event.Type == "token" {
			tokens = append(tokens, time.Now())
		}
	}
	want := append(append([]string{"meta"}, slices.Repeat([]string{"token"}, words)...), "done")
	if !slices.Equal(names, want) {
		t.Fatalf("events %q", names)
	}
	var gaps []time.Duration
	for i := 1; i < len(tokens); i++ {
		gaps = append(gaps, tokens[i].Sub(tokens[i-1]))
	}
	t.Logf("gaps between tokens: %v", gaps)
	// Single gaps may stretch on a busy machine; the middle one may not, and
	// none vanishes as it would if tokens were held back.
	slices.Sort(gaps)
	if middle := gaps[len(gaps)/2]; middle < delay*8/10 || middle > delay*13/10 {
		t.Errorf("the gap between tokens is %s, want about %s", middle, delay)
	}
	if total := tokens[words-1].Sub(tokens[0]); total < (words-1)*delay*9/10 {
		t.Errorf("all tokens came within %s", total)
	}
}
