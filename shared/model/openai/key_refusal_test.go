package openai_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model/apikey"
	"github.com/quintet-agents/quintet/shared/model/openai"
	"github.com/quintet-agents/quintet/shared/model/watch"
)

// rotating returns a source whose first read is the old key and whose others are the new one.
func rotating() apikey.Source {
	key := "first"
	return func(context.Context) (string, error) {
		defer func() { key = "second" }()
		return key, nil
	}
}

// TestKey_Refusals shows which refusals are about the key, in the words of the servers that
// use them: the status, the code and the place of an error differ.
func TestKey_Refusals(t *testing.T) {
	const (
		ofOpenAI = `{"error":{"message":"Incorrect API key provided: sk-***","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`
		ofGoogle = `{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}`
	)
	for name, tc := range map[string]struct {
		status int
		body   string
		want   bool
	}{
		"401":                          {401, ofOpenAI, true},
		"a code in a 200":              {200, ofOpenAI, true},
		"a code in an event":           {200, "data: " + ofOpenAI + "\n\n", true},
		"a code in a 400":              {400, ofOpenAI, true},
		"a status in a 200":            {200, `{"error":{"message":"no","code":401}}`, true},
		"words in a 400":               {400, ofGoogle, true},
		"words in a 400, in a list":    {400, "[" + ofGoogle + "]\n", true},
		"expired":                      {400, `[{"error":{"code":400,"message":"API key expired. Please renew the API key.","status":"INVALID_ARGUMENT"}}]`, true},
		"a kind in a 400":              {400, `{"error":{"type":"authentication_error","message":"invalid x-api-key"}}`, true},
		"a model in a 403":             {403, `{"error":{"message":"Project has no access to model","code":"model_not_found"}}`, false},
		"another 400":                  {400, `{"error":{"message":"'messages' is too short","type":"invalid_request_error"}}`, false},
		"a 500 that speaks of the key": {500, `{"error":{"message":"could not look up the api key"}}`, false},
	} {
		for form, ask := range forms {
			t.Run(name+" "+form, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := &lock{knows: "second", status: tc.status, says: tc.body}
					got, err := ask(t.Context(), l.provider(rotating()))
					if tc.want != (err == nil && got == "hello") {
						t.Errorf("got %q, %v with the keys %q; want the new key tried: %v", got, err, l.tried, tc.want)
					}
				})
			})
		}
	}
}

// TestKey_RefusedInAnswer shows that a key which is refused after an answer has begun fails
// this call, which cannot be asked again, but not the next one.
func TestKey_RefusedInAnswer(t *testing.T) {
	const begun = `data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"he"}}]}` + "\n\n"
	l := &lock{knows: "second", status: http.StatusOK, says: begun + "data: " + refusedKey + "\n\n"}
	p, ask := l.provider(rotating()), forms["streamed"]
	got, err := ask(t.Context(), p)
	checkFault(t, err, fault.ModelRefused, 0)
	if got != "he" {
		t.Errorf("got %q, want he", got)
	}
	if got, err := ask(t.Context(), p); got != "hello" || err != nil {
		t.Errorf("the next call: got %q, %v, want hello", got, err)
	}
	if d := cmp.Diff([]string{"first", "second"}, l.tried); d != "" {
		t.Errorf("the keys (-want +got):\n%s", d)
	}
}

// TestKey_NotInErrors shows that the key does not get into an error, and so into the log,
// although the server repeats it, nor does a secret in the base URL.
func TestKey_NotInErrors(t *testing.T) {
	const key, query = "sk-Key0123456789abcdef", "QuerySecret0123456789"
	says := func(status int, text string) roundTripper {
		return func(r *http.Request) (*http.Response, error) {
			body := strings.ReplaceAll(text, "KEY", r.Header.Get("Authorization"))
			h := http.Header{"Content-Type": {"application/json"}, "X-Should-Retry": {"false"}, "Location": {"/login"}}
			return &http.Response{StatusCode: status, Request: r, Header: h, Body: io.NopCloser(strings.NewReader(body))}, nil
		}
	}
	long := strings.Repeat("x", 180) // so that a text is cut within the key
	for name, server := range map[string]roundTripper{
		"a message":           says(401, `{"error":{"message":"no such key: KEY","code":"invalid_api_key"}}`),
		"a code":              says(403, `{"error":{"code":"KEY"}}`),
		"a list":              says(400, `[{"error":{"message":"API key not valid: KEY"}}]`),
		"a page":              says(401, "<html>KEY</html>"),
		"a page, cut":         says(401, long+"KEY"),
		"a page of a 200":     says(200, "<html>KEY</html>"),
		"a part of a 200":     says(200, `{"id":"KEY"}`),
		"an error in a 200":   says(200, `{"error":"KEY"}`),
		"an event":            says(200, `data: {"error":{"message":"KEY and KEY"}}`+"\n\n"),
		"no JSON in an event": says(200, "data: KEY\n\n"),
		"a redirect":          says(302, ""),
		"no connection":       func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") },
	} {
		for form, ask := range forms {
			t.Run(name+" "+form, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					source := func(context.Context) (string, error) { return key, nil }
					p := openai.New("http://user:"+query+"@model.invalid/v1?code="+query, apikey.From(source, time.Now), &http.Client{Transport: server}, watch.Default)
					checkHidden(t, ask, p, key[:shown+1], query)
				})
			})
		}
	}
	for name, base := range map[string]string{"no port": "http://user:" + query + "@model.invalid:x/v1", "no escape": "http://model.invalid/v1?code=" + query + "\x00"} {
		t.Run(name, func(t *testing.T) {
			checkHidden(t, forms["whole"], openai.New(base, apikey.Fixed(key), http.DefaultClient, watch.Default), key[:shown+1], query)
		})
	}
}

// shown is how many characters of a key may be in an error at most, such as sk-proj-.
const shown = 11

func checkHidden(t *testing.T, ask func(context.Context, *openai.Provider) (string, error), p *openai.Provider, secrets ...string) {
	t.Helper()
	_, err := ask(t.Context(), p)
	if err == nil {
		t.Fatal("got no error")
	}
	for _, secret := range secrets {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("got the error %s, want it without %s", err, secret)
		}
	}
}
