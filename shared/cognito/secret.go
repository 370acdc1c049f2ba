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

// clientSecret is the secret of the pool's client. Cognito alone stores it, not the
// environment or the template; a process reads it once.
type clientSecret struct {
	mu    sync.Mutex // held while reading, so that concurrent callers read once
	known *string
}

// get returns the secret, empty for a client without one.
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

// signed adds the user's name to a call's parameters, and for a client with a secret
// the hash that proves it.
func (d *Directory) signed(ctx context.Context, user string, parameters map[string]string) (map[string]string, error) {
	parameters["USERNAME"] = user
	secret, err := d.secret.get(ctx, d)
	if secret != "" {
		parameters["SECRET_HASH"] = base64.StdEncoding.EncodeToString(sum(secret, user+d.client))
	}
	return parameters, err
}

// DeviceKey returns the key that signs the tokens of known devices, derived from
// the client's secret; nil for a client without one. A new client makes every device
// unknown, just as it ends every session.
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
