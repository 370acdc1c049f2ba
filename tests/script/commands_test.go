package script_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/tests/document"
	"github.com/quintet-agents/quintet/tests/rig"
)

type stateKey struct{}

// state is the state that a script's commands share.
type state struct {
	rig    *rig.Rig
	org    string
	client *http.Client
	body   []byte // of the last answer
	status int    // of the last answer
	cookie string // set by the last answer
	items  map[string]string
	sent   chan delivered // requests to the script's receiver
	last   delivered      // the request that was printed last
}

func stateOf(ts *testscript.TestScript) *state { return ts.Value(stateKey{}).(*state) }

// call [-key KEY] [-from ADDRESS] [-header 'Name: value'] [-field NAME] [-fill N] METHOD PATH [BODY-FILE]
//
// sends a request, with $VARIABLES of the body replaced, and prints status, content type and body, with
// the values that differ from run to run replaced. $DEVICE is the known-device cookie that an answer
// set. -from is the client's address on this machine. -fill sends a body of N bytes, all in one field:
// content or the given one. Request and answer must conform to the OpenAPI document.
func call(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("call cannot be negated")
	}
	_, err := io.WriteString(ts.Stdout(), ask(ts, args))
	ts.Check(err)
}

func ask(ts *testscript.TestScript, args []string) string {
	key, header, field, fill := ts.Getenv("KEY"), http.Header{}, "content", 0
	client := stateOf(ts).client
	for len(args) > 1 && strings.HasPrefix(args[0], "-") {
		switch args[0] {
		case "-key":
			key = args[1]
		case "-from":
			client = clientFrom(args[1])
			defer client.CloseIdleConnections()
		case "-header":
			name, value, _ := strings.Cut(args[1], ": ")
			header.Add(name, value)
		case "-field":
			field = args[1]
		case "-fill":
			n, err := strconv.Atoi(args[1])
			ts.Check(err)
			fill = n
		default:
			ts.Fatalf("call has no option %s", args[0])
		}
		args = args[2:]
	}
	if len(args) < 2 {
		ts.Fatalf("usage: call [options] METHOD PATH [BODY-FILE]")
	}
	var body string
	switch {
	case fill > 0:
		before, after := `{"`+field+`":"`, `"}`
		body = before + strings.Repeat("x", fill-len(before)-len(after)) + after
	case len(args) == 3:
		body = os.Expand(strings.TrimSuffix(ts.ReadFile(args[2]), "\n"), ts.Getenv)
	}
	req, err := http.NewRequest(args[0], ts.Getenv("URL")+args[1], strings.NewReader(body))
	ts.Check(err)
	req.Header = header
	if key != "" && header.Get("Authorization") == "" && header.Get("X-Api-Key") == "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	s := stateOf(ts)
	res, err := client.Do(req)
	ts.Check(err)
	defer func() { _ = res.Body.Close() }()
	s.body, err = io.ReadAll(res.Body)
	ts.Check(err)
	s.status, s.cookie = res.StatusCode, ""
	if res.Header.Get("X-Request-Id") == "" {
		ts.Fatalf("got no X-Request-Id in the answer, want one")
	}
	api, err := document.Load()
	ts.Check(err)
	ts.Check(api.Check(document.Exchange{Request: req, Sent: []byte(body), Status: res.StatusCode, Header: res.Header, Body: s.body}))
	out := fmt.Sprintf("%d %s\n", res.StatusCode, res.Header.Get("Content-Type"))
	if after := res.Header.Get("Retry-After"); after != "" {
		out += "Retry-After: " + after + "\n"
	}
	if replayed := res.Header.Get("Idempotency-Replayed"); replayed != "" {
		out += "Idempotency-Replayed: " + replayed + "\n"
	}
	for _, name := range []string{"x-flow-balance", "x-flow-precharge"} {
		if value := res.Header.Get(name); value != "" {
			out += name + ": " + value + "\n"
		}
	}
	s.cookie = res.Header.Get("Set-Cookie")
	for _, cookie := range res.Header.Values("Set-Cookie") {
		if name, value, _ := strings.Cut(cookie, "="); strings.HasPrefix(name, "af_device_") {
			ts.Setenv("DEVICE", name+"="+strings.Split(value, ";")[0])
		}
		out += "Set-Cookie: " + steady(ts, cookie) + "\n"
	}
	if allowed := res.Header.Values("Access-Control-Allow-Origin"); len(allowed) > 0 && header.Get("Origin") != "" {
		out += "Access-Control-Allow-Origin: " + strings.Join(allowed, ", ") + "\n"
	}
	if res.Header.Get("Access-Control-Allow-Credentials") == "true" {
		out += "with credentials\n"
	}
	return out + steady(ts, string(s.body)) + "\n"
}

