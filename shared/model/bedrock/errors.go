package bedrock

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/length"
	"github.com/quintet-agents/quintet/shared/model/watch"
)

var (
	errNoMessage = errors.New("bedrock: the response has no message")
	errCutOff    = errors.New("bedrock: the stream ended before its messageStop")
)

// retryAfter is the Retry-After for a busy model. Bedrock names no time. Its quotas
// refill every minute and the SDK has already retried for a few seconds, so an
// immediate retry would be too early. Five seconds is about as long as a person in a
// chat will wait.
const retryAfter = 5 * time.Second

// translate converts an error of the SDK, before or within a stream, into a
// *fault.Error. errors.Is still finds the error of an ended context in it.
func translate(call *watch.Call, req model.Request, err error) error {
	if failure := call.Failure(err); failure != nil {
		return failure
	}
	refusedImages, tooLong := refusedImages(req, err), tooLong(err)
	switch {
	case errors.Is(err, model.ErrTooLarge):
		return model.TooLarge("body or frame")
	case refusedImages != nil:
		return refusedImages.Fault()
	case tooLong != nil:
		return tooLong.Fault()
	case unavailable(err):
		return model.Busy(retryAfter, err)
	case refused(err):
		return model.Refused(marked(err))
	default:
		return model.Failed(marked(err))
	}
}

func unavailable(err error) bool {
	switch code(err) {
	case "throttlingexception", "toomanyrequestsexception", "serviceunavailableexception",
		"modelnotreadyexception", "modeltimeoutexception", "servicequotaexceededexception":
		return true
	}
	// The errors of a proxy in between have a status and no code.
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		switch response.HTTPStatusCode() {
		case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
	}
	return model.Unreachable(err)
}

// marked marks an error about the credentials as such.
func marked(err error) error {
	if refusedKey(err) {
		return model.OfKey(err)
	}
	return err
}

// refusedKey reports whether Bedrock does not accept the credentials: a signature, a token or
// an API key. It denies access for many reasons. All messages about a model name it; an
// invalid API key has the message "Authentication failed: Please make sure your API Key is
// valid", and not always a code.
func refusedKey(err error) bool {
	switch code(err) {
	case "unrecognizedclientexception", "invalidsignatureexception", "incompletesignatureexception", "expiredtokenexception",
		"missingauthenticationtokenexception", "invalidclienttokenid", "expiredtoken", "signaturedoesnotmatch":
		return true
	case "accessdeniedexception":
	default:
		if response, ok := errors.AsType[*smithyhttp.ResponseError](err); !ok || response.HTTPStatusCode() != http.StatusForbidden && response.HTTPStatusCode() != http.StatusUnauthorized {
			return false
		}
	}
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && !strings.Contains(strings.ToLower(api.ErrorMessage()), "model")
}

func refused(err error) bool {
	switch code(err) {
	case "resourcenotfoundexception", "accessdeniedexception":
		return true
	case "validationexception":
		// Bedrock uses this code for every bad request. These messages are about the
		// model:
		//   The provided model identifier is invalid.
		//   Invocation of model ID X with on-demand throughput isn't supported.
		//   The provided model doesn't support on-demand throughput.
		var api smithy.APIError
		errors.As(err, &api)
		message := strings.ToLower(api.ErrorMessage())
		return strings.Contains(message, "model identifier is invalid") || strings.Contains(message, "on-demand throughput")
	}
	return false
}

// tooLong returns the error of a request that does not fit into the model's context,
// or nil for any other error.
func tooLong(err error) *model.TooLongError {
	if code(err) != "validationexception" {
		return nil
	}
	var api smithy.APIError
	errors.As(err, &api)
	refused, ok := length.Refused(api.ErrorMessage())
	if !ok {
		return nil
	}
	refused.Cause = err
	return &refused
}

// code returns the error code in lower case: within a stream, a code that the SDK does
// not know begins with a lower-case letter.
func code(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return ""
	}
	return strings.ToLower(api.ErrorCode())
}
