package automation

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// secretHeaders reads the secret headers of a step: an object of values by name. A list of
// names, which is what the service shows, and null as a value keep what is stored.
func (p *parser) secretHeaders(r *reader, step string) []string {
	v, ok := r.get("secret_headers")
	if !ok {
		return nil
	}
	var names []string
	if all, ok := v.([]any); ok {
		for _, name := range all {
			text, _ := name.(string)
			names = append(names, text)
		}
	} else {
		in := read(r.at("secret_headers"), v, p.fail)
		names = slices.Collect(maps.Keys(in.fields))
		for name, value := range in.fields {
			if value != nil {
				p.plain[HeaderSecret(step, name)] = in.need(name, maxSecretHeader)
			}
		}
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	for i, name := range names {
		if len(names) > maxPairs || !httpguts.ValidHeaderFieldName(name) || len(name) > 64 || i > 0 && strings.EqualFold(name, names[i-1]) {
			r.refuse("secret_headers", "must be an object of at most %d headers, each with its name once", maxPairs)
			return nil
		}
	}
	return names
}

const maxSecretHeader = 2000 // characters of a value
