package connection

import (
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/work"
)

// An org that asks for verifications without end takes no worker and no request of Amazon SES from
// others.
func TestVerify_Limit(t *testing.T) {
	table := dynamotest.Open(t)
	now := time.Now().Truncate(time.Millisecond)
	for i := range work.VerificationSlots {
		if err := admit(t.Context(), table.Store, "org", now); err != nil {
			t.Fatalf("verification %d: got %v, want nil", i, err)
		}
	}
	err := admit(t.Context(), table.Store, "org", now.Add(work.VerificationTime/2))
	if !fault.Is(err, fault.RateLimited) {
		t.Errorf("one more: got %v, want it refused", err)
	}
	if err := admit(t.Context(), table.Store, "other", now); err != nil {
		t.Errorf("another org: got %v, want nil", err)
	}
	if err := admit(t.Context(), table.Store, "org", now.Add(work.VerificationTime)); err != nil {
		t.Errorf("a minute later: got %v, want nil", err)
	}
}
