package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/queue"
	"github.com/quintet-agents/quintet/shared/work"
)

// accepted is the number of requests per round, for each of the two ways.
const accepted = 20

// reportAccepts measures chats with a callback_url, compared with the two calls that they need
// at least: one to store the job, and one to wake a worker. Each call is delayed, as on a
// network.
func reportAccepts(ctx context.Context, s *stand, o options) error {
	defer s.store.set(through, 0)
	w := table("accept: acknowledgement of a chat with a callback_url, compared with the PutItem and the SendMessage that it needs",
		"delay of calls", "two calls ms", "accepted ms", "x two calls", "added ms")
	for _, delay := range []time.Duration{0, 5 * time.Millisecond, 20 * time.Millisecond} {
		s.store.set(through, delay)
		two, whole, err := s.compareAccepts(ctx, o.rounds)
		if err != nil {
			return err
		}
		row(w, delay.String(), two.String(), whole.String(),
			fmt.Sprintf("%.2f", whole.median()/two.median()), fmt.Sprintf("%.2f", whole.median()-two.median()))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Print(`
  more  is the local API Gateway and Lambda; the agent is read every 4 s
`)
	return nil
}

// compareAccepts returns the rounds' medians in ms. The first round starts the processes, and is
// not counted.
func (s *stand) compareAccepts(ctx context.Context, rounds int) (two, whole sample, err error) {
	bare := s.bareAccept()
	for round := range rounds + 1 {
		var a, b sample
		for range accepted {
			for _, way := range []struct {
				ask  func(context.Context) error
				into *sample
			}{{bare, &a}, {s.accept, &b}} {
				began := time.Now()
				if err := way.ask(ctx); err != nil {
					return nil, nil, err
				}
				*way.into = append(*way.into, milliseconds(time.Since(began)))
			}
		}
		if round > 0 {
			two, whole = append(two, a.median()), append(whole, b.median())
		}
	}
	return two, whole, nil
}

const (
	text     = "What is the weather like?"
	callback = "https://1.1.1.1/hook" // no worker runs, so nothing is sent
)

// accept sends a chat to the product.
func (s *stand) accept(ctx context.Context) error {
	body := fmt.Appendf(nil, `{"messages":%q,"callback_url":%q}`, text, callback)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.runner.URL()+"/api/public/agent/"+s.agent.ID+"/chat", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if answer, err := io.ReadAll(res.Body); err != nil || !strings.Contains(string(answer), `"processing"`) {
		return fmt.Errorf("accept: got %s %s %w, want a 200", res.Status, answer, err)
	}
	return nil
}

// bareAccept returns a function that makes two AWS calls without the service around
// them, with the product's own clients: it puts an item like that of a job, and wakes
// a worker.
func (s *stand) bareAccept() func(context.Context) error {
	deps := s.deps()
	items := dynamodb.NewFromConfig(deps.AWS("dynamodb", s.store.server.URL))
	messages := sqs.NewFromConfig(deps.AWS("sqs", s.store.server.URL))
	workers := queue.New(func() *sqs.Client { return messages }, s.store.server.URL+"/000000000000/Callbacks")
	return func(ctx context.Context) error {
		ref := job.Ref{OrgID: s.agent.OrgID, ID: newID()}
		item := map[string]types.AttributeValue{}
		for name, value := range map[string]string{
			"pk": "BENCH#" + ref.ID, "sk": "JOB", "url": callback, "user_text": text, "agent_id": s.agent.ID,
			"org_id": ref.OrgID, "id": ref.ID, "key_id": newID(), "channel": "flowgent",
		} {
			item[name] = &types.AttributeValueMemberS{Value: value}
		}
		if _, err := items.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: item}); err != nil {
			return err
		}
		return workers.Send(ctx, work.Message{Body: ref})
	}
}
