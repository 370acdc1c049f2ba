package wire

import (
	"strings"

	"github.com/google/uuid"
)

// IsID reports whether an id can be one of ours, or Cognito's.
func IsID(id string) bool {
	return len(id) == 36 && uuid.Validate(id) == nil && strings.ToLower(id) == id
}
