// Package modeltest tests the contract of model.Provider. Every provider's tests call
// Exercise.
package modeltest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

// Wait waits for a [[delay]] of the scripted model behind a provider.
type Wait func(ctx context.Context, d time.Duration) error

// Open returns a provider that does not retry. Its model obeys the directives of
// package scripted and uses wait for delays. Open registers t.Cleanup functions, which
// also close idle connections.
type Open func(t *testing.T, wait Wait) model.Provider

// Exercise checks a provider against the contract of model.Provider.
func Exercise(t *testing.T, open Open) {
	t.Run("answers", func(t *testing.T) { answers(t, open(t, noWait)) })
	t.Run("conversations", func(t *testing.T) { conversations(t, open(t, noWait)) })
	t.Run("tools", func(t *testing.T) { tools(t, open(t, noWait)) })
	t.Run("images", func(t *testing.T) { images(t, open(t, noWait)) })
	t.Run("faults", func(t *testing.T) { faults(t, open(t, noWait)) })
	t.Run("break", func(t *testing.T) { breaks(t, open(t, noWait)) })
	t.Run("any text", func(t *testing.T) { anyText(t, open(t, noWait)) })
	t.Run("delay", func(t *testing.T) { delays(t, open) })
	t.Run("cancellation", func(t *testing.T) { cancellation(t, open) })
	t.Run("early exit", func(t *testing.T) { earlyExit(t, open) })
}

// Ask returns a request with one user message.
func Ask(text string) model.Request {
	return model.Request{Model: "local", Messages: []model.Message{{Role: model.User, Text: text}}, MaxTokens: 1000}
}

// Collect reads a stream to its end. It returns the events and the error, if any.
func Collect(ctx context.Context, p model.Provider, req model.Request) ([]model.Event, error) {
	var events []model.Event
	for e, err := range p.Stream(ctx, req) {
		if err != nil {
			return events, err
		}
		events = append(events, e)
	}
	return events, nil
}

// Join returns the Reply of a complete stream. It fails the test if the events are not
// in the contract's order.
func Join(t testing.TB, events []model.Event) model.Reply {
	t.Helper()
	var reply model.Reply
	if len(events) < 2 {
		t.Fatalf("got events %v, want at least Opened and Finished", events)
	}
	for i, event := range events {
		switch e := event.(type) {
		case model.Opened:
			if i != 0 {
				t.Fatalf("got Opened as event %d of %v, want it first", i, events)
			}
		case model.TextDelta:
			if e == "" {
				t.Fatalf("event %d: got an empty delta", i)
			}
			reply.Text += string(e)
		case model.ToolCall:
			reply.ToolCalls = append(reply.ToolCalls, e)
		case model.Finished:
			if i != len(events)-1 {
				t.Fatalf("got Finished as event %d of %v, want it last", i, events)
			}
			reply.Stop, reply.Usage = e.Stop, e.Usage
		}
	}
	if _, ok := events[0].(model.Opened); !ok {
		t.Fatalf("first event: got %T, want Opened", events[0])
	}
	if _, ok := events[len(events)-1].(model.Finished); !ok {
		t.Fatalf("last event: got %T, want Finished", events[len(events)-1])
	}
	return reply
}

// both calls Converse and Stream, checks that their answers are equal, and returns the
// answer.
func both(t testing.TB, p model.Provider, req model.Request) model.Reply {
	t.Helper()
	whole, err := p.Converse(t.Context(), req)
	if err != nil {
		t.Fatalf("Converse: %v", err)
	}
	events, err := Collect(t.Context(), p, req)
	if err != nil {
		t.Fatalf("Stream: %v", err)
	}
	if diff := cmp.Diff(whole, Join(t, events), cmpopts.EquateEmpty(), sameJSON); diff != "" {
		t.Fatalf("Converse and Stream differ (-converse +stream):\n%s", diff)
	}
	return whole
}

var sameJSON = cmp.Transformer("JSON", func(raw json.RawMessage) any {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return string(raw)
	}
	return v
})

