package boot_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/boot"
)

// seen has the facts about a request that a handler sees.
type seen struct {
	Method, Path, ID, Version, RequestID, Base, Source, Body string
	Query                                                    url.Values
	Header                                                   []string
	Remaining                                                bool
}

func look(s *seen) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
		_, deadline := r.Context().Deadline()
		*s = seen{
			Method: r.Method, Path: r.URL.Path, ID: r.PathValue("id"), Version: r.PathValue("version_id"),
			RequestID: wire.RequestID(r.Context()), Base: wire.BaseURL(r.Context()), Source: r.RemoteAddr, Body: string(body), Query: r.URL.Query(), Header: r.Header.Values("X-Many"),
			Remaining: deadline,
		}
		w.WriteHeader(http.StatusAccepted)
	}
}

// Both starters pass the same request to a handler.
func TestRequests(t *testing.T) {
	for name, c := range map[string]struct {
		event events.APIGatewayProxyRequest
		want  seen
	}{
		"plain": {
			events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/things"},
			seen{Method: "GET", Path: "/things"},
		},
		"with everything": {
			events.APIGatewayProxyRequest{
				HTTPMethod: "POST", Path: "/things/a-1/versions/v-2",
				PathParameters:                  map[string]string{"id": "a-1", "version_id": "v-2"},
				MultiValueQueryStringParameters: map[string][]string{"x": {"1", "a b&c"}, "y": {""}},
				MultiValueHeaders:               map[string][]string{"x-many": {"1", "2"}},
				RequestContext:                  events.APIGatewayProxyRequestContext{RequestID: "r-1", DomainName: "example.com", Stage: "live"},
				Body:                            `{"a":"é"}`,
			},
			seen{
				Method: "POST", Path: "/things/a-1/versions/v-2", ID: "a-1", Version: "v-2", RequestID: "r-1", Base: "https://example.com",
				Query: url.Values{"x": {"1", "a b&c"}, "y": {""}}, Header: []string{"1", "2"}, Body: `{"a":"é"}`,
			},
		},
		"what the gateway knows": {
			events.APIGatewayProxyRequest{
				HTTPMethod: "GET", Path: "/", MultiValueHeaders: map[string][]string{
					"Host": {"evil.example"}, "X-Forwarded-Host": {"evil.example"}, "X-Forwarded-For": {"203.0.113.9"}, "X-Real-Ip": {"203.0.113.9"},
				},
				RequestContext: events.APIGatewayProxyRequestContext{
					DomainName: "x.execute-api.eu-central-1.amazonaws.com", Stage: "live", Identity: events.APIGatewayRequestIdentity{SourceIP: "192.0.2.7"},
				},
			},
			seen{Method: "GET", Path: "/", Base: "https://x.execute-api.eu-central-1.amazonaws.com/live", Source: "192.0.2.7"},
		},
		"an address of this machine": {
			events.APIGatewayProxyRequest{
				HTTPMethod: "GET", Path: "/", RequestContext: events.APIGatewayProxyRequestContext{DomainName: "127.0.0.1:3000", Stage: "live"},
			},
			seen{Method: "GET", Path: "/", Base: "http://127.0.0.1:3000"},
		},
		"an escaped parameter": {
			events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/things/a%2Fb", PathParameters: map[string]string{"id": "a%2Fb"}},
			seen{Method: "GET", Path: "/things/a/b", ID: "a/b"},
		},
		"a parameter that only looks escaped": {
			events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/things/x", PathParameters: map[string]string{"id": "100%"}},
			seen{Method: "GET", Path: "/things/x", ID: "100%"},
		},
		"bytes": {
			events.APIGatewayProxyRequest{
				HTTPMethod: "POST", Path: "/", Body: base64.StdEncoding.EncodeToString([]byte("\xff\x00")), IsBase64Encoded: true,
			},
			seen{Method: "POST", Path: "/", Body: "\xff\x00"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if c.want.Query == nil {
				c.want.Query = url.Values{}
			}
			c.want.Remaining = true

			var viaBuffer, viaStream seen
			whole, err := boot.Buffered(look(&viaBuffer))(ctx, c.event)
			if err != nil || whole.StatusCode != http.StatusAccepted {
				t.Fatalf("buffered: got status %d, %v; want 202", whole.StatusCode, err)
			}
			streaming, err := boot.Streamed(look(&viaStream))(ctx, c.event)
			if err != nil || streaming.StatusCode != http.StatusAccepted {
				t.Fatalf("streamed: got status %d, %v; want 202", streaming.StatusCode, err)
			}
			_ = streaming.Close()
			for starter, got := range map[string]seen{"buffered": viaBuffer, "streamed": viaStream} {
				if c.want.RequestID == "" && got.RequestID != "" {
					got.RequestID = "" // a new one
				}
				if d := cmp.Diff(c.want, got); d != "" {
					t.Errorf("%s (-want +got):\n%s", starter, d)
				}
			}
		})
	}
}

func TestBuffered_Answers(t *testing.T) {
	h := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
		w.WriteHeader(http.StatusCreated)
		write(w, "a", "b")
	}
	got, err := boot.Buffered(http.HandlerFunc(h))(t.Context(), events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/"})
	if err != nil {
		t.Fatal(err)
	}
	want := events.APIGatewayProxyResponse{
		StatusCode: 201, Body: "ab",
		MultiValueHeaders: map[string][]string{"Content-Type": {"text/plain"}, "Set-Cookie": {"a=1"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// A body that is not text is sent to API Gateway as base64, with the flag for decoding.
func TestBuffered_BinaryBody(t *testing.T) {
	h := func(w http.ResponseWriter, _ *http.Request) { write(w, "\xff\xfe") }
	got, err := boot.Buffered(http.HandlerFunc(h))(t.Context(), events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/"})
	if err != nil || !got.IsBase64Encoded || got.Body != "//4=" {
		t.Errorf("got answer %+v, %v; want //4= in base64", got, err)
	}
}

func TestSchedule(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 1, 0, 0, time.UTC)
	var told time.Time
	job := func(_ context.Context, at time.Time) error {
		told = at
		return io.ErrUnexpectedEOF
	}
	err := boot.Scheduled(job)(t.Context(), events.CloudWatchEvent{Time: at})
	if !errors.Is(err, io.ErrUnexpectedEOF) || !told.Equal(at) {
		t.Errorf("got deadline %s, %v; want %s, io.ErrUnexpectedEOF", told, err, at)
	}
}
