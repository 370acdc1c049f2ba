package channel

import "encoding/json"

// Template names an approved template and holds the values for its placeholders.
type Template struct {
	Name       string
	Language   string // Meta's code of the template's language, as in en_US
	Components []Component
}

// The types of components that have a text. Meta has others, which are sent untouched.
const (
	Header = "header"
	Body   = "body"
	Button = "button"
)

// Component is the values for one part of a template.
type Component struct {
	Raw        json.RawMessage // the JSON object as the caller wrote it: this is what is sent
	Type       string
	Parameters []Parameter
}

// Parameter is one value for a placeholder. A component's parameters are either all named
// or all positional: the first belongs to {{1}}.
type Parameter struct {
	Name string // empty: positional
	Text string // what the person reads in place of the placeholder, or a word for it, as in [image]
}

// Definition is an approved template as its owner wrote it.
type Definition struct {
	Header  Heading
	Body    string
	Footer  string
	Buttons []string // their labels
}

// Heading is a template's header: a text with placeholders, or another format.
type Heading struct {
	Format string // "TEXT", or Meta's name of what is shown instead: "IMAGE", "VIDEO", ...; empty: no header
	Text   string
}
