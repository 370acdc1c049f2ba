package ssm_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/ssm"
	"github.com/quintet-agents/quintet/shared/ssm/ssmtest"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

// client is a test's HTTP client.
type client func(*http.Request) (*http.Response, error)

func (c client) Do(r *http.Request) (*http.Response, error) { return c(r) }

func store(c aws.HTTPClient, endpoint string) ssm.Store {
	config := aws.Config{
		Region: "us-east-1", HTTPClient: c,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "secret", SessionToken: "token"}, nil
		}),
	}
	if endpoint != "" {
		config.BaseEndpoint = &endpoint
	}
	return ssm.Store{AWS: config, Now: time.Now}
}

func answer(status int, body string) (*http.Response, error) {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// Get reads a SecureString from a real engine, with and without blanks around the value.
func TestGet(t *testing.T) {
	name := ssmtest.Name(t)
	s := store(http.DefaultClient, dynamotest.Endpoint())
	for _, value := range []string{"first", "second\n", " third\r\n"} {
		ssmtest.Put(t, name, value)
		if got, err := s.Get(t.Context(), name); got != strings.TrimSpace(value) || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, strings.TrimSpace(value))
		}
	}
}

// Each error names the parameter and what to do, and never contains a value.
func TestGet_Failures(t *testing.T) {
	blank, lines, other := ssmtest.Name(t), ssmtest.Name(t), ssmtest.Name(t)
	ssmtest.Put(t, blank, " \n")
	ssmtest.Put(t, lines, "hush\nhush")
	ssmtest.Put(t, other, "hüsh")
	engine := func(name string) error {
		_, err := store(http.DefaultClient, dynamotest.Endpoint()).Get(t.Context(), name)
		return err
	}
	answered := func(status int, body string) error {
		calls := 0
		_, err := store(client(func(*http.Request) (*http.Response, error) { calls++; return answer(status, body) }), "").Get(t.Context(), "/quintet/key")
		if calls != 1 {
			t.Errorf("got %d calls for %s, want 1", calls, body)
		}
		return err
	}
	for want, err := range map[string]error{
		"the parameter /quintet/none does not exist in us-east-1: put it into Parameter Store there, as a SecureString":                                                                                                     engine("/quintet/none"),
		"the parameter " + blank + " is blank: put the key into it":                                                                                                                                                         engine(blank),
		"the parameter " + lines + " has a character at byte 5 that no HTTP header can carry: put the key alone into it":                                                                                                    engine(lines),
		"the parameter " + other + " has a character at byte 2 that no HTTP header can carry: put the key alone into it":                                                                                                    engine(other),
		"the parameter /quintet/key does not exist in us-east-1: put it into Parameter Store there, as a SecureString":                                                                                                      answered(400, `{"__type":"com.amazonaws.ssm#ParameterNotFound"}`),
		"the parameter /quintet/key may not be read by this function, whose role needs ssm:GetParameter on it, and kms:Decrypt if a KMS key of your own encrypts it: User x is not authorized to perform: ssm:GetParameter": answered(400, `{"__type":"AccessDeniedException","Message":"User x is not authorized to perform: ssm:GetParameter"}`),
		`the parameter /quintet/key cannot be read: Parameter Store answered status 400, code "InvalidKeyId", message "no"`:                                                                                                 answered(400, `{"__type":"InvalidKeyId","message":"no"}`),
		`the parameter /quintet/key cannot be read: Parameter Store answered status 403, code "", message ""`:                                                                                                               answered(403, `<html>proxy</html>`),
		"the parameter /quintet/key cannot be read: the answer of Parameter Store is not JSON":                                                                                                                              answered(200, `<html>hush</html>`),
		"the parameter /quintet/key is blank: put the key into it":                                                                                                                                                          answered(200, `{}`),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// After a throttle or a failure of the server or the connection, Get retries, with six attempts
// in all.
func TestGet_Temporary(t *testing.T) {
	for name, fail := range map[string]client{
		"throttled": func(*http.Request) (*http.Response, error) {
			return answer(400, `{"__type":"ThrottlingException","message":"Rate exceeded"}`)
		},
		"unavailable": func(*http.Request) (*http.Response, error) { return answer(503, "") },
		"reset":       func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNRESET },
		"silent": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
	} {
		for failures := 5; failures <= 6; failures++ {
			t.Run(fmt.Sprint(name, failures), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					calls := 0
					got, err := store(client(func(r *http.Request) (*http.Response, error) {
						if calls++; calls <= failures {
							return fail(r)
						}
						return answer(200, `{"Parameter":{"Value":"secret"}}`)
					}), "").Get(t.Context(), "/quintet/key")
					if failures < 6 && (got != "secret" || err != nil) || failures == 6 && (err == nil || !strings.Contains(err.Error(), "/quintet/key")) || calls != 6 {
						t.Errorf(`got %q, %v after %d calls, %d of them failed; want "secret", or an error that names /quintet/key after 6 calls`, got, err, calls, failures)
					}
				})
			})
		}
	}
}

