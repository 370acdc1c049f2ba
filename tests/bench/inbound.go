package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/kms"
)

// inboundRate is the number of messages per second, of each of the two kinds.
const inboundRate = 50

const appSecret = "bench"

// reportInbound measures the acknowledgement of WhatsApp messages at a fixed rate, compared with
// one conditional write for each, at the same rate and at the same time. A round takes a second.
// No worker runs.
func reportInbound(ctx context.Context, s *stand, o options) error {
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	message, bare := s.inbound(c), s.bareWrite()
	if err := message(ctx, newID()); err != nil { // starts a process and fills its caches
		return err
	}
	one, whole, err := atRate(ctx, o.rounds*inboundRate, bare, message)
	if err != nil {
		return err
	}
	w := table(fmt.Sprintf("inbound: acknowledgement of %d WhatsApp messages a second, compared with the conditional write that each needs", inboundRate),
		"", "median ms", "95 % ms", "99 % ms", "longest ms")
	for _, kind := range []struct {
		name  string
		times sample
	}{{"conditional write", one}, {"acknowledged", whole}} {
		row(w, kind.name, quantile(kind.times, 0.5), quantile(kind.times, 0.95), quantile(kind.times, 0.99), quantile(kind.times, 1))
	}
	row(w, "x the write", fmt.Sprintf("%.2f", whole.median()/one.median()))
	return w.Flush()
}

func quantile(s sample, q float64) string { return fmt.Sprintf("%.2f", s.quantile(q)) }

// atRate makes both calls a number of times at the rate, whether or not earlier ones have ended,
// and returns their times in ms.
func atRate(ctx context.Context, times int, first, second func(context.Context, string) error) (a, b sample, err error) {
	var (
		mu  sync.Mutex
		all sync.WaitGroup
	)
	measure := func(call func(context.Context, string) error, into *sample) {
		all.Go(func() {
			began := time.Now()
			failed := call(ctx, newID())
			took := milliseconds(time.Since(began))
			mu.Lock()
			defer mu.Unlock()
			*into = append(*into, took)
			if failed != nil {
				err = failed
			}
		})
	}
	beat := time.NewTicker(time.Second / inboundRate)
	defer beat.Stop()
	for range times {
		<-beat.C
		measure(first, &a)
		measure(second, &b)
	}
	all.Wait()
	return a, b, err
}

// connect creates a WhatsApp connection.
func (s *stand) connect(ctx context.Context) (connection.Connection, error) {
	deps := s.deps()
	now := time.Now()
	c := connection.Connection{
		ID: connection.NewID(), OrgID: s.agent.OrgID, AgentID: s.agent.ID, Channel: connection.WhatsApp, Name: "bench", Credentials: 1,
		Identifiers: map[string]string{"phone_number_id": "1"}, Settings: connection.DefaultSettings(), RotatedAt: now, CreatedAt: now, UpdatedAt: now,
	}
	box := kms.Box{Client: awskms.NewFromConfig(deps.AWS("kms", s.store.server.URL)), KeyID: s.secretsKey}
	sealed, err := connection.Seal(ctx, box, c.Owner(), connection.Secrets{"access_token": "bench", "app_secret": appSecret, "verify_token": "bench"})
	if err != nil {
		return c, err
	}
	return c, s.db.CreateConnection(ctx, nil, c, sealed)
}

// inbound returns a function that delivers a message to the product, as Meta does.
func (s *stand) inbound(c connection.Connection) func(context.Context, string) error {
	return func(ctx context.Context, id string) error {
		body := fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"2","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
			`"metadata":{"display_phone_number":"15550001","phone_number_id":"1"},"contacts":[{"profile":{"name":"Ann"},"wa_id":"31600000000"}],`+
			`"messages":[{"id":"wamid.%s","from":"31600000000","timestamp":"%d","type":"text","text":{"body":%q}}]}}]}]}`, id, time.Now().Unix(), text)
		mac := hmac.New(sha256.New, []byte(appSecret))
		_, _ = io.WriteString(mac, body)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.runner.URL()+"/api/webhooks/whatsapp/"+c.ID, strings.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if answer, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK {
			return fmt.Errorf("inbound: got %s %s %w, want a 200", res.Status, answer, err)
		}
		return nil
	}
}

// bareWrite returns a function that stores an item like that of a message, with the product's
// own client and without the service around it.
func (s *stand) bareWrite() func(context.Context, string) error {
	items := dynamodb.NewFromConfig(s.deps().AWS("dynamodb", s.store.server.URL))
	return func(ctx context.Context, id string) error {
		item := map[string]types.AttributeValue{}
		for name, value := range map[string]string{"pk": "BENCH#" + id, "sk": "RECEIVED", "org_id": s.agent.OrgID, "update": text} {
			item[name] = &types.AttributeValueMemberS{Value: value}
		}
		_, err := items.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: item, ConditionExpression: new("attribute_not_exists(pk)")})
		return err
	}
}

// deps returns the product's clients.
func (s *stand) deps() *boot.Deps {
	return boot.NewDeps(boot.Config{
		Table: s.table, Endpoint: s.store.server.URL, Region: "us-east-1", AccessKeyID: "bench", SecretAccessKey: "bench",
	})
}
