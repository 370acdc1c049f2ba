package main

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/quintet-agents/quintet/shared/model/scripted"
)

// modelChoice is the model behind the demo.
type modelChoice struct {
	environment map[string]string // the functions' variables that select the model
	answers     string            // a description of the model
	try         string            // a first message for it
	warning     string            // a possible mistake in the settings, or empty
}

// chooseModel returns the OpenAI-compatible server of the environment, or the local
// model.
func chooseModel(getenv func(string) string) (modelChoice, error) {
	c := modelChoice{environment: map[string]string{}}
	for _, name := range []string{
		"MODEL_BASE_URL", "MODEL_API_KEY", "MODEL_NAME",
		"MODEL_FIRST_TOKEN_SECONDS", "MODEL_IDLE_SECONDS", "MODEL_ANSWER_SECONDS",
	} {
		if value := getenv(name); value != "" {
			c.environment[name] = value
		}
	}
	base, name := getenv("MODEL_BASE_URL"), getenv("MODEL_NAME")
	if base == "" {
		c.answers, c.try = "the local model, which obeys directives (see shared/docs/local.md)", "[[words 20]] [[delay 100]]"
		if name != "" {
			c.warning = "MODEL_NAME is " + name + ", but the local model answers: MODEL_BASE_URL says where another one is"
		}
		return c, nil
	}
	if u, err := url.Parse(base); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return modelChoice{}, fmt.Errorf("MODEL_BASE_URL is %s, not a URL like http://127.0.0.1:11434/v1", base)
	}
	c.try = "Who are you, in one sentence?"
	if name == "" {
		c.answers = "whatever the template's ModelName is at " + base
		c.warning = "MODEL_NAME is not set: " + base + " is asked for the template's ModelName, which it may not have"
		return c, nil
	}
	c.answers = name + " at " + base
	return c, nil
}

// local reports whether the choice is the local model.
func (c modelChoice) local() bool { return c.environment["MODEL_BASE_URL"] == "" }

// start starts the local model if it was chosen.
func (c modelChoice) start() (closeModel func(), err error) {
	if !c.local() {
		return func() {}, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: scripted.Handler(scripted.Options{}), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }()
	c.environment["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = "http://" + l.Addr().String()
	return func() { _ = server.Close() }, nil
}
