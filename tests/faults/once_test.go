package faults_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

const (
	keysPerTime   = 5
	maxDuplicates = 16
	keysAtATime   = 4
)

// task is a request that is sent under one key.
type task struct {
	key, path, body string
	status          int
}

// answer is one answer to a task, whole or cut off.
type answer struct {
	status   int
	body     string
	replayed bool
	err      error
}

// Requests with the same key race, 2 to 16 for each key, while their functions are
// killed all the time. Each key takes effect once, and all whole answers to it have
// the same bytes, then and later.
func TestIdempotency_RacingDuplicatesWithKills(t *testing.T) {
	const start = 1000 * ledger.Credit
	r := faultRig{rig.Start(t, start)}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	thread := r.Thread(t)
	onceKeys := keysPerTime * *times
	all := make([]task, onceKeys)
	for i := range all {
		all[i] = r.work(i, thread)
	}

	heard := make(chan struct{}, 1)
	stop := r.killEverything(seed, heard)
	seen := make([][]answer, onceKeys)
	var races sync.WaitGroup
	slots := make(chan struct{}, keysAtATime)
	for i, w := range all {
		duplicates := 2 + random.IntN(maxDuplicates-1)
		slots <- struct{}{}
		races.Go(func() {
			defer func() { <-slots }()
			seen[i] = r.race(w, duplicates, heard)
		})
	}
	races.Wait()
	kills := stop()
	r.letClaimsExpire(t)

	whole, cut, running := 0, 0, 0
	for i, w := range all {
		last := r.ask(w)
		if last.status != w.status || last.err != nil {
			t.Fatalf("%s: got %d %s (%v), want %d", w.key, last.status, last.body, last.err, w.status)
		}
		again := r.ask(w)
		if !again.replayed || again.body != last.body {
			t.Errorf("%s: got replayed=%v\n%s\nwant true\n%s", w.key, again.replayed, again.body, last.body)
		}
		for _, a := range seen[i] {
			switch {
			case a.err != nil || a.status == http.StatusBadGateway || a.status == http.StatusInternalServerError:
				cut++
			case a.status == http.StatusConflict:
				running++
			case a.status == w.status && a.body == last.body:
				whole++
			default:
				t.Errorf("%s: got %d\n%s\nwant the later answer\n%s", w.key, a.status, a.body, last.body)
			}
		}
	}
	t.Logf("%d kills; %d answers were whole, %d cut, %d refused as running", kills, whole, cut, running)
	if cut < onceKeys/20 || whole < onceKeys {
		t.Errorf("got %d cut and %d whole answers, want at least %d and %d", cut, whole, onceKeys/20, onceKeys)
	}
	r.wantOneEffectEach(t, all, thread, start)
}

// work returns the i-th task: a message, a chat in the same thread whose answer shows
// its history, an agent or a thread.
func (r faultRig) work(i int, thread string) task {
	w := task{key: fmt.Sprintf("key-%d", i)}
	switch i % 4 {
	case 0:
		w.path, w.status = "/api/threads/"+thread+"/messages", http.StatusOK
		w.body = fmt.Sprintf(`{"content":"[[words 6]] [[delay 2]] %s"}`, w.key)
	case 1:
		w.path, w.status = "/api/public/agent/"+r.Agent.Slug+"/chat", http.StatusOK
		w.body = fmt.Sprintf(`{"thread_id":"%s","messages":"[[words 6]] [[delay 2]] %s"}`, thread, w.key)
	case 2:
		w.path, w.status = "/v1/agents", http.StatusCreated
		w.body = fmt.Sprintf(`{"name":"%s","instructions":"x"}`, w.key)
	default:
		w.path, w.status = "/api/threads", http.StatusCreated
		w.body = fmt.Sprintf(`{"agentId":"%s"}`, r.Agent.Slug)
	}
	return w
}

