package gateway

import (
	"maps"
	"net/http"
	"slices"
)

// remapped has the response headers that API Gateway reserves. It renames a function's
// headers of these names.
var remapped = []string{"Authorization", "Connection", "Content-Md5", "Date", "Host", "Server", "Www-Authenticate"}

// dropped has the response headers of the connection, which API Gateway removes.
var dropped = []string{"Content-Length", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// write sends the status line and the headers.
func (h head) write(w http.ResponseWriter) {
	values := h.values()
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

// values merges the single-value and multi-value headers. Names that differ only in case
// are the same header: it keeps all values, in the order of the spellings. A value in
// both forms counts once. Null values are left out.
func (h head) values() http.Header {
	values := http.Header{}
	for _, name := range slices.Sorted(maps.Keys(h.MultiValueHeaders)) {
		for _, value := range h.MultiValueHeaders[name] {
			if value != nil {
				values.Add(name, string(*value))
			}
		}
	}
	listed := values.Clone()
	for _, name := range slices.Sorted(maps.Keys(h.Headers)) {
		value := h.Headers[name]
		if value != nil && !slices.Contains(listed.Values(name), string(*value)) {
			values.Add(name, string(*value))
		}
	}
	return values
}
