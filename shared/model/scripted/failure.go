package scripted

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// failure is an error in Bedrock's format: the type is in a header, the message in
// the body.
type failure struct {
	status  int
	code    string
	message string
}

func failureOf(f Fault, modelID string) failure {
	switch f {
	case Throttled:
		return failure{http.StatusTooManyRequests, string(f), "Too many requests, please wait before trying again."}
	case NoImages:
		return failure{http.StatusBadRequest, string(f), "This model doesn't support the image content block that you provided. Update the content block and try again."}
	case NoModel:
		return failure{http.StatusNotFound, string(f), "Could not resolve the foundation model from the model identifier: " + modelID}
	default:
		return failure{http.StatusInternalServerError, string(Failed), "The system encountered an unexpected error during processing. Try your request again."}
	}
}

const brokenMessage = "The model stopped in the middle of its answer."

func refuse(w http.ResponseWriter, f failure) {
	// Bedrock really sends such a suffix, and clients cut it off.
	w.Header().Set("X-Amzn-Errortype", f.code+":http://internal.amazon.com/coral/com.amazon.bedrock/")
	writeJSON(w, f.status, map[string]string{"message": f.message})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"message":"the answer cannot be encoded"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // fails only if the client disconnected
}
