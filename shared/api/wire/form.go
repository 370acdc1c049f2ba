package wire

import (
	"maps"
	"net/http"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Form is a surface's form of a fault code: a status and the surface's own code.
type Form struct {
	Status int
	Code   string
}

// Forms returns the forms that most vendors share, with a surface's exceptions.
func Forms(except map[fault.Code]Form) map[fault.Code]Form {
	forms := map[fault.Code]Form{
		fault.Invalid:             {http.StatusBadRequest, "VALIDATION_ERROR"},
		fault.Unauthorized:        {http.StatusUnauthorized, "UNAUTHORIZED"},
		fault.InsufficientCredits: {http.StatusPaymentRequired, "INSUFFICIENT_CREDITS"},
		fault.Forbidden:           {http.StatusForbidden, "FORBIDDEN"},
		fault.NotFound:            {http.StatusNotFound, "NOT_FOUND"},
		fault.Gone:                {http.StatusNotFound, "NOT_FOUND"},
		fault.Conflict:            {http.StatusConflict, "CONFLICT"},
		fault.NotDeployed:         {http.StatusConflict, "CONFLICT"},
		fault.TooLarge:            {http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE"},
		fault.Unreadable:          {http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE"},
		fault.RateLimited:         {http.StatusTooManyRequests, "RATE_LIMITED"},
		fault.LimitReached:        {http.StatusTooManyRequests, "MESSAGE_LIMIT_REACHED"},
		fault.ModelUnavailable:    {http.StatusServiceUnavailable, "MODEL_UNAVAILABLE"},
		fault.ModelRefused:        {http.StatusServiceUnavailable, "MODEL_UNAVAILABLE"},
		fault.Internal:            {http.StatusInternalServerError, "INTERNAL_ERROR"},
	}
	maps.Copy(forms, except)
	return forms
}
