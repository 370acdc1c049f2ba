package dynamo

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// Retryer returns the retry policy for New's client. In addition to the SDK's own, it retries
// writes that conflicted with another transaction on the same account, which wrote nothing.
func Retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 12
		o.MaxBackoff = 300 * time.Millisecond
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(crossed))
		// A conflict does not mean that the service is overloaded, so it must not use up
		// the budget for that case.
		o.RateLimiter = unlimited{}
	})
}

// crossed reports whether a write conflicted with another transaction or was throttled, and so
// wrote nothing. It is false for a transaction that a condition canceled, and unknown for any
// other error.
func crossed(err error) aws.Ternary {
	if _, ok := errors.AsType[*types.TransactionConflictException](err); ok {
		return aws.TrueTernary
	}
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) {
		return aws.UnknownTernary
	}
	again := aws.UnknownTernary
	for _, r := range canceled.CancellationReasons {
		switch aws.ToString(r.Code) {
		case "ConditionalCheckFailed":
			return aws.FalseTernary
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
			again = aws.TrueTernary
		}
	}
	return again
}

// permanent reports whether retries of a write cannot succeed, because it is malformed, too
// large or not allowed.
func permanent(err error) bool {
	if canceled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return slices.ContainsFunc(canceled.CancellationReasons, func(r types.CancellationReason) bool {
			return slices.Contains(permanentCodes, aws.ToString(r.Code))
		})
	}
	refused, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(permanentCodes, refused.ErrorCode())
}

var permanentCodes = []string{
	"ValidationException", "ValidationError", "SerializationException", "AccessDeniedException", "ResourceNotFoundException",
	"ItemCollectionSizeLimitExceeded", "ItemCollectionSizeLimitExceededException", "UnrecognizedClientException",
}

// unlimited is the retry budget of a client that bounds the number of retries anyway.
type unlimited struct{}

func (unlimited) GetToken(context.Context, uint) (func() error, error) {
	return func() error { return nil }, nil
}

func (unlimited) AddTokens(uint) error { return nil }
