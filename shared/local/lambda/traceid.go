package lambda

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// NewTraceID returns an X-Ray trace header for a trace that is not recorded.
func NewTraceID() string {
	id := strings.ReplaceAll(uuid.NewString(), "-", "")
	return fmt.Sprintf("Root=1-%08x-%s", time.Now().Unix(), id[:24])
}
