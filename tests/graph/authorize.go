package graph

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
)

var (
	versionForm = regexp.MustCompile(`^v[1-9][0-9]\.0$`)
	bearerForm  = regexp.MustCompile(`^Bearer (\S+)$`)
)

// bearer returns the token of a request. A proof of the app's secret, if there is one, must be right.
func (s *Server) bearer(r *http.Request) (string, *failure) {
	if version := r.PathValue("version"); version != "" && !versionForm.MatchString(version) {
		return "", invalid("Unknown path components: /%s", version)
	}
	token := bearerForm.FindStringSubmatch(r.Header.Get("Authorization"))
	if token == nil {
		return "", &failure{status: http.StatusUnauthorized, code: 104, message: "An access token is required to request this resource."}
	}
	if query := r.URL.Query(); query.Has("appsecret_proof") {
		mac := hmac.New(sha256.New, []byte(s.app.Secret))
		mac.Write([]byte(token[1]))
		if query.Get("appsecret_proof") != hex.EncodeToString(mac.Sum(nil)) {
			return "", &failure{status: http.StatusBadRequest, code: 100, message: "Invalid appsecret_proof provided in the API argument"}
		}
	}
	return token[1], nil
}

// authorize returns the token of a request about an object that has the given token; "" if
// there is no such object.
func (s *Server) authorize(r *http.Request, at host, want string) *failure {
	token, failed := s.bearer(r)
	switch {
	case failed != nil:
		return failed
	case want == "":
		return unknownObject(r.PathValue("id"))
	case token != want, strings.HasPrefix(token, "IG") != (at == graphInstagram):
		return &failure{status: http.StatusUnauthorized, code: 190, message: "Malformed access token " + token}
	}
	if why := s.grants[token].Invalid; why != "" {
		return expired(why)
	}
	return nil
}

func expired(why string) *failure {
	return &failure{status: http.StatusUnauthorized, code: 190, subcode: 463, message: "Error validating access token: " + why}
}

func unknownObject(id string) *failure {
	return &failure{status: http.StatusBadRequest, code: 100, message: "Object with ID '" + id + "' does not exist"}
}

// ownerOf returns the object that messages are sent from, with its kind and token.
func (s *Server) ownerOf(id string, at host) (kind Object, token string) {
	if at == graphInstagram {
		return Instagram, s.accounts[id].Token
	}
	if n, ok := s.numbers[id]; ok {
		return WhatsApp, n.Token
	}
	if p, ok := s.pages[id]; ok {
		return Messenger, p.Token
	}
	return "", ""
}

// accountToken returns the token of a WhatsApp business account.
func (s *Server) accountToken(id string) string {
	for _, n := range s.numbers {
		if n.AccountID == id {
			return n.Token
		}
	}
	return ""
}