// clientFrom returns a client that connects from an address of this machine.
func clientFrom(address string) *http.Client {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
}

// capture VAR path.to.field sets a variable from the last answer's JSON. A
// number in the path is an index.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	var v any
	ts.Check(json.Unmarshal(stateOf(ts).body, &v))
	for step := range strings.SplitSeq(args[1], ".") {
		switch node := v.(type) {
		case map[string]any:
			v = node[step]
		case []any:
			i, err := strconv.Atoi(step)
			ts.Check(err)
			v = node[i]
		default:
			ts.Fatalf("got %[2]s, want a field %[1]s", args[1], stateOf(ts).body)
		}
	}
	ts.Setenv(args[0], fmt.Sprint(v))
}

// soon STATUS CALL-ARGUMENTS... repeats a call until its answer has that status, for at most 5 s, and
// prints the answer.
func soon(ts *testscript.TestScript, _ bool, args []string) {
	deadline := time.After(5 * time.Second)
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		answer := ask(ts, args[1:])
		s := stateOf(ts)
		if strconv.Itoa(s.status) == args[0] {
			_, err := io.WriteString(ts.Stdout(), answer)
			ts.Check(err)
			return
		}
		select {
		case <-deadline:
			ts.Fatalf("got %d after 5 s, want %s: %s", s.status, args[0], s.body)
		case <-again.C:
		}
	}
}

// until PATTERN CALL-ARGUMENTS... repeats a call until its answer matches, for at most 20 s, and prints
// the answer.
func until(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile(args[0])
	await(ts, func() (string, bool) {
		answer := ask(ts, args[1:])
		if !pattern.MatchString(answer) {
			return answer, false
		}
		_, err := io.WriteString(ts.Stdout(), answer)
		ts.Check(err)
		return answer, true
	})
}

// standing N waits until the script's org, whose account is in parts, is found below N bounds of its
// credits.
func standing(ts *testscript.TestScript, _ bool, args []string) {
	s := stateOf(ts)
	await(ts, func() (string, bool) {
		is, _, err := s.rig.Store.Standing(context.Background(), s.org)
		ts.Check(err)
		return fmt.Sprintf("%+v", is), is.Changes > 0 && strconv.Itoa(is.Below) == args[0]
	})
}

// await polls until a condition holds, for at most 20 s.
func await(ts *testscript.TestScript, look func() (seen string, right bool)) {
	deadline := time.After(20 * time.Second)
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		seen, right := look()
		if right {
			return
		}
		select {
		case <-deadline:
			ts.Fatalf("got %s after 20 s, want another answer", seen)
		case <-again.C:
		}
	}
}

// dated CALL-ARGUMENTS... makes a call and prints its answer. {today-N} in the arguments is the day N
// days ago, in UTC, and replaces that day in the answer.
func dated(ts *testscript.TestScript, _ bool, args []string) {
	for {
		today := time.Now().UTC().Truncate(24 * time.Hour)
		there, back := make([]string, 0, 2*daysBack), make([]string, 0, 2*daysBack)
		for n := range daysBack {
			name, day := fmt.Sprintf("{today-%d}", n), today.AddDate(0, 0, -n).Format(time.DateOnly)
			there, back = append(there, name, day), append(back, day, name)
		}
		named := make([]string, len(args))
		for i, arg := range args {
			named[i] = strings.NewReplacer(there...).Replace(arg)
		}
		answer := ask(ts, named)
		if now := time.Now().UTC(); now.Sub(today) >= 24*time.Hour {
			continue // a day ended between the request and the answer
		}
		_, err := io.WriteString(ts.Stdout(), strings.NewReplacer(back...).Replace(answer))
		ts.Check(err)
		return
	}
}

const daysBack = 40

