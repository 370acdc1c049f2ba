// Package session verifies session tokens: the ID tokens of an Amazon Cognito
// user pool, signed with RS256 by one of the keys that the pool publishes.
package session

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/quintet-agents/quintet/shared/identity"
)

// Pool identifies the user pool whose ID tokens are sessions.
type Pool struct {
	Issuer   string // the tokens' iss claim
	Audience string // the app client's id
	KeysURL  string // of the pool's JSON Web Key Set
}

// Verifier checks tokens of one pool. It is an identity.SessionVerifier.
type Verifier struct {
	keys     *keySet
	parser   *jwt.Parser
	standing *jwt.Validator
}

// New returns a verifier. It fetches the pool's keys with the first token.
func New(p Pool, client *http.Client, now func() time.Time) *Verifier {
	options := []jwt.ParserOption{
		jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}),
		jwt.WithIssuer(p.Issuer), jwt.WithAudience(p.Audience), jwt.WithExpirationRequired(), jwt.WithTimeFunc(now),
	}
	return &Verifier{
		keys:     &keySet{url: p.KeysURL, client: client, now: now},
		parser:   jwt.NewParser(options...),
		standing: jwt.NewValidator(options...),
	}
}

// claims are the claims of Cognito's ID tokens that we check.
type claims struct {
	jwt.RegisteredClaims

	TokenUse string `json:"token_use"`
}

// Validate runs beside the parser's own checks. It rejects the pool's access tokens, which
// have wider rights and are no sessions.
func (c claims) Validate() error {
	if c.TokenUse != "id" || c.Subject == "" || c.ID == "" {
		return errNoSession
	}
	return nil
}

var errNoSession = errors.New("the token is no ID token with a subject and an id")

// Verify implements identity.SessionVerifier.
func (v *Verifier) Verify(ctx context.Context, token string) (identity.Session, error) {
	var c claims
	var outOfReach error
	_, err := v.parser.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		// The signature is checked last, so that other invalid tokens cost no key fetch.
		if err := v.standing.Validate(c); err != nil {
			return nil, err
		}
		kid, _ := t.Header["kid"].(string)
		key, err := v.keys.find(ctx, kid)
		if err != nil {
			outOfReach = err
			return nil, err
		}
		if key == nil {
			return nil, errNoKey
		}
		return key, nil
	})
	switch {
	case outOfReach != nil:
		return identity.Session{}, outOfReach
	case err != nil:
		return identity.Session{}, identity.ErrUnauthorized
	}
	return identity.Session{ID: c.ID, UserID: c.Subject, ExpiresAt: c.ExpiresAt.Time}, nil
}

var errNoKey = errors.New("the pool has no such key")
