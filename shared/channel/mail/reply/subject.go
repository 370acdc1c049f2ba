package reply

import (
	"regexp"
	"strings"

	"github.com/quintet-agents/quintet/shared/clip"
)

// maxSubject bounds a subject, in bytes.
const maxSubject = 400

// answered matches the prefixes that mail programs give to the subject of an answer.
var answered = regexp.MustCompile(`^(?i:(re|aw|sv|vs|antw|odp|ynt|res)(\[[0-9]+\])?\s*:\s*)`)

// subjectOf returns the subject of a letter. That of an answer has one prefix, whatever number
// the person's mail has. A mail that starts a conversation without a subject has the sender's
// name as one.
func subjectOf(l Letter) string {
	subject := clip.Text(line(l.Head.Subject), maxSubject)
	if l.Head.InReplyTo == "" {
		if subject == "" {
			return line(l.Name)
		}
		return subject
	}
	for answered.MatchString(subject) {
		subject = answered.ReplaceAllString(subject, "")
	}
	return strings.TrimSpace("Re: " + subject)
}