func noWait(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func answers(t *testing.T, p model.Provider) {
	limited := Ask("[[words 5]]")
	limited.MaxTokens = 3
	instructed := Ask("[[system]]")
	instructed.System = "Be brief.\nBe  kind. "
	for _, tc := range []struct {
		name string
		req  model.Request
		want model.Reply
	}{
		{"echo", Ask("hello  there\n"), model.Reply{Text: "You said: hello  there\n", Stop: model.StopEnd, Usage: &model.Usage{Input: 2, Output: 4}}},
		{"words", Ask("[[words 3]]"), model.Reply{Text: "w1 w2 w3", Stop: model.StopEnd, Usage: &model.Usage{Input: 2, Output: 3}}},
		{"nothing", Ask("[[words 0]]"), model.Reply{Stop: model.StopEnd, Usage: &model.Usage{Input: 2}}},
		{"system", instructed, model.Reply{Text: "Be brief.\nBe  kind. ", Stop: model.StopEnd, Usage: &model.Usage{Input: 5, Output: 4}}},
		{"limit", limited, model.Reply{Text: "w1 w2 w3", Stop: model.StopLength, Usage: &model.Usage{Input: 2, Output: 3}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, both(t, p, tc.req)); diff != "" {
				t.Errorf("reply (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a word a delta", func(t *testing.T) {
		events, err := Collect(t.Context(), p, Ask("[[words 2]]"))
		if err != nil {
			t.Fatal(err)
		}
		want := []model.Event{
			model.Opened{},
			model.TextDelta("w1"), model.TextDelta(" w2"),
			model.Finished{Stop: model.StopEnd, Usage: &model.Usage{Input: 2, Output: 2}},
		}
		if diff := cmp.Diff(want, events); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// conversations checks that providers accept every form that a history can have.
func conversations(t *testing.T, p model.Provider) {
	user := func(text string) model.Message { return model.Message{Role: model.User, Text: text} }
	assistant := func(text string) model.Message { return model.Message{Role: model.Assistant, Text: text} }
	for _, tc := range []struct {
		name     string
		messages []model.Message
		want     string
	}{
		{"a history", []model.Message{user("one"), assistant("1"), user("two"), assistant("2"), user("[[recall]]")}, "one | two"},
		{"no answer", []model.Message{user("one"), user("two"), user("[[recall]]")}, "one | two"},
		{"the assistant first", []model.Message{assistant("Hello!"), user("one"), assistant("1"), user("[[recall]]")}, "one"},
		{"the assistant twice", []model.Message{user("one"), assistant("1"), assistant("2"), user("[[recall]]")}, "one"},
		{"an empty answer", []model.Message{user("one"), assistant(""), user("two"), assistant(" \n"), user("[[recall]]")}, "one | two"},
		{"nothing to recall", []model.Message{user("[[recall]]")}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			reply := both(t, p, model.Request{Model: "local", Messages: tc.messages, MaxTokens: 100})
			if reply.Text != tc.want {
				t.Errorf("text = %q, want %q", reply.Text, tc.want)
			}
		})
	}
}

func tools(t *testing.T, p model.Provider) {
	schema := json.RawMessage(`{"type":"object","properties":{"city":{"type":"string"}}}`)
	offered := []model.Tool{{Name: "weather", Description: "Tells the weather", Schema: schema}, {Name: "clock"}}
	round := func(t *testing.T, text string, results ...model.ToolResult) (model.Reply, model.Request) {
		req := Ask(text)
		req.Tools = offered
		reply := both(t, p, req)
		if reply.Stop != model.StopTools || len(reply.ToolCalls) != len(results) {
			t.Fatalf("got %+v, want %d calls", reply, len(results))
		}
		for i := range results {
			results[i].CallID = reply.ToolCalls[i].ID
		}
		req.Messages = append(req.Messages,
			model.Message{Role: model.Assistant, Text: reply.Text, ToolCalls: reply.ToolCalls},
			model.Message{Role: model.User, ToolResults: results})
		return reply, req
	}

	t.Run("call and result", func(t *testing.T) {
		reply, next := round(t, `[[tool weather {"city": "Zürich", "deep": {"list": [[1, 2.50], ["]]"]], "big": 12345678901234567890}}]]`,
			model.ToolResult{Text: "7 °C\n[[fail]]"})
		want := []model.ToolCall{{Name: "weather", Input: json.RawMessage(`{"city":"Zürich","deep":{"list":[[1,2.50],["]]"]],"big":12345678901234567890}}`)}}
		if diff := cmp.Diff(want, reply.ToolCalls, cmpopts.IgnoreFields(model.ToolCall{}, "ID"), sameJSON); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		if !strings.Contains(string(reply.ToolCalls[0].Input), "12345678901234567890") {
			t.Errorf("got input %s, want all digits of its number", reply.ToolCalls[0].Input)
		}
		if got, want := both(t, p, next).Text, "Tool weather said: 7 °C\n[[fail]]"; got != want {
			t.Errorf("text = %q, want %q", got, want)
		}
	})
	t.Run("no input, no result", func(t *testing.T) {
		reply, next := round(t, "[[tool clock]]", model.ToolResult{Failed: true})
		if got := string(reply.ToolCalls[0].Input); got != "{}" {
			t.Errorf("input = %s, want {}", got)
		}
		if got, want := both(t, p, next).Text, "Tool clock said: "; got != want {
			t.Errorf("text = %q, want %q", got, want)
		}
	})
	t.Run("text and two calls", func(t *testing.T) {
		reply, next := round(t, `[[words 2]] [[tool clock {}]] [[tool weather {"city":"Oslo"}]]`,
			model.ToolResult{Text: "noon"}, model.ToolResult{Text: "rain"})
		if reply.Text != "w1 w2" || reply.ToolCalls[0].ID == reply.ToolCalls[1].ID {
			t.Errorf("got %+v, want the text w1 w2 and two ids", reply)
		}
		if got, want := both(t, p, next).Text, "Tool clock said: noon\nTool weather said: rain"; got != want {
			t.Errorf("text = %q, want %q", got, want)
		}
	})
	t.Run("the last round offers no tools", func(t *testing.T) {
		_, next := round(t, `[[tool weather {"city":"Oslo"}]]`, model.ToolResult{Text: "rain"})
		next.Tools = nil
		if got, want := both(t, p, next).Text, "Tool weather said: rain"; got != want {
			t.Errorf("text = %q, want %q", got, want)
		}
	})
	t.Run("a tool round in the history", func(t *testing.T) {
		_, next := round(t, `[[tool weather {"city":"Oslo"}]]`, model.ToolResult{Text: "rain"})
		next.Messages = append(next.Messages,
			model.Message{Role: model.Assistant, Text: "It rains."},
			model.Message{Role: model.User, Text: "[[recall]]"})
		if got, want := both(t, p, next).Text, `[[tool weather {"city":"Oslo"}]]`; got != want {
			t.Errorf("text = %q, want %q", got, want)
		}
	})
	t.Run("a call without its result", func(t *testing.T) {
		_, next := round(t, `[[tool weather {"city":"Oslo"}]]`, model.ToolResult{Text: "rain"})
		next.Messages[2] = model.Message{Role: model.User, Text: "well?"}
		if got, want := both(t, p, next).Text, "You said: well?"; got != want {
			t.Errorf("text = %q, want %q", got, want)
		}
	})
	t.Run("a result without a reply", func(t *testing.T) {
		_, next := round(t, `[[tool weather {"city":"Oslo"}]]`, model.ToolResult{Text: "rain"})
		next.Messages = append(next.Messages, model.Message{Role: model.User, Text: "well?"})
		if got, want := both(t, p, next).Text, "You said: well?"; got != want {
			t.Errorf("text = %q, want %q", got, want)
		}
	})
	t.Run("a result without its call", func(t *testing.T) {
		_, next := round(t, `[[tool weather {"city":"Oslo"}]]`, model.ToolResult{Text: "rain"})
		next.Messages = append(next.Messages[2:], model.Message{Role: model.User, Text: "well?"})
		if got, want := both(t, p, next).Text, "You said: well?"; got != want {
			t.Errorf("text = %q, want %q", got, want)
		}
	})
	t.Run("a call beyond the limit", func(t *testing.T) {
		req := Ask(`[[tool weather {"city":"Oslo"}]]`)
		req.Tools, req.MaxTokens = offered, 1
		if reply := both(t, p, req); reply.Stop != model.StopLength || len(reply.ToolCalls) > 0 {
			t.Errorf("got %+v, want StopLength and no call", reply)
		}
	})
}

func faults(t *testing.T, p model.Provider) {
	for directive, want := range map[string]fault.Code{
		"[[throttle]]": fault.ModelUnavailable,
		"[[nomodel]]":  fault.ModelRefused,
		"[[fail]]":     fault.Internal,
	} {
		t.Run(directive, func(t *testing.T) {
			_, err := p.Converse(t.Context(), Ask(directive))
			check(t, err, want)
			events, err := Collect(t.Context(), p, Ask(directive))
			check(t, err, want)
			if len(events) > 0 {
				t.Errorf("got events %v before the error, want none", events)
			}
		})
	}
}

// check checks that err is a *fault.Error with the given code.
func check(t *testing.T, err error, want fault.Code) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Fatalf("got error %v (%T), want a *fault.Error", err, err)
	}
	if f.Code != want {
		t.Errorf("got error %v, want code %s", err, want)
	}
	if (f.Code == fault.ModelUnavailable) != (f.RetryAfter > 0) {
		t.Errorf("got RetryAfter %v with code %s, want one only with %s", f.RetryAfter, f.Code, fault.ModelUnavailable)
	}
	if f.Message == "" || f.Err == nil {
		t.Errorf("got error %+v, want a message and a cause", f)
	}
}

// checkEnded checks that err is Internal and wraps the error of the ended context. A
// context's timeout must not be reported as an unavailable model.
func checkEnded(t *testing.T, err, want error) {
	t.Helper()
	check(t, err, fault.Internal)
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want it to wrap %v", err, want)
	}
}

func breaks(t *testing.T, p model.Provider) {
	for _, tc := range []struct {
		text string
		want []model.Event
	}{
		{"[[words 5]] [[break 2]]", []model.Event{model.Opened{}, model.TextDelta("w1"), model.TextDelta(" w2")}},
		{"[[break 3]] hello there", []model.Event{model.Opened{}, model.TextDelta("You"), model.TextDelta(" said:"), model.TextDelta(" hello")}},
		{"[[break 0]]", []model.Event{model.Opened{}}},
	} {
		t.Run(tc.text, func(t *testing.T) {
			events, err := Collect(t.Context(), p, Ask(tc.text))
			check(t, err, fault.Internal)
			if diff := cmp.Diff(tc.want, events); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			_, err = p.Converse(t.Context(), Ask(tc.text))
			check(t, err, fault.Internal)
		})
	}
}

func anyText(t *testing.T, p model.Provider) {
	// Texts that code easily cuts or reorders, and arbitrary ones.
	pieces := rapid.OneOf(
		rapid.SampledFrom([]string{"👩‍👩‍👧‍👦", "🇨🇭", "👍🏽", "e\u0301", "Z\u0351\u036b", "שלום", "مرحبا", "\u202eabc\u202c", "ไทย", "日本語", "\u2028", "\u00a0", "<&>", "\"\\", "]]", "\ufeff"}),
		rapid.StringN(0, 5, -1),
	)
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(pieces, 0, 12).Draw(rt, "pieces"), rapid.SampledFrom([]string{"", " ", "\n"}).Draw(rt, "between"))
		if strings.TrimSpace(text) == "" {
			text = "·" // callers refuse a blank message
		}
		req := Ask(text)
		whole, err := p.Converse(t.Context(), req)
		if err != nil {
			rt.Fatalf("Converse(%q): %v", text, err)
		}
		events, err := Collect(t.Context(), p, req)
		if err != nil {
			rt.Fatalf("Stream(%q): %v", text, err)
		}
		if diff := cmp.Diff(whole, Join(t, events)); diff != "" {
			rt.Fatalf("Converse and Stream differ for %q:\n%s", text, diff)
		}
		if want := "You said: " + text; !strings.Contains(text, "[[") && whole.Text != want {
			rt.Fatalf("text = %q, want %q", whole.Text, want)
		}
	})
}

