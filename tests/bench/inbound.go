package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/tests/graph"
)

const (
	perSecond = 50 // webhooks with one message each
	number    = "106540352242922"
	appSecret = "app-secret-of-the-bench" //nolint:gosec // of a fake provider
)

// reportInbound measures the acknowledgement of WhatsApp's webhooks at a steady rate, and beside
// it that of a function which makes one conditional write and nothing else. Both get every
// request at the same moment. Rounds are seconds, six for each.
func reportInbound(ctx context.Context, s *stand, o options) error {
	defer s.store.set(through, 0)
	s.store.set(through, 0)
	url, err := s.connect(ctx)
	if err != nil {
		return err
	}
	ours := func(ctx context.Context, id string) error {
		hook := graph.Sign(appSecret, fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
			`"metadata":{"display_phone_number":"16315555555","phone_number_id":%q},"contacts":[{"profile":{"name":"Ann"},"wa_id":"16505551234"}],`+
			`"messages":[{"from":"16505551234","id":%q,"timestamp":%q,"type":"text","text":{"body":"Where is my order?"}}]}}]}]}`,
			number, "wamid."+id, strconv.FormatInt(time.Now().Unix(), 10)))
		return send(ctx, url, hook.Body, hook.Signature)
	}
	bare := func(ctx context.Context, id string) error {
		return send(ctx, s.bare.URL()+webhookPath("bare"), []byte(id), "")
	}
	const rounds = 6
	a, b, err := atRate(ctx, time.Duration(rounds*o.rounds)*time.Second, ours, bare)
	if err != nil {
		return err
	}
	w := table(fmt.Sprintf("inbound: acknowledgement at %d messages a second for %d s, compared with a function of one conditional write", perSecond, rounds*o.rounds),
		"", "median ms", "99 % ms", "longest ms", "over 300 ms")
	for _, way := range []struct {
		name  string
		times sample
	}{{"webhook", a}, {"one write", b}} {
		over := 0
		for _, ms := range way.times {
			if ms > 300 {
				over++
			}
		}
		row(w, way.name, fmt.Sprintf("%.1f", way.times.median()), fmt.Sprintf("%.1f", way.times.quantile(0.99)), fmt.Sprintf("%.1f", way.times.quantile(1)), fmt.Sprintf("%d of %d", over, len(way.times)))
	}
	row(w, "ratio", fmt.Sprintf("%.2f", a.median()/b.median()), fmt.Sprintf("%.2f", a.quantile(0.99)/b.quantile(0.99)))
	return w.Flush()
}

// atRate makes both requests perSecond times a second, and returns their times in ms. The first
// second starts the processes, and is not counted.
func atRate(ctx context.Context, long time.Duration, ways ...func(context.Context, string) error) (a, b sample, err error) {
	var (
		mu    sync.Mutex
		all   sync.WaitGroup
		times = [2]sample{}
		began = time.Now()
	)
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	for time.Since(began) < long+time.Second {
		<-tick.C
		counts := time.Since(began) > time.Second
		for i, way := range ways {
			all.Go(func() {
				from := time.Now()
				failed := way(ctx, newID())
				mu.Lock()
				defer mu.Unlock()
				if failed != nil {
					err = failed
				}
				if counts {
					times[i] = append(times[i], milliseconds(time.Since(from)))
				}
			})
		}
	}
	all.Wait()
	return times[0], times[1], err
}

func webhookPath(connectionID string) string { return "/api/webhooks/whatsapp/" + connectionID }

// connect creates a WhatsApp connection and returns the URL of its webhook.
func (s *stand) connect(ctx context.Context) (string, error) {
	body := fmt.Sprintf(`{"type":"whatsapp","agent_id":%q,"name":"Bench","credentials":{"phone_number_id":%q,"access_token":"EAAGbench","app_secret":%q,"verify_token":"v"}}`,
		s.agent.ID, number, appSecret)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.runner.URL()+"/api/v1/connections", bytes.NewReader([]byte(body)))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var answer struct{ Data struct{ ID string } }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("connect: got %s, want 201", res.Status)
	}
	return s.runner.URL() + webhookPath(answer.Data.ID), nil
}

func send(ctx context.Context, url string, body []byte, signature string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("X-Hub-Signature-256", signature)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("webhook: got %s %s, want 200", res.Status, answer)
	}
	return err
}

// oneWrite is a function that puts one item, if it is new, and answers.
func oneWrite() http.Handler {
	deps := boot.NewDeps(boot.FromEnvironment())
	c := deps.Config()
	items := dynamodb.NewFromConfig(deps.AWS("dynamodb", c.Endpoint))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, err := io.ReadAll(r.Body)
		if err == nil {
			_, err = items.PutItem(r.Context(), &dynamodb.PutItemInput{
				TableName: &c.Table, ConditionExpression: new("attribute_not_exists(pk)"),
				Item: map[string]types.AttributeValue{
					"pk": &types.AttributeValueMemberS{Value: "BENCH#" + string(id)}, "sk": &types.AttributeValueMemberS{Value: "BENCH"},
				},
			})
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
}
