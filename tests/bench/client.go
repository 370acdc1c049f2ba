package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/local"
)

// arrivals are the times at which a client received the parts of an answer.
type arrivals struct {
	journal *journal
	began   time.Time
	at      []time.Time // of each token
	shared  int         // tokens that were read together with the previous one
}

// path is a way from a client to the model.
type path struct {
	name  string
	stage func(ctx context.Context) error                                 // before every batch; may be nil
	send  func(ctx context.Context, prompt string) (*http.Request, error) // of one message
	read  func(body io.Reader, a *arrivals) error
	pids  func() []int // of the processes in between; may be nil
}

// client keeps one connection for every concurrent stream.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// ask sends one message along a path and reads the whole answer.
func (p path) ask(ctx context.Context, prompt string, j *journal) (arrivals, error) {
	req, err := p.send(ctx, prompt)
	if err != nil {
		return arrivals{}, err
	}
	a := arrivals{journal: j, began: time.Now()}
	res, err := client.Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(res.Body)
		return a, fmt.Errorf("%s: got %s %s, want a 200", p.name, res.Status, text)
	}
	return a, p.read(res.Body, &a)
}

// directly returns the path of a client that calls the model itself.
func directly(model string) path {
	return path{
		name: "direct",
		send: func(ctx context.Context, prompt string) (*http.Request, error) {
			return http.NewRequestWithContext(ctx, http.MethodPost, model+conversePath, bytes.NewReader(converse(prompt)))
		},
		read: func(body io.Reader, a *arrivals) error {
			return deltas(body, func(string) { a.at = append(a.at, time.Now()) })
		},
	}
}

// relayed returns the path through the relay.
func (s *stand) relayed() path {
	return path{
		name: "relay",
		send: func(ctx context.Context, prompt string) (*http.Request, error) {
			return http.NewRequestWithContext(ctx, http.MethodPost, s.relay.url, strings.NewReader(prompt))
		},
		read: readEvents,
		pids: func() []int { return []int{s.relay.pid} },
	}
}

// relayedByFunction returns the path through the local API Gateway and Lambda to a function that
// only relays.
func (s *stand) relayedByFunction() path {
	return path{
		name: "relay as a function",
		send: func(ctx context.Context, prompt string) (*http.Request, error) {
			return http.NewRequestWithContext(ctx, http.MethodPost, messagesURL(s.bare, "none"), strings.NewReader(prompt))
		},
		read: readEvents,
		pids: func() []int { return s.bare.Processes(chat) },
	}
}

// through returns the path through a runner's functions; thread returns the id of the
// next message's thread.
func (s *stand) through(name string, runner *local.Runner, thread func(context.Context) (string, error)) path {
	return path{
		name: name,
		send: func(ctx context.Context, prompt string) (*http.Request, error) {
			id, err := thread(ctx)
			if err != nil {
				return nil, err
			}
			body, err := json.Marshal(map[string]string{"content": prompt})
			if err != nil {
				return nil, err
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, messagesURL(runner, id), bytes.NewReader(body))
			if err != nil {
				return nil, err
			}
			req.Header.Set("Authorization", "Bearer "+s.key)
			return req, nil
		},
		read: readEvents,
		pids: func() []int { return runner.Processes(chat) },
	}
}

// starting returns the path of a chat without a thread: its turn starts one.
func (s *stand) starting() path {
	return path{
		name: "a chat without a thread",
		send: func(ctx context.Context, prompt string) (*http.Request, error) {
			body, err := json.Marshal(map[string]any{"messages": []map[string]string{{"role": "user", "content": prompt}}})
			if err != nil {
				return nil, err
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.runner.URL()+"/api/agents/"+s.agent.ID+"/chat", bytes.NewReader(body))
			if err != nil {
				return nil, err
			}
			req.Header.Set("Authorization", "Bearer "+s.key)
			return req, nil
		},
		read: func(body io.Reader, _ *arrivals) error {
			_, err := io.Copy(io.Discard, body)
			return err
		},
	}
}

// once returns the same path with a new idempotency key for each message.
func (p path) once() path {
	send := p.send
	p.send = func(ctx context.Context, prompt string) (*http.Request, error) {
		req, err := send(ctx, prompt)
		if err == nil {
			req.Header.Set("Idempotency-Key", rand.Text())
		}
		return req, err
	}
	return p
}

// readEvents records when each token event is complete.
func readEvents(body io.Reader, a *arrivals) error {
	counted := &reads{Reader: body}
	lines := bufio.NewScanner(counted)
	event, last := "", 0
	for lines.Scan() {
		switch name, value, _ := strings.Cut(lines.Text(), ": "); {
		case name == "event":
			event = value
		case name == "data" && event == "error":
			return fmt.Errorf("the stream failed: %s", value)
		case lines.Text() == "":
			if event == "token" {
				a.at = append(a.at, time.Now())
				if last == counted.n {
					a.shared++
				}
				last = counted.n
			}
			event = ""
		}
	}
	return lines.Err()
}

// reads counts the reads that returned data.
type reads struct {
	io.Reader
	n int
}

func (r *reads) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if n > 0 {
		r.n++
	}
	return n, err
}
