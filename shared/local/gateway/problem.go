package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// problem is one of the gateway's own error answers.
type problem struct {
	kind    string // its name in GatewayResponses
	status  int
	message string
}

var (
	problemNoRoute = problem{"MISSING_AUTHENTICATION_TOKEN", http.StatusForbidden, "Missing Authentication Token"}
	// API Gateway has no special kind for malformed requests.
	problemMalformed = problem{"DEFAULT_4XX", http.StatusBadRequest, "Bad Request"}
	problemTooLarge  = problem{"REQUEST_TOO_LARGE", http.StatusRequestEntityTooLarge, "Request Too Long"}
	problemTimeout   = problem{"INTEGRATION_TIMEOUT", http.StatusGatewayTimeout, "Endpoint request timed out"}
	problemFunction  = problem{"DEFAULT_5XX", http.StatusBadGateway, "Internal server error"}
	problemInternal  = problem{"INTEGRATION_FAILURE", http.StatusInternalServerError, "Internal server error"}
)

// find returns the API's gateway response for a problem's kind, else for its class
// (DEFAULT_4XX), else the zero value.
func find(a *sam.API, p problem) sam.GatewayResponse {
	if own, ok := a.Responses[p.kind]; ok {
		return own
	}
	return a.Responses[fmt.Sprintf("DEFAULT_%dXX", p.status/100)]
}

// fail answers a request with a problem.
func (c *call) fail(w http.ResponseWriter, r *http.Request, a *sam.API, p problem) {
	own := find(a, p)
	status := p.status
	if own.StatusCode != 0 {
		status = own.StatusCode
	}
	mediaType, template := "application/json", `{"message":$context.error.messageString}`
	for name, text := range own.Templates {
		mediaType, template = name, text
		if name == "application/json" {
			break
		}
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("X-Amzn-Errortype", errorType(p))
	for name, expression := range own.Parameters.Headers {
		w.Header().Set(name, c.header(r, p, expression))
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, c.expand(r, p, template))
}

// errorType returns AWS's name for a problem in X-Amzn-Errortype.
func errorType(p problem) string {
	switch p {
	case problemNoRoute:
		return "MissingAuthenticationTokenException"
	case problemMalformed:
		return "BadRequestException"
	case problemThrottled:
		return "TooManyRequestsException"
	case problemTooLarge:
		return "RequestTooLargeException"
	}
	return "InternalServerErrorException"
}

// header evaluates a response parameter: 'a literal', a context variable or a
// header of the request.
func (c *call) header(r *http.Request, p problem, expression string) string {
	if literal, ok := strings.CutPrefix(expression, "'"); ok {
		return strings.TrimSuffix(literal, "'")
	}
	if name, ok := strings.CutPrefix(expression, "method.request.header."); ok {
		return r.Header.Get(name)
	}
	return c.expand(r, p, "$"+expression)
}

// nothing is the URL of a request that could not be parsed.
var nothing = &url.URL{}

var contextVariable = regexp.MustCompile(`\$context\.[A-Za-z]+(\.[A-Za-z]+)*`)

// expand replaces a template's context variables. Unknown ones are empty.
func (c *call) expand(r *http.Request, p problem, template string) string {
	quoted, _ := json.Marshal(p.message) // cannot fail for a string
	return contextVariable.ReplaceAllStringFunc(template, func(name string) string {
		switch strings.TrimPrefix(name, "$context.") {
		case "requestId", "extendedRequestId":
			return c.id
		case "error.message":
			return p.message
		case "error.messageString":
			return string(quoted)
		case "error.responseType":
			return p.kind
		case "httpMethod":
			return r.Method
		case "path":
			return r.URL.EscapedPath()
		case "identity.sourceIp":
			return sourceIP(r)
		case "requestTimeEpoch":
			return strconv.FormatInt(c.at.UnixMilli(), 10)
		}
		return ""
	})
}