// monthly CALL-ARGUMENTS... makes a call that a monthly limit refuses, and prints its answer. Its
// Retry-After must be the rest of the month.
func monthly(ts *testscript.TestScript, _ bool, args []string) {
	answer := ask(ts, args)
	year, month, _ := time.Now().UTC().Date()
	rest := time.Until(time.Date(year, month+1, 1, 0, 0, 0, 0, time.UTC))
	line := regexp.MustCompile(`Retry-After: ([0-9]+)`).FindStringSubmatch(answer)
	if line == nil {
		ts.Fatalf("got no Retry-After, want one: %s", answer)
	}
	seconds, err := strconv.Atoi(line[1])
	ts.Check(err)
	if late := time.Duration(seconds)*time.Second - rest; late < 0 || late > time.Minute {
		ts.Fatalf("got %s, want the rest of the month, %s", line[0], rest)
	}
	_, err = io.WriteString(ts.Stdout(), strings.Replace(answer, line[0], "Retry-After: <the month's rest>", 1))
	ts.Check(err)
}

// settle TIME MICRO-CREDITS [AGENT] stores a turn of the script's org that was settled at that time for
// that charge, over the channel "past".
func settle(ts *testscript.TestScript, _ bool, args []string) {
	s, agent := stateOf(ts), ts.Getenv("AGENT")
	at, err := time.Parse(time.RFC3339, args[0])
	ts.Check(err)
	charge, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	if len(args) > 2 {
		agent = args[2]
	}
	h, err := s.admit(at)
	ts.Check(err)
	_, err = s.rig.Store.Settle(context.Background(), &turn.Settlement{Hold: h, Thread: turn.ThreadChange{Start: true}, Turn: turn.Turn{
		ID: h.TurnID, OrgID: s.org, ThreadID: thread.NewID(agent), AgentID: agent, KeyID: keyOfPast, Channel: "past", Model: "scripted",
		Place: at.UnixMicro(), StartedAt: at, SettledAt: at, User: "hi", Assistant: "hello", Usage: model.Usage{Input: 3, Output: 4}, Charge: ledger.Credits(charge),
	}})
	ts.Check(err)
}

// keyOfPast is the key of the turns that settle stores.
const keyOfPast = "019b76da-a800-7000-8000-000000000002"

// hold opens a turn of the script's org that is never closed.
func hold(ts *testscript.TestScript, _ bool, _ []string) {
	_, err := stateOf(ts).admit(time.Now())
	ts.Check(err)
}

func (s *state) admit(at time.Time) (ledger.Hold, error) {
	return s.rig.Store.Admit(context.Background(), turn.Admission{OrgID: s.org, KeyID: keyOfPast, TurnID: turn.NewID(), At: at})
}

// token VAR sets a variable to the session token of the last answer's cookie.
func token(ts *testscript.TestScript, _ bool, args []string) {
	value, _, _ := strings.Cut(stateOf(ts).cookie, ";")
	value, ok := strings.CutPrefix(value, "af_session=")
	if !ok || value == "" {
		ts.Fatalf("got no session cookie in the last answer, want one")
	}
	ts.Setenv(args[0], value)
}

// password EMAIL PASSWORD sets a user's temporary password, as an invitation does.
func password(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(stateOf(ts).rig.Users.SetPassword(context.Background(), args[0], args[1], false))
}

// snapshot stores every item of the script's org; unchanged compares them.
func snapshot(ts *testscript.TestScript, _ bool, _ []string) {
	s := stateOf(ts)
	s.items = s.orgItems(ts)
}

func unchanged(ts *testscript.TestScript, _ bool, _ []string) {
	s := stateOf(ts)
	if d := cmp.Diff(s.items, s.orgItems(ts)); d != "" {
		ts.Fatalf("table since the snapshot (-want +got):\n%s", d)
	}
}

func (s *state) orgItems(ts *testscript.TestScript) map[string]string {
	items, err := s.rig.OrgItems(s.org)
	ts.Check(err)
	return items
}

// balance prints the script's org's account.
func balance(ts *testscript.TestScript, _ bool, _ []string) {
	s := stateOf(ts)
	account, err := s.rig.Store.Account(context.Background(), s.org)
	ts.Check(err)
	_, err = fmt.Fprintf(ts.Stdout(), "balance %d held %d open %d\n", account.Balance(), account.Held(), len(account.Open))
	ts.Check(err)
}
