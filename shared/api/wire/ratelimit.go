package wire

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
)

// ShowQuotas sets the RateLimit fields of the IETF's draft "RateLimit header fields for
// HTTP": the policies, and for each the remaining requests and the seconds until its
// window ends.
func ShowQuotas(w http.ResponseWriter, quotas []fault.Quota) {
	if len(quotas) == 0 {
		return
	}
	policies, limits := make([]string, 0, len(quotas)), make([]string, 0, len(quotas))
	for _, q := range quotas {
		policies = append(policies, fmt.Sprintf("%q;q=%d;w=%s", q.Name, q.Limit, seconds(q.Window)))
		limits = append(limits, fmt.Sprintf("%q;r=%d;t=%s", q.Name, q.Remaining, seconds(q.Resets)))
	}
	w.Header().Set("RateLimit-Policy", strings.Join(policies, ", "))
	w.Header().Set("RateLimit", strings.Join(limits, ", "))
}
