package cognito

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// clientSecret is the secret of the pool's client. It lives in Cognito alone: no
// environment and no template has it, and a process reads it once.
type clientSecret struct {
	mu    sync.Mutex // also held while reading: the others wait for the same answer
	known *string
}

// get returns the secret, empty for a client that was made without one.
func (s *clientSecret) get(ctx context.Context, d *Directory) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		out, err := d.api.DescribeUserPoolClient(ctx, &idp.DescribeUserPoolClientInput{UserPoolId: &d.pool, ClientId: &d.client})
		if err != nil {
			return "", err
		}
		s.known = aws.String(aws.ToString(out.UserPoolClient.ClientSecret))
	}
	return *s.known, nil
}

// signed returns a call's parameters with the user's name, and with the hash that
// proves the client's secret where it has one.
func (d *Directory) signed(ctx context.Context, user string, parameters map[string]string) (map[string]string, error) {
	parameters["USERNAME"] = user
	secret, err := d.secret.get(ctx, d)
	if secret != "" {
		parameters["SECRET_HASH"] = base64.StdEncoding.EncodeToString(sum(secret, user+d.client))
	}
	return parameters, err
}

// DeviceKey returns the key that signs the tokens of known devices, derived from
// the client's secret; nil for a client that has none. A new client makes every
// device unknown, as it ends every session.
func (d *Directory) DeviceKey(ctx context.Context) ([]byte, error) {
	secret, err := d.secret.get(ctx, d)
	if secret == "" || err != nil {
		return nil, err
	}
	return sum(secret, "quintet known devices"), nil
}

func sum(key, text string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
