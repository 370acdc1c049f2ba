package graph

import (
	"fmt"
	"net/http"
)

// failure is an error in Meta's form.
type failure struct {
	status  int
	code    int
	subcode int
	message string
	details string
}

// invalid returns the error of a request that is not as documented.
func invalid(format string, args ...any) *failure {
	return &failure{status: http.StatusBadRequest, code: 100, message: "(#100) Invalid parameter", details: fmt.Sprintf(format, args...)}
}

func (f failure) write(w http.ResponseWriter) {
	e := map[string]any{"message": f.message, "type": "OAuthException", "code": f.code, "fbtrace_id": "AFakeTraceOfATest"}
	if f.subcode != 0 {
		e["error_subcode"] = f.subcode
	}
	if f.details != "" {
		e["error_data"] = map[string]any{"messaging_product": "whatsapp", "details": f.details}
	}
	write(w, f.status, map[string]any{"error": e})
}
