package ses

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/quintet-agents/quintet/shared/channel"
)

var errNoMessage = errors.New("the answer names no message")

func unsent(cause error) *channel.SendError {
	return &channel.SendError{Kind: channel.Unsent, Message: "Amazon SES could not be reached; nothing was sent", Err: cause}
}

func unknown(cause error) *channel.SendError {
	return &channel.SendError{Kind: channel.Unknown, Message: "The answer of Amazon SES was lost; the mail may have been sent", Err: cause}
}

// refusal is what an error code of SES calls for.
type refusal struct {
	kind    channel.Kind
	message string // shown instead of SES's text, which is empty or names the deployment's account
	action  string // what the owner of the connection can do, for Stopped
}

// notVerified is the code of the rejections that have no code of their own in SES: it calls them
// MessageRejected, like a mail with a virus.
const notVerified = "EmailAddressNotVerified"

// The codes of our own checks.
const (
	codeNoIdentity  = "IdentityNotFound"
	codeNotAssigned = "IdentityNotAssigned"
	codeSandbox     = "Sandbox"
)

// operator begins the actions that the account of the deployment needs.
const operator = "Ask the operator of this deployment "

// refusals are the errors of SendEmail in the model of the API, the codes that every API of AWS
// has, and our own. Other codes of the client's fault are Rejected.
var refusals = map[string]refusal{
	"TooManyRequestsException": {kind: channel.Throttled},
	"LimitExceededException":   {kind: channel.Throttled},
	"ThrottlingException":      {kind: channel.Throttled},
	"Throttling":               {kind: channel.Throttled},
	"ExpiredTokenException":    {kind: channel.Throttled}, // the next start of the function has a new one

	"AccountSuspendedException":          {channel.Stopped, "The deployment's account of Amazon SES may not send mail any more", operator + "to open a case with AWS Support."},
	"SendingPausedException":             {channel.Stopped, "Sending is paused in the deployment's account of Amazon SES", operator + "to see in the SES console why sending is paused, and to resume it."},
	"MailFromDomainNotVerifiedException": {channel.Stopped, "The MAIL FROM domain of the sending identity is not verified in Amazon SES", operator + "to complete the MX and TXT records of the identity's MAIL FROM domain."},
	notVerified:                          {channel.Stopped, "Amazon SES has not verified the sender's address, or the account is in its sandbox and may not write to this person", operator + "to verify the address or its domain in the SES console, and to request production access."},
	codeNoIdentity:                       {channel.Stopped, "Amazon SES has no verified identity for the connection's address", operator + "to verify the address or its domain in the SES console."},
	codeNotAssigned:                      {channel.Stopped, "The identity of the connection's address in Amazon SES is not assigned to this organisation", operator + "to add the tag that the connection's setup names to the identity, if the address is yours."},
	codeSandbox:                          {channel.Stopped, "The deployment's account of Amazon SES is in the sandbox and reaches verified addresses only", operator + "to request production access in the SES console."},

	"AccessDeniedException":       {channel.Stopped, "The deployment has no right to send mail with Amazon SES", operator + "to allow ses:SendEmail, ses:GetEmailIdentity and ses:GetAccount to its functions of mail."},
	"UnrecognizedClientException": {channel.Stopped, "Amazon SES refused the deployment's credentials", operator + "to check the role of the function."},
	"InvalidClientTokenId":        {channel.Stopped, "Amazon SES refused the deployment's credentials", operator + "to check the role of the function."},

	"MessageRejected":     {kind: channel.Rejected},
	"BadRequestException": {kind: channel.Rejected},
	"NotFoundException":   {kind: channel.Rejected},
}

// actionOf returns what the owner of a connection can do about a code.
func actionOf(code string) string {
	if a := refusals[code].action; a != "" {
		return a
	}
	return operator + "to look at the account in the SES console."
}

// quotaWait is how long a full daily quota is left alone: it is counted over 24 hours, so that
// some of it is free after each hour.
const quotaWait = time.Hour

// failureOf returns what an error of the SDK means. Sent is whether the request had left.
func failureOf(err error, sent bool) *channel.SendError {
	api, answered := errors.AsType[smithy.APIError](err)
	response, _ := errors.AsType[*awshttp.ResponseError](err) // nil: there was no answer
	switch {
	case !answered && !sent:
		return unsent(err)
	case !answered, response != nil && response.HTTPStatusCode() >= http.StatusInternalServerError:
		return unknown(loggable(err, api, response))
	}
	code, text := api.ErrorCode(), api.ErrorMessage()
	if code == "MessageRejected" && strings.Contains(text, "not verified") {
		code = notVerified
	}
	r, known := refusals[code]
	f := &channel.SendError{Kind: r.kind, Message: r.message, Name: code, Err: loggable(err, api, response)}
	if !known {
		f.Kind = kindOfStatus(response)
	}
	if f.Kind == channel.Throttled && strings.Contains(strings.ToLower(text), "daily") {
		f.RetryAfter = quotaWait
	}
	if f.Kind == channel.Stopped {
		f.Action = actionOf(code)
	}
	switch {
	case f.Message != "":
	case text != "" && known:
		f.Message = "Amazon SES refused the mail: " + text
	default:
		f.Message = "Amazon SES refused the mail with the error " + code
	}
	return f
}

// loggable returns what a log has of an error. SES repeats addresses in its texts. Those about
// the rights of the deployment name only its roles, and the operator needs them.
func loggable(err error, api smithy.APIError, r *awshttp.ResponseError) error {
	if r == nil || api == nil {
		return err
	}
	switch api.ErrorCode() {
	case "AccessDeniedException", "UnrecognizedClientException", "InvalidClientTokenId":
		return err
	}
	return fmt.Errorf("HTTP status %d, request id %q", r.HTTPStatusCode(), r.ServiceRequestID())
}

// kindOfStatus returns the kind of a code that is not in the table.
func kindOfStatus(r *awshttp.ResponseError) channel.Kind {
	switch {
	case r != nil && r.HTTPStatusCode() == http.StatusTooManyRequests:
		return channel.Throttled
	case r != nil && r.HTTPStatusCode() == http.StatusForbidden:
		return channel.Stopped
	}
	return channel.Rejected
}
