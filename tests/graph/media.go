package graph

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
)

// Media is a file that a person has sent.
type Media struct {
	ID       string
	NumberID string // the number that it was sent to; empty: over Instagram or Messenger, where its URL alone suffices
	Type     string // its content type
	Data     []byte

	generation int // of its URL: earlier ones are gone
}

// Upload adds a file and returns its URL. A file of WhatsApp wants the number's token.
func (s *Server) Upload(m Media) (url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.media[m.ID] = &m
	return s.urlOf(&m)
}

// Expire ends the present URL of a file.
func (s *Server) Expire(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.media[id].generation++
}

// SHA256 returns the checksum of a file as webhooks have it.
func (m Media) SHA256() string {
	sum := sha256.Sum256(m.Data)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (s *Server) urlOf(m *Media) string {
	return fmt.Sprintf("%s/download/of/%s/%d", s.URL, m.ID, m.generation)
}

// mediaURL answers with the URL of a file. Its checksum is hexadecimal here.
func (s *Server) mediaURL(w http.ResponseWriter, r *http.Request, m *Media, token string) {
	number := r.URL.Query().Get("phone_number_id")
	if m.NumberID == "" || s.numbers[m.NumberID].Token != token || number != "" && number != m.NumberID {
		unknownObject(m.ID).write(w)
		return
	}
	sum := sha256.Sum256(m.Data)
	write(w, http.StatusOK, map[string]any{
		"messaging_product": "whatsapp", "id": m.ID, "url": s.urlOf(m), "mime_type": m.Type,
		"sha256": hex.EncodeToString(sum[:]), "file_size": strconv.Itoa(len(m.Data)),
	})
}

// download answers with a file.
func (s *Server) download(w http.ResponseWriter, r *http.Request, _ host) {
	m, ok := s.media[r.PathValue("id")]
	if !ok || r.PathValue("generation") != strconv.Itoa(m.generation) {
		http.NotFound(w, r)
		return
	}
	if m.NumberID != "" && r.Header.Get("Authorization") != "Bearer "+s.numbers[m.NumberID].Token {
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", m.Type)
	_, _ = w.Write(m.Data)
}
