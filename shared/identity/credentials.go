package identity

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
)

// The limits of email addresses and passwords.
const (
	MaxEmail    = 254 // bytes
	MinPassword = 12  // characters; the user pool's policy says the same
	MaxPassword = 256
)

// address matches the local part and the host of an email address. The OpenAPI document has
// the same pattern.
var address = regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*" +
	`@[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)+$`)

// EmailRule says what an email address may be.
var EmailRule = fmt.Sprintf("must be an email address of at most %d bytes", MaxEmail)

// ErrEmail is the error for a text that is not an email address.
var ErrEmail = fault.Rule("email", EmailRule)

// CleanEmail returns an email address in lower case, the form that identifies users, or an
// Invalid error.
func CleanEmail(raw string) (string, error) {
	if len(raw) > MaxEmail || !address.MatchString(raw) {
		return "", ErrEmail
	}
	return strings.ToLower(raw), nil
}

// PasswordRule says what may become a password.
var PasswordRule = fmt.Sprintf("must be a string of %d to %d characters", MinPassword, MaxPassword)

// ValidatePassword returns an error for a text that cannot be a password.
func ValidatePassword(field, password string) error {
	if n := utf8.RuneCountInString(password); n < MinPassword || n > MaxPassword {
		return fault.Rule(field, PasswordRule)
	}
	if strings.TrimSpace(password) != password {
		return fault.Field(field, "%s must not begin or end with a space", field)
	}
	return nil
}
