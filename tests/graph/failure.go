package graph

import (
	"fmt"
	"net/http"
)

// failure is an error in Meta's form.
type failure struct {
	status  int
	code    int
	message string
	details string
}

// invalid returns the error of a request that is not as documented.
func invalid(format string, args ...any) *failure {
	return &failure{http.StatusBadRequest, 100, "(#100) Invalid parameter", fmt.Sprintf(format, args...)}
}

func (f failure) write(w http.ResponseWriter) {
	e := map[string]any{"message": f.message, "type": "OAuthException", "code": f.code, "fbtrace_id": "AFakeTraceOfATest"}
	if f.details != "" {
		e["error_data"] = map[string]any{"messaging_product": "whatsapp", "details": f.details}
	}
	write(w, f.status, map[string]any{"error": e})
}
