package bedrock

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/auth/bearer"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// WithKey makes a client send a Bedrock API key instead of a signature.
func WithKey(key string) func(*bedrockruntime.Options) {
	return func(o *bedrockruntime.Options) {
		o.Credentials = nil
		o.AuthSchemePreference = []string{"httpBearerAuth"}
		o.BearerAuthTokenProvider = bearer.StaticTokenProvider{Token: bearer.Token{Value: key}}
		o.BearerAuthSigner = signer{}
	}
}

// signer adds the key to a request. The SDK's own signer refuses requests without TLS, which
// a local Bedrock has not.
type signer struct{}

// SignWithBearerToken implements bearer.Signer.
func (signer) SignWithBearerToken(_ context.Context, token bearer.Token, m bearer.Message) (bearer.Message, error) {
	r, ok := m.(*smithyhttp.Request)
	if !ok {
		return nil, &smithy.SerializationError{}
	}
	r = r.Clone()
	r.Header.Set("Authorization", "Bearer "+token.Value)
	return r, nil
}
