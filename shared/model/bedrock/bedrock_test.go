package bedrock_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/awshttp"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/bedrock"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
	"github.com/quintet-agents/quintet/shared/model/scripted"
	"github.com/quintet-agents/quintet/shared/model/watch"
)

func TestProvider(t *testing.T) {
	modeltest.Exercise(t, func(t *testing.T, wait modeltest.Wait) model.Provider {
		return serve(t, scripted.Handler(scripted.Options{Wait: wait}))
	})
}

// serve returns a provider that calls a server with the given handler.
func serve(t *testing.T, h http.Handler) *bedrock.Provider {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return connect(t, server.URL)
}

func connect(t *testing.T, url string) *bedrock.Provider {
	t.Helper()
	return connectWithin(t, url, watch.Default)
}

// serveWithin is serve with a limit for the times in which the server sends nothing.
func serveWithin(t *testing.T, h http.Handler, limit time.Duration) *bedrock.Provider {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return connectWithin(t, server.URL, watch.Limits{FirstToken: limit, Idle: limit, Answer: limit})
}

func connectWithin(t *testing.T, url string, limits watch.Limits) *bedrock.Provider {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	o := options(url)
	o.HTTPClient = awshttp.PlainBodies(&http.Client{Transport: transport})
	return bedrock.New(bedrockruntime.New(o), limits)
}

// options returns the options of a client that does not retry.
func options(url string) bedrockruntime.Options {
	return bedrockruntime.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(url),
		Retryer:      aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	}
}

// Concurrent streams of one client do not share state, also under the race detector.
func TestProvider_ConcurrentStreams(t *testing.T) {
	p := serve(t, scripted.Handler(scripted.Options{}))
	want := []model.Event{
		model.Opened{},
		model.TextDelta("w1"), model.TextDelta(" w2"),
		model.Finished{Stop: model.StopEnd, Usage: &model.Usage{Input: 2, Output: 2}},
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				events, err := modeltest.Collect(t.Context(), p, modeltest.Ask("[[words 2]]"))
				if diff := cmp.Diff(want, events); diff != "" || err != nil {
					t.Errorf("error %v, events (-want +got):\n%s", err, diff)
					return
				}
			}
		})
	}
	group.Wait()
}
