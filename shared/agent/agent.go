// Package agent holds agents and their versions: a draft is deployed, and the
// version it replaces is archived.
package agent

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Limits of customers' texts, in Unicode characters, as documented by Flametalk.
const (
	MaxName         = 100
	MaxDescription  = 500
	MaxInstructions = 50_000
)

// The rules of these texts, for errors.
var (
	NameRule         = fmt.Sprintf("must be a string of 1 to %d characters", MaxName)
	DescriptionRule  = fmt.Sprintf("must be a string of at most %d characters", MaxDescription)
	InstructionsRule = fmt.Sprintf("must be a string of 1 to %d characters", MaxInstructions)
)

// DefaultTemperature is the sampling temperature of an agent without a setting.
const DefaultTemperature = 0.7

// Status is the state of a version.
type Status string

// A new version is a draft. Deploying it archives the previously deployed
// version; an archived version can be deployed again.
const (
	Draft    Status = "draft"
	Deployed Status = "deployed"
	Archived Status = "archived"
)

// Agent is an AI persona of an org. Its instructions, settings and tools are in its versions.
type Agent struct {
	ID          string // UUIDv7, so that ids sort by creation
	OrgID       string
	Slug        string // URL-safe, unique in its org, never changes
	Name        string
	Description string
	Model       string      // of the deployed version, else of the newest; empty: the deployment's default
	Temperature float64     // of the same version
	Deployed    *VersionRef // nil until a version is deployed
	Versions    int         // versions ever created; the next label continues the count
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Revision    int64 // grows with every change; writes of a stale revision fail
}

// VersionRef names a version.
type VersionRef struct {
	ID     string // "v-" and twelve hex digits
	Number int    // 1, 2, 3, ...
	Label  string // v1.0, v1.1, ...
}

// Version is one state of an agent's instructions, settings and tools. Only a draft may
// change. A list of versions has none of the three.
type Version struct {
	VersionRef
	Status       Status
	Instructions string
	Settings     Settings
	Tools        []Tool // in the order of their creation
	CreatedAt    time.Time
}

// Detail is an agent with all its versions, newest first, and the instructions of the
// deployed one.
type Detail struct {
	Agent
	Versions     []Version
	Instructions string
}

// Live is an agent as a chat needs it: one read by id or slug returns its state and its
// deployed version.
type Live struct {
	OrgID        string
	AgentID      string
	Slug         string
	Name         string
	Deployed     *VersionRef // nil until a version is deployed
	Instructions string      // the deployed version's, as are the next two
	Settings     Settings
	Tools        int // how many; 0 spares a chat the read of them
	Deleted      bool
}

// Reader reads agents for chats.
type Reader interface {
	// Live returns NotFound for an unknown id or slug. A deleted agent is returned with
	// Deleted set, because surfaces answer it differently.
	Live(ctx context.Context, orgID, idOrSlug string) (Live, error)
}

// Patch is a change of an agent; nil fields stay unchanged.
type Patch struct {
	Name         *string
	Description  *string
	Instructions *string // creates a new draft version
}

// New returns an agent of the given org and its first draft, v1.0.
func New(orgID, name, description, instructions string, now time.Time) (Agent, Version) {
	a := Agent{
		ID: uuid.Must(uuid.NewV7()).String(), OrgID: orgID, Slug: newSlug(name), Name: name, Description: description,
		Temperature: DefaultTemperature, CreatedAt: now, UpdatedAt: now,
	}
	first := Version{Instructions: instructions, Settings: Settings{Temperature: DefaultTemperature}}
	return a, a.Draft(first, now)
}

// Draft returns a new draft version with the instructions, settings and tools of the given
// one, and counts it.
func (a *Agent) Draft(from Version, now time.Time) Version {
	a.Versions++
	draft := from
	draft.VersionRef = VersionRef{ID: "v-" + randomHex(6), Number: a.Versions, Label: label(a.Versions)}
	draft.Status, draft.CreatedAt = Draft, now
	draft.Tools = slices.Clone(from.Tools)
	return draft
}

// Show gives the agent the model and temperature of a version, for lists.
func (a *Agent) Show(s Settings) { a.Model, a.Temperature = s.Model, s.Temperature }

// IsVersionID reports whether a text has the form of a version's id.
func IsVersionID(text string) bool {
	const longest = 64
	digits, ok := strings.CutPrefix(text, "v-")
	return ok && digits != "" && len(digits) <= longest && strings.Trim(digits, "0123456789abcdefghijklmnopqrstuvwxyz") == ""
}

// label counts v1.0, v1.1, ... v1.10.
func label(number int) string { return fmt.Sprintf("v1.%d", number-1) }

// ValidateName returns an Invalid error unless the name has 1 to MaxName characters, at
// least one of them visible.
func ValidateName(name string) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > MaxName {
		return fault.Rule("name", NameRule)
	}
	if strings.TrimSpace(name) == "" {
		return fault.Field("name", "name must not be blank")
	}
	return nil
}

// ValidateDescription returns an Invalid error when the description has more
// than MaxDescription characters.
func ValidateDescription(description string) error {
	if utf8.RuneCountInString(description) > MaxDescription {
		return fault.Rule("description", DescriptionRule)
	}
	return nil
}

// ValidateInstructions returns an Invalid error unless the instructions have 1
// to MaxInstructions characters.
func ValidateInstructions(instructions string) error {
	if n := utf8.RuneCountInString(instructions); n < 1 || n > MaxInstructions {
		return fault.Rule("instructions", InstructionsRule)
	}
	return nil
}

// newSlug returns a slug like support-agent-457c1d: the name's ASCII letters and digits,
// and six random hex digits for uniqueness.
func newSlug(name string) string {
	const maxStem = 40
	var stem strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			stem.WriteRune(r)
		case stem.Len() > 0 && !strings.HasSuffix(stem.String(), "-"):
			stem.WriteByte('-')
		}
		if stem.Len() == maxStem {
			break
		}
	}
	s := strings.Trim(stem.String(), "-")
	if s == "" {
		s = "agent"
	}
	return s + "-" + randomHex(slugEnd/2)
}

// slugEnd is the number of hex digits after a slug's last dash.
const slugEnd = 6

// IsSlug reports whether a text has the form of a slug.
func IsSlug(s string) bool {
	stem, end := s[:max(0, len(s)-slugEnd-1)], s[max(0, len(s)-slugEnd-1):]
	return stem != "" && strings.Trim(stem, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" &&
		len(end) == slugEnd+1 && end[0] == '-' && strings.Trim(end[1:], "0123456789abcdef") == ""
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b) // documented never to fail
	return hex.EncodeToString(b)
}
