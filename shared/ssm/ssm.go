// Package ssm reads secrets from AWS Systems Manager Parameter Store.
package ssm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/quintet-agents/quintet/shared/awscall"
)

// Store is the Parameter Store of a region and an account.
type Store struct {
	AWS aws.Config
	Now func() time.Time
}

// tries bounds the calls for one parameter. The pauses between them are 3 s on average in all.
const tries = 6

// Get returns a parameter's decrypted value without surrounding blanks. It retries while
// Parameter Store throttles or cannot be reached. It returns an error for a value that is blank
// or cannot be sent in an HTTP header. Errors name the parameter and never contain its value.
func (s Store) Get(ctx context.Context, name string) (string, error) {
	var answer struct{ Parameter struct{ Value string } }
	call := awscall.Service{Config: s.AWS, Name: "ssm", Now: s.Now, Tries: tries}
	err := call.JSON(ctx, "AmazonSSM.GetParameter", map[string]any{"Name": name, "WithDecryption": true}, &answer)
	if err != nil {
		return "", s.failure(name, err)
	}
	return usable(name, answer.Parameter.Value)
}

// failure returns the error of a failed call: what happened, and what to do.
func (s Store) failure(name string, err error) error {
	refused, ok := errors.AsType[*awscall.RefusedError](err)
	_, isText := errors.AsType[*json.SyntaxError](err)
	switch {
	case isText:
		return fmt.Errorf("the parameter %s cannot be read: the answer of Parameter Store is not JSON", name)
	case !ok:
		return fmt.Errorf("the parameter %s cannot be read: %w", name, err)
	case refused.Code == "ParameterNotFound":
		return fmt.Errorf("the parameter %s does not exist in %s: put it into Parameter Store there, as a SecureString", name, s.AWS.Region)
	case refused.Code == "AccessDeniedException":
		return fmt.Errorf("the parameter %s may not be read by this function, whose role needs ssm:GetParameter on it, and kms:Decrypt if a KMS key of your own encrypts it: %s", name, refused.Message)
	case refused.Code == "ThrottlingException" || refused.Status == http.StatusTooManyRequests:
		return fmt.Errorf("the parameter %s cannot be read: Parameter Store is throttling this account; its higher-throughput setting raises the limit: %s", name, refused.Message)
	}
	return fmt.Errorf("the parameter %s cannot be read: Parameter Store answered status %d, code %q, message %q", name, refused.Status, refused.Code, refused.Message)
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
