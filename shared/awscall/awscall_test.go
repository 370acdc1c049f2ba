package awscall_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/quintet-agents/quintet/shared/awscall"
)

// client is a test's HTTP client.
type client func(*http.Request) (*http.Response, error)

func (c client) Do(r *http.Request) (*http.Response, error) { return c(r) }

func service(region string, c client) awscall.Service {
	return awscall.Service{
		Config: aws.Config{Region: region, HTTPClient: c, Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "hush", SessionToken: "token"}, nil
		})},
		Name: "kms", Now: time.Now,
	}
}

func answer(status int, body string) (*http.Response, error) {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func TestService_JSON(t *testing.T) {
	for region, host := range map[string]string{"eu-central-1": "kms.eu-central-1.amazonaws.com", "cn-north-1": "kms.cn-north-1.amazonaws.com.cn"} {
		s := service(region, func(r *http.Request) (*http.Response, error) {
			if r.URL.Scheme != "https" || r.URL.Host != host || r.Header.Get("X-Amz-Target") != "TrentService.Decrypt" || r.Header.Get("X-Amz-Security-Token") != "token" {
				t.Errorf("got %s %v, want a call of %s", r.URL, r.Header, host)
			}
			if got, want := r.Header.Get("Authorization"), "/"+region+"/kms/aws4_request"; !strings.Contains(got, want) {
				t.Errorf("got Authorization %s, want the scope %s", got, want)
			}
			body, _ := io.ReadAll(r.Body)
			return answer(200, string(body))
		})
		var out struct{ A string }
		if err := s.JSON(t.Context(), "TrentService.Decrypt", map[string]string{"A": "b"}, &out); err != nil || out.A != "b" {
			t.Errorf("got %+v, %v, want b", out, err)
		}
	}
}

// A call is retried while the service throttles, fails or cannot be reached, and never after
// a refusal.
func TestService_Retries(t *testing.T) {
	throttled := `{"__type":"com.amazonaws.kms#ThrottlingException","message":"slow down"}`
	denied := `{"__type":"AccessDeniedException","Message":"no"}`
	for name, tc := range map[string]struct {
		answers []string // status and body
		calls   int
		want    *awscall.RefusedError // nil: success
	}{
		"success":          {[]string{"200 {}"}, 1, nil},
		"throttled":        {[]string{"400 " + throttled, "200 {}"}, 2, nil},
		"fails, then not":  {[]string{"500 ", "503 ", "200 {}"}, 3, nil},
		"lost, then not":   {[]string{"0 ", "200 {}"}, 2, nil},
		"always throttled": {[]string{"400 " + throttled, "400 " + throttled, "400 " + throttled}, 3, &awscall.RefusedError{Service: "kms", Status: 400, Code: "ThrottlingException", Message: "slow down"}},
		"denied":           {[]string{"400 " + denied}, 1, &awscall.RefusedError{Service: "kms", Status: 400, Code: "AccessDeniedException", Message: "no"}},
		"no JSON":          {[]string{"403 <html>"}, 1, &awscall.RefusedError{Service: "kms", Status: 403}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				err := service("us-east-1", func(*http.Request) (*http.Response, error) {
					var status int
					_, _ = fmt.Sscan(tc.answers[calls], &status)
					_, body, _ := strings.Cut(tc.answers[calls], " ")
					calls++
					if status == 0 {
						return nil, io.ErrUnexpectedEOF
					}
					return answer(status, body)
				}).JSON(t.Context(), "X.Y", struct{}{}, &struct{}{})
				refusal, _ := errors.AsType[*awscall.RefusedError](err)
				if calls != tc.calls || (tc.want == nil) != (err == nil) || tc.want != nil && (refusal == nil || *refusal != *tc.want) {
					t.Errorf("got %v after %d calls, want %v after %d", err, calls, tc.want, tc.calls)
				}
			})
		})
	}
}

// A hanging service ends the call in bounded time, and so does its caller.
func TestService_Hangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := service("us-east-1", func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		start := time.Now()
		if err := hang.JSON(t.Context(), "X.Y", struct{}{}, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want a deadline", err)
		}
		if took := time.Since(start); took > 7*time.Second {
			t.Errorf("got an end after %s, want at most 7 s", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := hang.JSON(ctx, "X.Y", struct{}{}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want canceled", err)
		}
	})
}
