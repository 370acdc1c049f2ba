package connection

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
)

// The bounds of settings and names.
const (
	MaxName            = 100  // characters
	MaxQuietSeconds    = 30   // a turn should not wait longer for another message
	MaxUnsupportedText = 1000 // characters
	MaxPublicURL       = 500  // bytes
)

// The values of settings that were not set.
const (
	DefaultQuietSeconds    = 2
	DefaultUnsupportedText = "Sorry, I can only read text messages. Please write to me instead."
)

// Settings are how a connection behaves.
type Settings struct {
	QuietSeconds    int // the pause after a message before its turn begins; 0: none
	UnsupportedText string
	Fallback        *Template // nil: nothing is sent outside the provider's window
	PublicURL       string    // where the provider reaches the deployment; empty: under its own base URL
}

// DefaultSettings returns the settings of a connection that sets none.
func DefaultSettings() Settings {
	return Settings{QuietSeconds: DefaultQuietSeconds, UnsupportedText: DefaultUnsupportedText}
}

// Template is an approved message that may be sent outside the provider's window.
type Template struct {
	Name       string // of WhatsApp
	Language   string // of WhatsApp
	ContentSID string // of Twilio

	// Variables are the values for the placeholders of Twilio's template, by the name or the
	// number of the placeholder. One without a value gets the default that the template has for it.
	Variables map[string]string
}

// Field names of templates with their rules.
var (
	templateName = identifier("name", "must be 1 to 512 small letters, digits and underscores", `^[a-z0-9_]{1,512}$`)
	templateLang = identifier("language", "must be a language code such as en or en_US", `^[a-z]{2,3}(_[A-Z]{2})?$`)
	contentSID   = identifier("content_sid", "must be HX and 32 hexadecimal digits", `^HX[0-9a-f]{32}$`)
)

// The bounds of the variables of a template.
const (
	MaxVariables = 50
	maxVariable  = 500 // characters
)

// VariablesField is the name of the field with a template's variables.
const VariablesField = "content_variables"

// VariablesRule describes the variables of a template. WhatsApp refuses a message with other
// values.
var VariablesRule = fmt.Sprintf("must be an object with 1 to %d strings of 1 to %d characters, without line breaks, tabs and more than four blanks in a row; "+
	"their names have 1 to 50 letters, digits and underscores", MaxVariables, maxVariable)

var (
	variableName = regexp.MustCompile(`^[A-Za-z0-9_]{1,50}$`)
	variableText = regexp.MustCompile(`^( {0,4}[^\x00- \x7f])+ {0,4}$`)
)

// ValidVariables reports whether a template can have variables with these values.
func ValidVariables(values map[string]string) bool {
	for name, value := range values {
		if !variableName.MatchString(name) || utf8.RuneCountInString(value) > maxVariable || !variableText.MatchString(value) {
			return false
		}
	}
	return len(values) > 0 && len(values) <= MaxVariables
}

// TemplateFields returns the fields of a channel's templates; none for a channel without
// templates.
func TemplateFields(c Channel) []Field {
	switch c {
	case WhatsApp:
		return []Field{templateName, templateLang}
	case Twilio:
		return []Field{contentSID}
	}
	return nil
}

// TemplateOf returns the template that the values of TemplateFields make. It has no variables.
func TemplateOf(values map[string]string) Template {
	return Template{Name: values[templateName.Name], Language: values[templateLang.Name], ContentSID: values[contentSID.Name]}
}

// The rules of texts, for errors.
var (
	NameRule            = fmt.Sprintf("must be a string of 1 to %d characters", MaxName)
	UnsupportedTextRule = fmt.Sprintf("must be a string of 1 to %d characters", MaxUnsupportedText)
	PublicURLRule       = fmt.Sprintf("must be an https URL of at most %d bytes without credentials, query and fragment", MaxPublicURL)
)

// CleanName returns a name as it is kept, or an Invalid error.
func CleanName(name string) (string, error) { return clean("name", name, NameRule, MaxName) }

// CleanUnsupportedText returns the answer to unsupported messages as it is kept, or an
// Invalid error of the given field.
func CleanUnsupportedText(field, text string) (string, error) {
	return clean(field, text, UnsupportedTextRule, MaxUnsupportedText)
}

func clean(field, text, rule string, most int) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || utf8.RuneCountInString(text) > most {
		return "", fault.Rule(field, rule)
	}
	return text, nil
}

// CleanPublicURL returns a public URL without the slash at its end, or an Invalid error of
// the given field. Nothing is requested from it, so it is not resolved.
func CleanPublicURL(field, text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || len(text) > MaxPublicURL || u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.ForceQuery ||
		strings.Contains(text, "#") || !publicHost.MatchString(u.Host) || !publicPath.MatchString(u.EscapedPath()) {
		return "", fault.Rule(field, PublicURLRule)
	}
	return strings.TrimRight(text, "/"), nil
}

var (
	publicHost = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]{1,5})?$`)
	publicPath = regexp.MustCompile(`^[A-Za-z0-9._~/-]*$`)
)
