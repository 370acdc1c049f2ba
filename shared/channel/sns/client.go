package sns

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // signature version 1 is Amazon's choice
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	maxAnswer       = 64 << 10 // bytes of a certificate, or of the answer to a confirmation
	maxCertificates = 100      // that are kept; Amazon has one for each region at a time
	requestTime     = 3 * time.Second
)

// Client verifies messages and confirms subscriptions. It keeps certificates by their URLs:
// a URL contains the certificate's hash.
type Client struct {
	http  *http.Client
	roots *x509.CertPool
	now   func() time.Time

	mu    sync.Mutex
	known map[string]*x509.Certificate
}

// NewClient returns a client. It follows no redirects, whatever the HTTP client does. With
// roots, a certificate must also chain to one of them by what its URL serves; Amazon serves
// no intermediate certificates, so nil is right for Amazon: there the TLS connection proves
// where the certificate is from.
func NewClient(client *http.Client, roots *x509.CertPool, now func() time.Time) *Client {
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{http: &own, roots: roots, now: now, known: map[string]*x509.Certificate{}}
}

// Verify returns nil if Amazon signed the message and it is of the topic. Other errors are
// ErrUnsigned, ErrSignature, ErrTopic and ErrUnavailable.
func (c *Client) Verify(ctx context.Context, m Message, topicARN string) error {
	if m.Signature == "" {
		return ErrUnsigned
	}
	if topicARN == "" || m.TopicARN != topicARN {
		return ErrTopic
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(m.Signature)
	if err != nil {
		return ErrSignature
	}
	hash, digest := digestOf(m)
	at := certificateURL(m.SigningCertURL, topicARN)
	if at == nil || hash == 0 {
		return ErrSignature
	}
	certificate, err := c.certificate(ctx, at)
	if err != nil {
		return err
	}
	key, ok := certificate.PublicKey.(*rsa.PublicKey)
	if now := c.now(); !ok || now.Before(certificate.NotBefore) || now.After(certificate.NotAfter) {
		return ErrSignature
	}
	if rsa.VerifyPKCS1v15(key, hash, digest, signature) != nil {
		return ErrSignature
	}
	return nil
}

// digestOf returns the digest that a message's version signs; no hash for an unknown version.
func digestOf(m Message) (crypto.Hash, []byte) {
	switch m.SignatureVersion {
	case "1":
		sum := sha1.Sum(m.signed()) //nolint:gosec // see the import
		return crypto.SHA1, sum[:]
	case "2":
		sum := sha256.Sum256(m.signed())
		return crypto.SHA256, sum[:]
	}
	return 0, nil
}

func (c *Client) certificate(ctx context.Context, at *url.URL) (*x509.Certificate, error) {
	c.mu.Lock()
	found := c.known[at.String()]
	c.mu.Unlock()
	if found != nil {
		return found, nil
	}
	text, err := c.get(ctx, at.String())
	if err != nil {
		return nil, err
	}
	found, err = c.decode(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnavailable, at, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxCertificates {
		clear(c.known)
	}
	c.known[at.String()] = found
	return found, nil
}

// decode returns the first certificate of a PEM file.
func (c *Client) decode(text []byte) (*x509.Certificate, error) {
	var (
		first *x509.Certificate
		rest  = x509.NewCertPool()
	)
	for block, left := pem.Decode(text); block != nil; block, left = pem.Decode(left) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		switch {
		case err != nil:
			return nil, err
		case first == nil:
			first = certificate
		default:
			rest.AddCert(certificate)
		}
	}
	if first == nil {
		return nil, ErrFormat
	}
	if c.roots == nil {
		return first, nil
	}
	_, err := first.Verify(x509.VerifyOptions{Roots: c.roots, Intermediates: rest, CurrentTime: c.now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return first, err
}

// Confirm completes the subscription that a verified message asks for. It makes the request
// itself, in the topic's region, and requests no URL of the message; but a message with a
// SubscribeURL elsewhere is not Amazon's.
func (c *Client) Confirm(ctx context.Context, m Message) error {
	u := atAmazon(m.SubscribeURL, m.TopicARN)
	if m.Type != SubscriptionConfirmation || u == nil || m.Token == "" {
		return ErrSignature
	}
	query := url.Values{"Action": {"ConfirmSubscription"}, "TopicArn": {m.TopicARN}, "Token": {m.Token}, "Version": {"2010-03-31"}}
	_, err := c.get(ctx, (&url.URL{Scheme: "https", Host: u.Host, Path: "/", RawQuery: query.Encode()}).String())
	return err
}

func (c *Client) get(ctx context.Context, at string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if res.StatusCode != http.StatusOK || len(body) > maxAnswer {
		return nil, fmt.Errorf("%w: status %d, %d bytes", ErrUnavailable, res.StatusCode, len(body))
	}
	return body, nil
}
