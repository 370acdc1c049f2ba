package peers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/quintet-agents/quintet/tests/rig"
)

// streamed are the surfaces that stream, with their requests.
var streamed = []struct {
	name string
	ask  func(t *testing.T, r *rig.Rig, text string) (path string, body any)
}{
	{"flapjack", func(t *testing.T, r *rig.Rig, text string) (string, any) {
		return "/api/threads/" + r.Thread(t) + "/messages", map[string]any{"content": text}
	}},
	{"agentflow", func(t *testing.T, r *rig.Rig, text string) (string, any) {
		return "/agents/" + r.Agent.Slug + "/chat", map[string]any{"text": text, "thread_id": r.Thread(t)}
	}},
	{"flexyagents", func(_ *testing.T, r *rig.Rig, text string) (string, any) {
		return "/api/agents/" + r.Agent.ID + "/chat", map[string]any{"messages": []any{map[string]any{"role": "user", "content": text}}, "stream": true}
	}},
}

// turns are messages that produce all kinds of events.
var turns = []struct{ name, text string }{
	// It has characters that some readers mistake for the end of a line or an event.
	{"unicode", "grüße 👩‍👩‍👧 e\u0301 🇩🇪 שלום \u202eabc\u202c a\u2028b\u2029c\u0085d \ufeff \v\f\x1c \r\n\r\n data: x 𝒳"},
	{"tool", `[[tool weather {"city":"Zürich\n"}]]`},
	{"broken", "[[break 2]] [[words 5]]"},
	{"silent", "[[words 1]] [[delay 8500]]"}, // more than twice the longest silence of a stream
	{"long", "[[words 100]]"},
}

// beats are the heartbeats of streams: a comment, or a blank before a line.
var beats = map[string]string{eventStream: "\n: ", ndjson: "\n "}

const (
	eventStream = "text/event-stream"
	ndjson      = "application/x-ndjson"
)

// recording is a stream as it was sent, and its events.
type recording struct {
	Name   string  `json:"name"`
	Media  string  `json:"media"`
	Body   []byte  `json:"body"`
	Cuts   [][]int `json:"cuts"`   // ways to cut the body, each by its places
	Events []event `json:"events"` // the expected events of every reader, for every cut
}

// event is a server-sent event, or a line, which has no name.
type event struct {
	Name string `json:"name"`
	Data string `json:"data"`
}

// record records all turns over all surfaces. It returns at once; the returned function waits for
// the recordings.
func record(t *testing.T, r *rig.Rig) func() []recording {
	t.Helper()
	var (
		all    = make([]recording, 0, len(streamed)*len(turns))
		errs   = make([]error, cap(all))
		waiter sync.WaitGroup
	)
	for _, s := range streamed {
		for _, turn := range turns {
			path, body := s.ask(t, r, turn.text)
			i := len(all)
			all = append(all, recording{Name: s.name + " " + turn.name})
			waiter.Go(func() { errs[i] = all[i].record(r, path, body) })
		}
	}
	t.Cleanup(waiter.Wait)
	return func() []recording {
		waiter.Wait()
		for i := range all {
			if errs[i] != nil {
				t.Fatalf("%s: %v", all[i].Name, errs[i])
			}
			if strings.HasSuffix(all[i].Name, "silent") && !bytes.Contains(all[i].Body, []byte(beats[all[i].Media])) {
				t.Errorf("%s: got no heartbeat, want some: %q", all[i].Name, all[i].Body)
			}
		}
		return all
	}
}

func (c *recording) record(r *rig.Rig, path string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, r.Runner.URL()+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+r.Key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if c.Body, err = io.ReadAll(res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("got status %d: %s, want 200", res.StatusCode, c.Body)
	}
	c.Media, _, _ = strings.Cut(res.Header.Get("Content-Type"), ";")
	c.Cuts = cuts(len(c.Body))
	return nil
}

// A longer stream is cut in two at each of its first places, and at random other places.
// EVERY_BYTE, which `make test-peers` sets, cuts it at every place.
const short, first, byChance = 400, 200, 25

// cuts returns ways to cut a body of n bytes: in two at each place, into single bytes, and into
// random pieces.
func cuts(n int) [][]int {
	inTwo := n
	if n > short && os.Getenv("EVERY_BYTE") == "" {
		inTwo = first
	}
	chance := rand.New(rand.NewPCG(uint64(n), 0))
	var ways [][]int
	for place := 1; place < inTwo; place++ {
		ways = append(ways, []int{place})
	}
	var bytes []int
	for place := 1; place < n; place++ {
		bytes = append(bytes, place)
	}
	ways = append(ways, bytes)
	for range byChance {
		if inTwo < n {
			ways = append(ways, []int{inTwo + chance.IntN(n-inTwo)})
		}
		var pieces []int
		for place := 1 + chance.IntN(40); place < n; place += 1 + chance.IntN(40) {
			pieces = append(pieces, place)
		}
		ways = append(ways, pieces)
	}
	return ways
}
