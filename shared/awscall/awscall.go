// Package awscall sends single calls of AWS services, for functions that need one or two
// operations of a service. It uses the SDK's signer, which every client of the SDK links
// anyway; a client of its own for each service would make a chat function 5 % larger.
package awscall

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Service is an AWS service in a region.
type Service struct {
	Config aws.Config // region, credentials, HTTP client and endpoint
	Name   string     // in host names and signatures, such as kms
	Now    func() time.Time
	Tries  int // of a call; 0: 3
}

const (
	tries       = 3
	attemptTime = 2 * time.Second
	firstWait   = 100 * time.Millisecond // doubled with each attempt
	maxAnswer   = 256 << 10              // bytes
)

// Answer is a service's answer, whatever its status.
type Answer struct {
	Status int
	Body   []byte
}

// RefusedError is an unsuccessful answer.
type RefusedError struct {
	Service string
	Status  int
	Code    string // such as AccessDeniedException
	Message string
}

// Error names the service, and what it said.
func (r *RefusedError) Error() string {
	return fmt.Sprintf("%s answered status %d, code %q, message %q", r.Service, r.Status, r.Code, r.Message)
}

// Temporary reports whether the service throttled the call or failed.
func (r *RefusedError) Temporary() bool {
	return r.Status == http.StatusTooManyRequests || r.Status >= http.StatusInternalServerError || strings.Contains(r.Code, throttling)
}

// throttling is in the code of a throttled call of any service.
const throttling = "Throttling"

// JSON calls an operation in the protocol AWS JSON 1.1 and reads its answer into out. target
// names the operation, as in TrentService.Decrypt. The error is a *RefusedError, or that of the
// connection.
func (s Service) JSON(ctx context.Context, target string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	a, err := s.Post(ctx, http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {target}}, body)
	if err != nil {
		return err
	}
	if a.Status == http.StatusOK {
		return json.Unmarshal(a.Body, out)
	}
	var said struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // or Message: names are read in either case
	}
	_ = json.Unmarshal(a.Body, &said) // an answer that is not from AWS has neither field
	return &RefusedError{Service: s.Name, Status: a.Status, Code: said.Type[strings.LastIndex(said.Type, "#")+1:], Message: said.Message}
}

// Post sends a signed request. It retries while the service throttles, fails or cannot be
// reached, which is safe for operations that change nothing.
func (s Service) Post(ctx context.Context, header http.Header, body []byte) (Answer, error) {
	for n := 1; ; n++ {
		a, err := s.attempt(ctx, header, body)
		if err == nil && !a.temporary() || n == cmp.Or(s.Tries, tries) {
			return a, err
		}
		wait := firstWait << (n - 1)
		select {
		case <-time.After(wait/2 + rand.N(wait)):
		case <-ctx.Done():
			return Answer{}, errors.Join(err, ctx.Err())
		}
	}
}

// temporary reports whether a retry may succeed.
func (a Answer) temporary() bool {
	return a.Status == http.StatusTooManyRequests || a.Status >= http.StatusInternalServerError ||
		a.Status == http.StatusBadRequest && bytes.Contains(a.Body, []byte(throttling))
}

func (s Service) attempt(ctx context.Context, header http.Header, body []byte) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint(), bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	r.Header = header.Clone()
	credentials, err := s.Config.Credentials.Retrieve(ctx)
	if err != nil {
		return Answer{}, err
	}
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, credentials, r, hex.EncodeToString(hash[:]), s.Name, s.Config.Region, s.Now()); err != nil {
		return Answer{}, err
	}
	res, err := s.Config.HTTPClient.Do(r)
	if err != nil {
		return Answer{}, fmt.Errorf("%s cannot be reached: %w", s.Name, err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return Answer{}, fmt.Errorf("the answer of %s broke off: %w", s.Name, err)
	}
	return Answer{Status: res.StatusCode, Body: answer}, nil
}

func (s Service) endpoint() string {
	if s.Config.BaseEndpoint != nil {
		return strings.TrimSuffix(*s.Config.BaseEndpoint, "/") + "/"
	}
	suffix := ".amazonaws.com/"
	if strings.HasPrefix(s.Config.Region, "cn-") {
		suffix = ".amazonaws.com.cn/"
	}
	return "https://" + s.Name + "." + s.Config.Region + suffix
}