// race sends duplicates of a task at once, and tells heard when an answer is whole.
func (r faultRig) race(w task, duplicates int, heard chan<- struct{}) []answer {
	answers := make([]answer, duplicates)
	var race sync.WaitGroup
	for i := range answers {
		race.Go(func() {
			if answers[i] = r.ask(w); answers[i].err == nil && answers[i].status == w.status {
				select {
				case heard <- struct{}{}:
				default:
				}
			}
		})
	}
	race.Wait()
	return answers
}

func (r faultRig) ask(w task) answer {
	req, err := http.NewRequest(http.MethodPost, r.Runner.URL()+w.path, strings.NewReader(w.body))
	if err != nil {
		return answer{err: err}
	}
	req.Header.Set("Authorization", "Bearer "+r.Key)
	req.Header.Set("Idempotency-Key", w.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, string(body), res.Header.Get("Idempotency-Replayed") == "true", err}
}

// killEverything kills one process after the other until its stop function is called, which
// returns the number of kills. Between two kills one answer is whole, however slow the machine is.
func (r faultRig) killEverything(seed uint64, heard <-chan struct{}) (stop func() int) {
	random := rand.New(rand.NewPCG(seed, 2))
	functions := []string{messageCreate, "flowgent-chat-create", "flametalk-agent-create", "flapjack-thread-create"}
	done, ended := make(chan struct{}), make(chan int)
	go func() {
		kills := 0
		for {
			select {
			case <-done:
				ended <- kills
				return
			case <-time.After(time.Duration(random.IntN(30)) * time.Millisecond):
			}
			if pids := r.Runner.Processes(functions[random.IntN(len(functions))]); len(pids) > 0 {
				_ = syscall.Kill(pids[random.IntN(len(pids))], syscall.SIGKILL)
				kills++
			}
			select {
			case <-done:
			case <-heard:
			}
		}
	}()
	return func() int { close(done); return <-ended }
}

// letClaimsExpire ages the claims of dead turns until their keys are free.
func (r faultRig) letClaimsExpire(t *testing.T) {
	t.Helper()
	for _, item := range r.Items(t) {
		if item["until"] == nil {
			continue
		}
		_, err := r.Client.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
			TableName: aws.String(r.Name), Key: map[string]types.AttributeValue{"pk": item["pk"], "sk": item["sk"]},
			UpdateExpression: aws.String("SET #until = :past"), ExpressionAttributeNames: map[string]string{"#until": "until"},
			ExpressionAttributeValues: map[string]types.AttributeValue{":past": &types.AttributeValueMemberN{Value: "1"}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// wantOneEffectEach counts the rows of the table.
func (r faultRig) wantOneEffectEach(t *testing.T, all []task, thread string, start ledger.Credits) {
	t.Helper()
	r.sweep(t, time.Now().Add(ledger.HoldLife+time.Minute))
	effects, threads := map[string]int{}, 0
	for _, item := range r.Items(t) {
		sk, user, name := text(item["sk"]), text(item["user_text"]), text(item["name"])
		switch {
		case user != "":
			effects[user[strings.LastIndex(user, " ")+1:]]++
		case strings.HasSuffix(text(item["pk"]), "#AGENTS"):
			effects[name]++
		case sk == "~" && text(item["id"]) != thread:
			threads++
		}
	}
	wantThreads := 0
	for _, w := range all {
		switch {
		case w.path == "/api/threads":
			wantThreads++
		case effects[w.key] != 1:
			t.Errorf("%s: got %d effects, want 1", w.key, effects[w.key])
		}
	}
	if threads != wantThreads {
		t.Errorf("got %d threads, want %d", threads, wantThreads)
	}
	charged, _ := r.settled(t)
	if a := r.Account(t, r.Org); a.Balance() != start-charged || len(a.Open) != 0 {
		t.Errorf("got balance %d, want %d - %d; open %v", a.Balance(), start, charged, a.Open)
	}
}

func text(v types.AttributeValue) string {
	s, ok := v.(*types.AttributeValueMemberS)
	if !ok {
		return ""
	}
	return s.Value
}
