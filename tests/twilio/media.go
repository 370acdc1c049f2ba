package twilio

import (
	"fmt"
	"net/http"
)

// file is what a person sent with a message.
type file struct {
	account     string
	contentType string
	data        []byte
}

// AddMedia stores a file and returns its URL, as webhooks have it.
func (s *Server) AddMedia(account, contentType string, data []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := fmt.Sprintf("/2010-04-01/Accounts/%s/Messages/MM%032x/Media/ME%032x", account, len(s.files)+1, len(s.files)+1)
	s.files[path] = file{account, contentType, data}
	return s.URL + path
}

// media redirects to another host, as Twilio does.
func (s *Server) media(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.open(w, r, r.PathValue("sid")); !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.files[r.URL.Path]; !ok {
		missing(r.URL.Path).write(w)
		return
	}
	http.Redirect(w, r, s.cdn+r.URL.Path, http.StatusTemporaryRedirect) //nolint:gosec // to a file that was added
}

// serveFile refuses credentials: a signed URL of another host has its own, and they must not
// get there.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.files[r.URL.Path]
	switch {
	case r.Header.Get("Authorization") != "":
		http.Error(w, "Only one auth mechanism allowed", http.StatusBadRequest)
	case !ok:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", f.contentType)
		_, _ = w.Write(f.data)
	}
}
