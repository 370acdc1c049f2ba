package gateway

import (
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/quintet-agents/quintet/shared/local/arn"
	"github.com/quintet-agents/quintet/shared/local/lambda"
)

// proxyEvent is the payload of a proxy integration. AWS always sends its two own fields,
// and the events package's type lacks them.
type proxyEvent struct {
	events.APIGatewayProxyRequest
	Body            *string `json:"body"`
	IsBase64Encoded bool    `json:"isBase64Encoded"`
}

// call is one request that the gateway is processing.
type call struct {
	id       string
	at       time.Time
	resource *resource
	params   map[string]string
	function string // the route's function; empty until the route is found
}

// event builds the payload of the proxy integration for r.
func (c *call) event(r *http.Request, body []byte) ([]byte, error) {
	headers := forwarded(r)
	e := proxyEvent{APIGatewayProxyRequest: events.APIGatewayProxyRequest{
		Resource:                        c.resource.path,
		Path:                            r.URL.EscapedPath(),
		HTTPMethod:                      r.Method,
		Headers:                         last(headers),
		MultiValueHeaders:               headers,
		QueryStringParameters:           last(query(r)),
		MultiValueQueryStringParameters: query(r),
		RequestContext:                  c.context(r),
	}}
	if len(c.params) > 0 {
		e.PathParameters = c.params
	}
	if len(body) > 0 {
		text := string(body)
		if !utf8.Valid(body) || c.resource.api.Binary(r.Header.Get("Content-Type")) {
			text, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
		}
		e.Body = &text
	}
	return json.Marshal(e)
}

func (c *call) context(r *http.Request) events.APIGatewayProxyRequestContext {
	domain := r.Host
	if own, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		domain = own.String() // API Gateway routes by its own domains and ignores the header
	}
	prefix, _, _ := strings.Cut(domain, ".")
	return events.APIGatewayProxyRequestContext{
		AccountID:         arn.Account,
		APIID:             "local",
		ResourceID:        "local",
		ResourcePath:      c.resource.path,
		Stage:             c.resource.api.Stage,
		DomainName:        domain,
		DomainPrefix:      prefix,
		RequestID:         c.id,
		ExtendedRequestID: c.id,
		Protocol:          r.Proto,
		HTTPMethod:        r.Method,
		Path:              r.URL.EscapedPath(),
		RequestTime:       c.at.UTC().Format("02/Jan/2006:15:04:05 -0700"),
		RequestTimeEpoch:  c.at.UnixMilli(),
		Identity: events.APIGatewayRequestIdentity{
			SourceIP:  sourceIP(r),
			UserAgent: r.UserAgent(),
		},
	}
}

// forwarded returns the request's headers with those that API Gateway adds.
func forwarded(r *http.Request) http.Header {
	h := r.Header.Clone()
	h.Del("Connection")
	h.Del("Content-Length")
	h.Set("Host", r.Host)
	h.Set("X-Amzn-Trace-Id", lambda.NewTraceID())
	h.Set("X-Forwarded-For", strings.Join(append(h.Values("X-Forwarded-For"), sourceIP(r)), ", "))
	h.Set("X-Forwarded-Proto", "http")
	_, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		port = "80"
	}
	h.Set("X-Forwarded-Port", port)
	return h
}

func query(r *http.Request) map[string][]string {
	values, _ := url.ParseQuery(r.URL.RawQuery) // drop malformed pairs
	if len(values) == 0 {
		return nil
	}
	return values
}

// last returns the single-value form of headers or parameters: the last value of each.
func last(values map[string][]string) map[string]string {
	if len(values) == 0 {
		return nil
	}
	single := make(map[string]string, len(values))
	for name, list := range values {
		single[name] = list[len(list)-1]
	}
	return single
}

func sourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
