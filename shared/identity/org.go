package identity

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Org is a customer: the owner of agents, threads, keys and a balance.
type Org struct {
	ID             string // UUIDv7
	Name           string
	Email          string   // its first owner's
	AllowedOrigins []string // origins whose pages may read answers; nil: any
	CreatedAt      time.Time
}

// ErrNoOrg is the error for an org that does not exist.
var ErrNoOrg = fault.New(fault.NotFound, "Organisation not found")

// OrgPatch is a change of an org's settings; nil fields stay unchanged. A pointer to a nil
// list of allowed origins allows any origin.
type OrgPatch struct {
	Name           *string
	AllowedOrigins *[]string
}

// The limits of an org's settings.
const (
	MaxName    = 100 // characters of an org's or a key's name
	MaxOrigins = 50
)

// NameRule says what the name of an org or a key may be.
var NameRule = fmt.Sprintf("must be a string of 1 to %d characters", MaxName)

// ValidateName returns an error for a name that an org or a key cannot have.
func ValidateName(name string) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(name)); n < 1 || n > MaxName {
		return fault.Rule("name", NameRule)
	}
	return nil
}

// OriginsRule says what a list of allowed origins may be.
var OriginsRule = fmt.Sprintf("must be a list of at most %d origins", MaxOrigins)

// ValidateOrigins returns an error unless all origins have the form that browsers send:
// scheme and host in lower case, and the port unless it is the scheme's default. "*" means
// any origin.
func ValidateOrigins(origins []string) error {
	if len(origins) > MaxOrigins {
		return fault.Rule("allowed_origins", OriginsRule)
	}
	for i, origin := range origins {
		if origin != "*" && !isOrigin(origin) {
			at := fmt.Sprintf("allowed_origins[%d]", i)
			return fault.Field(at, "%s must be an origin such as https://www.example.com, or *", at)
		}
	}
	return nil
}

func isOrigin(s string) bool {
	u, err := url.Parse(s)
	if err != nil || len(s) > 255 || !isHost(u.Hostname()) || s != u.Scheme+"://"+u.Host || s != strings.ToLower(s) {
		return false
	}
	switch u.Scheme {
	case "https":
		return u.Port() != "443" && !strings.HasSuffix(u.Host, ":")
	case "http":
		return u.Port() != "80" && !strings.HasSuffix(u.Host, ":")
	}
	return false
}

// isHost reports whether a host is a name or an address in the form that browsers send. A
// URL's host may contain other characters, such as the comma between two origins.
func isHost(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Zone() == ""
	}
	return host != "" && strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == ""
}
