package boot

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/quintet-agents/quintet/shared/awshttp"
)

// AWS returns the configuration of a service's client: region, credentials and endpoint
// from the environment. It does not use the SDK's config package, whose other sources
// make a binary a sixth larger and its start slower. An empty endpoint means AWS itself;
// AWS then opens a connection while the function starts.
func (d *Deps) AWS(service, endpoint string) aws.Config {
	warm(d.http, endpoint, service, d.config.Region)
	return d.ColdAWS(endpoint)
}

// ColdAWS is AWS for a service that most starts of the function do not need: it opens no
// connection.
func (d *Deps) ColdAWS(endpoint string) aws.Config {
	c := aws.Config{
		Region:     d.config.Region,
		HTTPClient: awshttp.PlainBodies(d.http),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID: d.config.AccessKeyID, SecretAccessKey: d.config.SecretAccessKey,
				SessionToken: d.config.SessionToken, Source: "environment",
			}, nil
		}),
	}
	if endpoint != "" {
		c.BaseEndpoint = &endpoint
	}
	return c
}

func newHTTPClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   5 * time.Second,
		MaxIdleConnsPerHost:   8, // for a wave of concurrent reads
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
	}}
}

// warmTime bounds the time that warming may add to a start.
const warmTime = time.Second

// warm opens a connection to a service while the function starts. Lambda gives starting
// functions more CPU than running ones, and a first TLS handshake with the CPU of 128 MB
// takes longer than the whole start.
func warm(client *http.Client, endpoint, service, region string) {
	if endpoint != "" {
		return // not AWS, and usually not even TLS
	}
	ctx, cancel := context.WithTimeout(context.Background(), warmTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+service+"."+region+".amazonaws.com/ping", nil)
	if err != nil {
		return
	}
	if res, err := client.Do(req); err == nil {
		_ = res.Body.Close()
	}
}
