package automation

import (
	"maps"
	"slices"

	"github.com/quintet-agents/quintet/shared/request"
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
		names = slices.Sorted(maps.Keys(in.fields))
		for _, name := range names {
			if in.fields[name] != nil {
				p.plain[HeaderSecret(step, name)] = in.text(name, request.MaxHeader)
				if !request.ValidSecret(p.plain[HeaderSecret(step, name)]) {
					in.refuse(name, "%s", request.SecretRule)
				}
			}
		}
	}
	slices.Sort(names)
	return names
}