func delays(t *testing.T, open Open) {
	waits := make(chan time.Duration, 10)
	p := open(t, func(ctx context.Context, d time.Duration) error {
		waits <- d
		return ctx.Err()
	})
	if _, err := Collect(t.Context(), p, Ask("[[words 3]] [[delay 40]]")); err != nil {
		t.Fatal(err)
	}
	close(waits)
	n := 0
	for d := range waits {
		if d != 40*time.Millisecond {
			t.Errorf("got a wait of %v, want 40ms", d)
		}
		n++
	}
	if n != 3 {
		t.Errorf("got %d waits, want one before each of 3 deltas", n)
	}
}

// holdAfter returns a Wait that returns at once for n delays and blocks each later one
// until its request ends.
func holdAfter(n int) Wait {
	passes := make(chan struct{}, n)
	for range n {
		passes <- struct{}{}
	}
	return func(ctx context.Context, _ time.Duration) error {
		select {
		case <-passes:
			return ctx.Err()
		default:
		}
		<-ctx.Done()
		return ctx.Err()
	}
}

// leakFree fails the test if goroutines are left after its cleanup.
func leakFree(t *testing.T) {
	already := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, already) })
}

func cancellation(t *testing.T, open Open) {
	t.Run("in mid-stream", func(t *testing.T) {
		leakFree(t)
		p := open(t, holdAfter(2))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var text string
		var failure error
		for e, err := range p.Stream(ctx, Ask("[[words 5]] [[delay 1]]")) {
			if err != nil {
				failure = err
				break
			}
			if d, ok := e.(model.TextDelta); ok {
				if text += string(d); text == "w1 w2" {
					cancel()
				}
			}
		}
		if text != "w1 w2" {
			t.Errorf("got text %q, want %q", text, "w1 w2")
		}
		checkEnded(t, failure, context.Canceled)
	})
	t.Run("in one piece", func(t *testing.T) {
		leakFree(t)
		ctx, cancel := context.WithCancel(t.Context())
		p := open(t, func(server context.Context, _ time.Duration) error {
			cancel()
			<-server.Done()
			return server.Err()
		})
		_, err := p.Converse(ctx, Ask("[[words 5]] [[delay 1]]"))
		checkEnded(t, err, context.Canceled)
	})
	t.Run("beforehand", func(t *testing.T) {
		leakFree(t)
		p := open(t, noWait)
		ctx, cancel := context.WithTimeout(t.Context(), 0)
		defer cancel()
		_, err := Collect(ctx, p, Ask("hello"))
		checkEnded(t, err, context.DeadlineExceeded)
		_, err = p.Converse(ctx, Ask("hello"))
		checkEnded(t, err, context.DeadlineExceeded)
	})
}

// earlyExit stops reading a stream and waits until the model notices. The context is
// still alive, so the provider must close the connection.
func earlyExit(t *testing.T, open Open) {
	leakFree(t)
	first, gone := true, make(chan struct{})
	p := open(t, func(ctx context.Context, _ time.Duration) error {
		if first {
			first = false
			return nil
		}
		<-ctx.Done()
		close(gone)
		return ctx.Err()
	})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel) // ends the request if the test fails
	for e, err := range p.Stream(ctx, Ask("[[words 5]] [[delay 1]]")) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := e.(model.TextDelta); ok {
			break
		}
	}
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Fatal("got an open connection, want the provider to close it")
	}
}
