package param

import (
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// IsID reports whether an id, folded by FoldIDs, has the form of our ids and of Cognito's.
func IsID(id string) bool { return isUUID(id) && strings.ToLower(id) == id }

// FoldIDs returns a text with each of its UUIDs in lower case: a UUID is the same in
// upper and lower case, and ours are stored in lower case. The text may be an id, an
// id that consists of several, such as a thread's, or a path.
func FoldIDs(text string) string {
	if strings.ToLower(text) == text {
		return text
	}
	var folded strings.Builder
	for {
		end := strings.IndexAny(text, "/.:")
		part := text
		if end >= 0 {
			part = text[:end]
		}
		if isUUID(part) {
			part = strings.ToLower(part)
		}
		folded.WriteString(part)
		if end < 0 {
			return folded.String()
		}
		folded.WriteByte(text[end])
		text = text[end+1:]
	}
}

func isUUID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }

// PathID returns the named path value, folded by FoldIDs.
func PathID(r *http.Request, name string) string { return FoldIDs(r.PathValue(name)) }

// PathUUID returns the id that is the named path value. The error is missing for a text that can be
// no id: there is nothing that has it.
func PathUUID(r *http.Request, name string, missing error) (string, error) {
	id := PathID(r, name)
	if !IsID(id) {
		return "", missing
	}
	return id, nil
}

// QueryID returns the named query parameter, folded by FoldIDs.
func QueryID(r *http.Request, name string) string { return FoldIDs(r.URL.Query().Get(name)) }
