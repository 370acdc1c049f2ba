package local

import (
	"maps"
	"net/http"
)

// remapped are the response headers that API Gateway keeps for itself: a
// function's own arrive under another name.
var remapped = []string{"Authorization", "Connection", "Content-Md5", "Date", "Host", "Server", "Www-Authenticate"}

// dropped are those that belong to the connection, which is the gateway's.
var dropped = []string{"Content-Length", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// write sends the status line and the headers.
func (h head) write(w http.ResponseWriter) {
	values := http.Header{}
	for name, value := range h.Headers {
		values.Set(name, string(value))
	}
	// A name in both: the multi-value form has the complete list.
	for name, list := range h.MultiValueHeaders {
		values.Del(name)
		for _, value := range list {
			values.Add(name, string(value))
		}
	}
	for _, cookie := range h.Cookies {
		values.Add("Set-Cookie", cookie)
	}
	if values.Get("Content-Type") == "" {
		values.Set("Content-Type", "application/json")
	}
	for _, name := range remapped {
		if list, ok := values[name]; ok {
			values["X-Amzn-Remapped-"+name] = list
			delete(values, name)
		}
	}
	for _, name := range dropped {
		delete(values, name)
	}
	maps.Copy(w.Header(), values)
	w.WriteHeader(h.StatusCode)
}
