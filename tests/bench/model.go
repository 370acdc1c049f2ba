package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"time"

	"github.com/quintet-agents/quintet/shared/model/scripted"
)

// model is the local model, which records when it was asked and when it sent each token. A message
// names its journal: "[[words 32]] journal 7".
type model struct {
	server *httptest.Server

	mu       sync.Mutex
	journals map[string]*journal
}

// journal has the times of one answer in the model.
type journal struct {
	mu    sync.Mutex
	asked time.Time
	sent  []time.Time
}

func (j *journal) read() (asked time.Time, sent []time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.asked, j.sent
}

type journalKey struct{}

func openModel() *model {
	m := &model{journals: map[string]*journal{}}
	answer := scripted.Handler(scripted.Options{Wait: pace})
	m.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := time.Now()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if j := m.find(body); j != nil {
			j.mu.Lock()
			j.asked = asked
			j.mu.Unlock()
			r = r.WithContext(context.WithValue(r.Context(), journalKey{}, j))
		}
		answer.ServeHTTP(w, r)
	}))
	return m
}

// prompt returns a message that requests paced tokens, and its journal.
func (m *model) prompt(tokens int, delay time.Duration) (string, *journal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name, j := fmt.Sprint(len(m.journals)), &journal{}
	m.journals[name] = j
	return fmt.Sprintf("[[words %d]] [[delay %d]] journal %s", tokens, delay.Milliseconds(), name), j
}

var journalName = regexp.MustCompile(`journal ([0-9]+)`)

// find returns the journal that a request's last message names.
func (m *model) find(body []byte) *journal {
	names := journalName.FindAllSubmatch(body, -1)
	if names == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.journals[string(names[len(names)-1][1])]
}

// pace returns the model's delay before a token.
func pace(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
	case <-ctx.Done():
		return ctx.Err()
	}
	if j, ok := ctx.Value(journalKey{}).(*journal); ok {
		j.mu.Lock()
		j.sent = append(j.sent, time.Now())
		j.mu.Unlock()
	}
	return nil
}
