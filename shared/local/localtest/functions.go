// Package localtest has the functions of testdata/template.yaml, which are processes of the
// test binary, and Control, which synchronises a test with them.
package localtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

type (
	request  = events.APIGatewayProxyRequest
	response = events.APIGatewayProxyResponse
	streamed = events.APIGatewayProxyStreamingResponse
)

// Run runs one function of testdata/template.yaml.
func Run(name string) {
	handlers := map[string]any{
		"echo":    echo,
		"process": describeProcess,
		"stream":  stream,
		"script":  script,
		"slow":    slow,
		"worker":  worker,
	}
	lambda.Start(handlers[name])
}

// tell passes a text to the test. ask waits until the test releases it.
func tell(point, text string) { visit("tell", point, text) }
func ask(point string)        { visit("ask", point, "") }

func visit(verb, point, text string) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, os.Getenv("CONTROL")+"/"+verb+"/"+point, strings.NewReader(text))
	if err != nil {
		panic(err)
	}
	r, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer r.Body.Close()
}

// echo answers with its event.
func echo(_ context.Context, event json.RawMessage) (response, error) {
	return response{
		StatusCode:        201,
		Headers:           map[string]string{"X-One": "1", "WWW-Authenticate": "Bearer"},
		MultiValueHeaders: map[string][]string{"Set-Cookie": {"a=1", "b=2"}},
		Body:              string(event),
	}, nil
}

// describeProcess answers with the id and the environment of its process.
func describeProcess(context.Context, json.RawMessage) (response, error) {
	body, err := json.Marshal(map[string]any{"pid": os.Getpid(), "env": os.Environ()})
	return response{StatusCode: 200, Body: string(body)}, err
}

// stream writes "1", asks the test, writes "2", and so on; it tells the test
// when it has finished.
func stream(context.Context, json.RawMessage) (*streamed, error) {
	r, w := io.Pipe()
	go func() {
		for i := range 3 {
			ask("chunk")
			fmt.Fprint(w, i+1)
		}
		tell("finished", "")
		w.Close()
	}()
	return &streamed{StatusCode: 202, Headers: map[string]string{"Content-Type": "text/event-stream"}, Cookies: []string{"c=3"}, Body: r}, nil
}

// worker answers with its event.
func worker(_ context.Context, payload json.RawMessage) (json.RawMessage, error) {
	return payload, nil
}

// slow tells the test that it has begun, and asks when to end.
func slow(_ context.Context, event request) (response, error) {
	tell("begun", "")
	if event.Body == "hold" {
		visit("hold", "process", "")
	}
	ask("end")
	return response{StatusCode: 200, Body: "slow"}, nil
}

// script executes the commands in the request's body.
func script(_ context.Context, event request) (any, error) {
	switch event.Body {
	case "ok":
		return response{StatusCode: 200, Body: "ok"}, nil
	case "with org":
		return response{StatusCode: 200, Body: "ok", Headers: map[string]string{"X-Local-Org": "org-1"}}, nil
	case "binary":
		return response{StatusCode: 200, Body: "AP8=", IsBase64Encoded: true}, nil
	case "error":
		return nil, errors.New("it did not work")
	case "malformed":
		return "not a response", nil
	case "bad status":
		return response{StatusCode: 42}, nil
	case "large":
		return response{StatusCode: 200, Body: strings.Repeat("x", 6<<20)}, nil
	case "crash":
		for i := range 40 {
			fmt.Fprintln(os.Stdout, "line", i)
		}
		fmt.Fprint(os.Stdout, "the last words")
		os.Exit(3)
	case "hang":
		select {}
	case "no delimiter":
		return &untyped{strings.NewReader(strings.Repeat("x", 17<<10))}, nil
	case "stream error":
		return &streamed{StatusCode: 200, Body: io.MultiReader(strings.NewReader("begun"), failing{})}, nil
	case "stream crash":
		return &streamed{StatusCode: 200, Body: &lastWords{}}, nil
	case "stream hang":
		return &streamed{StatusCode: 200, Body: io.MultiReader(strings.NewReader("begun"), hanging{})}, nil
	case "no content":
		return &streamed{StatusCode: 204}, nil
	case "panic":
		panic("out of cheese")
	}
	return nil, fmt.Errorf("unknown script %q", event.Body)
}

type untyped struct{ io.Reader }

func (untyped) ContentType() string          { return "application/vnd.awslambda.http-integration-response" }
func (untyped) MarshalJSON() ([]byte, error) { return nil, errors.New("not JSON") }

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the source ran dry") }

type hanging struct{}

func (hanging) Read([]byte) (int, error) { time.Sleep(time.Hour); return 0, io.EOF }

// lastWords writes a text and dies after the test has received it.
type lastWords struct{ said bool }

func (l *lastWords) Read(p []byte) (int, error) {
	if l.said {
		ask("die")
		os.Exit(4)
	}
	l.said = true
	return copy(p, "begun"), nil
}