// Get does not retry after the caller's context has ended.
func TestGet_CallerLeaves(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err := store(client(func(*http.Request) (*http.Response, error) {
		calls++
		cancel()
		return nil, syscall.ECONNRESET
	}), "").Get(ctx, "/quintet/key")
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("got %v after %d calls, want Canceled after 1", err, calls)
	}
}

// The request has the address and fields that AWS expects, and a valid signature, which the test
// computes from the received request.
func TestGet_Request(t *testing.T) {
	for region, host := range map[string]string{"eu-central-1": "ssm.eu-central-1.amazonaws.com", "cn-north-1": "ssm.cn-north-1.amazonaws.com.cn"} {
		t.Run(region, func(t *testing.T) {
			var sent *http.Request
			var body []byte
			s := store(client(func(r *http.Request) (*http.Response, error) {
				sent = r
				body, _ = io.ReadAll(r.Body)
				return answer(200, `{"Parameter":{"Value":"secret"}}`)
			}), "")
			s.AWS.Region = region
			if _, err := s.Get(t.Context(), "/quintet/key"); err != nil {
				t.Fatal(err)
			}
			if sent.URL.String() != "https://"+host+"/" || sent.Method != http.MethodPost || sent.ContentLength != int64(len(body)) {
				t.Errorf("got %s %s with %d bytes, want POST https://%s/ with %d", sent.Method, sent.URL, sent.ContentLength, host, len(body))
			}
			if want := `{"Name":"/quintet/key","WithDecryption":true}`; string(body) != want {
				t.Errorf("got %s, want %s", body, want)
			}
			if got, want := sent.Header.Get("Authorization"), signature(sent, host, region, body); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// signature returns the Signature Version 4 of a request, as an Authorization header.
func signature(r *http.Request, host, region string, body []byte) string {
	at := r.Header.Get("X-Amz-Date")
	scope := at[:8] + "/" + region + "/ssm/aws4_request"
	const signed = "content-length;content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
	canonical := strings.Join([]string{
		"POST", "/", "",
		fmt.Sprintf("content-length:%d", len(body)),
		"content-type:application/x-amz-json-1.1",
		"host:" + host,
		"x-amz-date:" + at,
		"x-amz-security-token:token",
		"x-amz-target:AmazonSSM.GetParameter",
		"", signed, hash(body),
	}, "\n")
	toSign := strings.Join([]string{"AWS4-HMAC-SHA256", at, scope, hash([]byte(canonical))}, "\n")
	key := []byte("AWS4secret")
	for _, part := range []string{at[:8], region, "ssm", "aws4_request"} {
		key = mac(key, part)
	}
	return "AWS4-HMAC-SHA256 Credential=test/" + scope + ", SignedHeaders=" + signed + ", Signature=" + hex.EncodeToString(mac(key, toSign))
}

func hash(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, bytes.Clone(key))
	m.Write([]byte(text))
	return m.Sum(nil)
}
