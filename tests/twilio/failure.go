package twilio

import (
	"fmt"
	"net/http"
)

// failure is an error in Twilio's form.
type failure struct {
	status  int
	code    int
	message string
}

func missing(path string) *failure {
	return &failure{http.StatusNotFound, 20404, "The requested resource " + path + " was not found"}
}

func invalid(code int, format string, args ...any) *failure {
	return &failure{http.StatusBadRequest, code, fmt.Sprintf(format, args...)}
}

func (f failure) write(w http.ResponseWriter) {
	write(w, f.status, map[string]any{
		"code": f.code, "message": f.message, "status": f.status,
		"more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", f.code),
	})
}
