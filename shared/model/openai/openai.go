// Package openai is a model.Provider for any endpoint with OpenAI's chat completions:
// OpenAI itself, Ollama, vLLM, llama.cpp and many gateways.
//
// Few of them follow OpenAI's API to the letter. So the package reads answers
// leniently: the same code reads streamed and non-streamed answers (answer.go), and one
// function classifies all failures (judge.go). When an endpoint refuses a part of a
// request, the package leaves it out and remembers that for the model (dialect.go).
package openai

import (
	"cmp"
	"context"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/apikey"
	"github.com/quintet-agents/quintet/shared/model/watch"
	"github.com/quintet-agents/quintet/shared/recall"
)

// Provider calls the models of one endpoint.
type Provider struct {
	base   string
	key    *apikey.Key
	client *http.Client
	limits watch.Limits

	dialects recall.Memory[dialect] // by model
}

var _ model.Provider = (*Provider)(nil)

// New returns a provider for the endpoint at baseURL, which includes the API's version
// (http://127.0.0.1:11434/v1). httpClient should have no overall timeout, which would cut long
// streams; limits bound the times in which the endpoint sends nothing.
//
// A request is retried at most twice, and never after its answer has begun. If the endpoint
// refuses the key, the request is retried once with another key, if there is one.
func New(baseURL string, key *apikey.Key, httpClient *http.Client, limits watch.Limits) *Provider {
	client := *httpClient
	if client.CheckRedirect == nil {
		client.CheckRedirect = sameMethod
	}
	return &Provider{base: baseURL, key: key, client: &client, limits: limits}
}

// endpoint returns the URL of chat completions. It keeps the query of the base URL.
func (p *Provider) endpoint() (*url.URL, error) {
	base, err := url.Parse(p.base)
	if err != nil {
		return nil, err
	}
	return base.JoinPath("chat/completions"), nil
}

// Converse implements model.Provider.
func (p *Provider) Converse(ctx context.Context, req model.Request) (model.Reply, error) {
	call := p.limits.Whole(ctx)
	defer call.End()
	var (
		reply model.Reply
		text  strings.Builder
	)
	for event, err := range p.ask(call, req, false) {
		if err != nil {
			return model.Reply{Text: text.String()}, err
		}
		switch e := event.(type) {
		case model.TextDelta:
			text.WriteString(string(e))
		case model.ToolCall:
			reply.ToolCalls = append(reply.ToolCalls, e)
		case model.Finished:
			reply.Stop, reply.Usage = e.Stop, e.Usage
		}
	}
	reply.Text = text.String()
	return reply, nil
}

// Stream implements model.Provider.
func (p *Provider) Stream(ctx context.Context, req model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		call := p.limits.Stream(ctx)
		defer call.End()
		p.ask(call, req, true)(yield)
	}
}

// ask sends the request. If the endpoint refuses its form or its key, ask retries it in another
// form or with another key, as long as no answer has begun.
func (p *Provider) ask(call *watch.Call, req model.Request, stream bool) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		if err := imageLimits.Check(req.Messages); err != nil {
			yield(nil, err)
			return
		}
		key, err := p.key.Value(call.Context())
		if err != nil {
			yield(nil, cmp.Or(call.Failure(err), keyless(err)))
			return
		}
		f := form{dialect: p.dialects.Of(req.Model), key: key}
		for {
			answered := false
			err := p.attempt(call, f, req, stream, func(e model.Event) bool {
				answered = true
				return yield(e, nil)
			})
			problem := problemOf(err)
			if problem != nil {
				problem.cause = withoutKey(problem.cause, f.key)
			}
			if failure := call.Failure(err); err != nil && failure != nil {
				yield(nil, failure)
				return
			}
			if problem == nil {
				p.dialects.Learn(req.Model, f.dialect)
				return
			}
			next, ok := p.another(call, f, req, problem)
			if ok && !answered {
				f = next
				continue
			}
			yield(nil, cmp.Or(call.Failure(err), problem.fault(req)))
			return
		}
	}
}

// form is the form of a request: its dialect and its key.
type form struct {
	dialect dialect
	key     string
	renewed bool // the key was renewed during this call
}

// another returns the form for a retry after a refusal, and false if there is none. It renews a
// refused key even after the answer has begun: this call cannot be retried then, but later calls
// use the new key.
func (p *Provider) another(call *watch.Call, f form, req model.Request, refused *problem) (form, bool) {
	if next, ok := f.dialect.without(refused, req); ok {
		f.dialect = next
		return f, true
	}
	if f.renewed {
		return f, false
	}
	f.key, f.renewed = p.renew(call, f.key, refused)
	return f, f.renewed
}

// attempt sends the request once and emits the events of the answer. It returns no error if the
// consumer stops early.
func (p *Provider) attempt(call *watch.Call, f form, req model.Request, stream bool, emit func(model.Event) bool) error {
	ctx, cancel := context.WithCancel(call.Context())
	defer cancel()
	response, err := p.send(ctx, call, f.key, f.dialect.body(req, stream), stream)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode < 200 || response.StatusCode >= 300 {
		return refusal(response)
	}
	if err := read(call, response, emit); err != nil {
		return err
	}
	// A connection can be reused only if its response was read to the end, so read the
	// small rest too.
	timer := time.AfterFunc(drainTime, cancel)
	defer timer.Stop()
	_, _ = io.CopyN(io.Discard, response.Body, drainSize)
	return nil
}

const (
	drainTime = 20 * time.Millisecond
	drainSize = 4 << 10
)
