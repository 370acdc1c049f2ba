// Package ssm reads secrets from AWS Systems Manager Parameter Store.
//
// It sends its only call itself, with the SDK's signer, which every client links anyway. The
// SDK's client for Systems Manager would make a chat function an eighth larger.
package ssm

import (
	"bytes"
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

// Store is the Parameter Store of a region and an account.
type Store struct {
	AWS aws.Config
	Now func() time.Time
}

const (
	attempts    = 6
	attemptTime = 2 * time.Second
	firstWait   = 100 * time.Millisecond // doubled with each attempt: 3 s on average in all
	maxAnswer   = 64 << 10               // bytes; a parameter has at most 8 KB
)

// Get returns a parameter's decrypted value without surrounding blanks. It retries while
// Parameter Store throttles or cannot be reached. It returns an error for a value that is blank
// or cannot be sent in an HTTP header. Errors name the parameter and never contain its value.
func (s Store) Get(ctx context.Context, name string) (string, error) {
	for n := 1; ; n++ {
		value, err := s.attempt(ctx, name)
		if _, temporary := errors.AsType[*temporaryError](err); !temporary || n == attempts {
			return value, err
		}
		wait := firstWait << (n - 1)
		select {
		case <-time.After(wait/2 + rand.N(wait)):
		case <-ctx.Done():
			return "", errors.Join(err, ctx.Err())
		}
	}
}

// temporaryError is a failure after which a retry may succeed.
type temporaryError struct{ error }

func (e *temporaryError) Unwrap() error { return e.error }

func (s Store) attempt(ctx context.Context, name string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	r, err := s.request(ctx, name)
	if err != nil {
		return "", err
	}
	res, err := s.AWS.HTTPClient.Do(r)
	if err != nil {
		return "", &temporaryError{fmt.Errorf("the parameter %s cannot be read: Parameter Store cannot be reached: %w", name, err)}
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return "", &temporaryError{fmt.Errorf("the parameter %s cannot be read: the answer of Parameter Store broke off: %w", name, err)}
	}
	if res.StatusCode != http.StatusOK {
		return "", s.refusal(name, res.StatusCode, body)
	}
	var answer struct{ Parameter struct{ Value string } }
	if json.Unmarshal(body, &answer) != nil {
		return "", fmt.Errorf("the parameter %s cannot be read: the answer of Parameter Store is not JSON", name)
	}
	return usable(name, answer.Parameter.Value)
}

// request returns the signed call of GetParameter.
func (s Store) request(ctx context.Context, name string) (*http.Request, error) {
	body, err := json.Marshal(map[string]any{"Name": name, "WithDecryption": true})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AmazonSSM.GetParameter")
	credentials, err := s.AWS.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(body)
	return r, v4.NewSigner().SignHTTP(ctx, credentials, r, hex.EncodeToString(hash[:]), "ssm", s.AWS.Region, s.Now())
}

func (s Store) endpoint() string {
	if s.AWS.BaseEndpoint != nil {
		return *s.AWS.BaseEndpoint
	}
	suffix := ".amazonaws.com"
	if strings.HasPrefix(s.AWS.Region, "cn-") {
		suffix = ".amazonaws.com.cn"
	}
	return "https://ssm." + s.AWS.Region + suffix + "/"
}

// refusal returns the error for an unsuccessful answer: what happened, and what to do.
func (s Store) refusal(name string, status int, body []byte) error {
	var said struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // or Message: names are read in either case
	}
	_ = json.Unmarshal(body, &said) // an answer that is not from AWS has neither field
	code := said.Type[strings.LastIndex(said.Type, "#")+1:]
	switch {
	case code == "ParameterNotFound":
		return fmt.Errorf("the parameter %s does not exist in %s: put it into Parameter Store there, as a SecureString", name, s.AWS.Region)
	case code == "AccessDeniedException":
		return fmt.Errorf("the parameter %s may not be read by this function, whose role needs ssm:GetParameter on it, and kms:Decrypt if a KMS key of your own encrypts it: %s", name, said.Message)
	case code == "ThrottlingException" || status == http.StatusTooManyRequests:
		return &temporaryError{fmt.Errorf("the parameter %s cannot be read: Parameter Store is throttling this account; its higher-throughput setting raises the limit: %s", name, said.Message)}
	}
	err := fmt.Errorf("the parameter %s cannot be read: Parameter Store answered status %d, code %q, message %q", name, status, code, said.Message)
	if status >= http.StatusInternalServerError {
		return &temporaryError{err}
	}
	return err
}

// usable returns a value without surrounding blanks, such as the newline at the end of a file.
func usable(name, value string) (string, error) {
	value = strings.TrimSpace(value)
	if value == "" {
		return "", fmt.Errorf("the parameter %s is blank: put the key into it", name)
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' || c > '~' {
			return "", fmt.Errorf("the parameter %s has a character at byte %d that no HTTP header can carry: put the key alone into it", name, i+1)
		}
	}
	return value, nil
}
