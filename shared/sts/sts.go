// Package sts assumes roles of other AWS accounts with AWS Security Token Service.
package sts

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/quintet-agents/quintet/shared/awscall"
)

// Life is how long the credentials of an assumed role are valid: the most that a role allows
// unless its owner has raised it.
const Life = time.Hour

// Client calls Security Token Service.
type Client struct{ STS awscall.Service }

// Assume returns credentials of a role. The external id proves to the role's owner on whose
// behalf we ask. The session's name is in the owner's trail; it has 2 to 64 characters of
// A-Za-z0-9_=,.@-. The error is an *awscall.RefusedError, or that of the connection.
func (c Client) Assume(ctx context.Context, roleARN, externalID, session string) (aws.Credentials, error) {
	form := url.Values{
		"Action": {"AssumeRole"}, "Version": {"2011-06-15"}, "RoleArn": {roleARN}, "ExternalId": {externalID},
		"RoleSessionName": {session}, "DurationSeconds": {strconv.Itoa(int(Life.Seconds()))},
	}
	a, err := c.STS.Post(ctx, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode()))
	if err != nil {
		return aws.Credentials{}, err
	}
	if a.Status != http.StatusOK {
		var said struct {
			Code    string `xml:"Error>Code"`
			Message string `xml:"Error>Message"`
		}
		_ = xml.Unmarshal(a.Body, &said) // an answer that is not from AWS has neither field
		return aws.Credentials{}, &awscall.RefusedError{Service: c.STS.Name, Status: a.Status, Code: said.Code, Message: said.Message}
	}
	var got struct {
		Key     string    `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
		Secret  string    `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
		Token   string    `xml:"AssumeRoleResult>Credentials>SessionToken"`
		Expires time.Time `xml:"AssumeRoleResult>Credentials>Expiration"`
	}
	if err := xml.Unmarshal(a.Body, &got); err != nil || got.Key == "" || got.Secret == "" || got.Expires.IsZero() {
		return aws.Credentials{}, fmt.Errorf("the answer of %s has no credentials", c.STS.Name)
	}
	return aws.Credentials{
		AccessKeyID: got.Key, SecretAccessKey: got.Secret, SessionToken: got.Token,
		CanExpire: true, Expires: got.Expires, Source: "assumed role",
	}, nil
}
