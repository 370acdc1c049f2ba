package connection

import (
	"maps"
	"net/http"
	"slices"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
)

// connectionID returns the connection that the path names. What can be no id is none.
func connectionID(r *http.Request) (string, error) {
	return param.PathUUID(r, "id", connection.ErrNotFound)
}

// request is a new connection as its body describes it. The agent is an id or a slug.
type request struct {
	agent      string
	connection connection.Connection
	secrets    connection.Secrets
}

func readNew(fields body.Object) (q request, err error) {
	fields = fields.Allow("type", "agent_id", "name", "credentials", "settings")
	kind, err := fields.OneOf("type", texts(connection.Channels())...)
	if err != nil {
		return q, err
	}
	q.connection.Channel = connection.Channel(kind)
	if q.agent, err = fields.String("agent_id", agent.RefRule); err != nil {
		return q, err
	}
	q.agent = param.FoldIDs(q.agent)
	name, err := fields.String("name", connection.NameRule)
	if err != nil {
		return q, err
	}
	if q.connection.Name, err = connection.CleanName(name); err != nil {
		return q, err
	}
	if q.connection.Identifiers, q.secrets, err = readCredentials(fields, q.connection.Channel); err != nil {
		return q, err
	}
	settings, err := readSettings(fields, q.connection.Channel)
	q.connection.Settings = settings.Apply(connection.DefaultSettings())
	return q, err
}

const credentialsField = "credentials"

// readCredentials reads all credentials of a channel.
func readCredentials(fields body.Object, c connection.Channel) (identifiers map[string]string, secrets connection.Secrets, err error) {
	child, ok, err := fields.OptionalChild(credentialsField)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, fields.Missing(credentialsField, "must be an object")
	}
	identifiers, secrets = map[string]string{}, connection.Secrets{}
	if c == connection.Email {
		provider, err := child.OneOf(connection.ProviderField, texts(connection.Providers())...)
		if err != nil {
			return nil, nil, err
		}
		identifiers[connection.ProviderField] = provider
	}
	all := connection.Fields(c, connection.Provider(identifiers[connection.ProviderField]))
	child = child.Allow(append(names(all), slices.Sorted(maps.Keys(identifiers))...)...)
	for _, f := range all {
		if f.Optional && !child.Has(f.Name) {
			continue
		}
		value, err := child.String(f.Name, f.Rule)
		if err != nil {
			return nil, nil, err
		}
		if !f.Valid(value) {
			return nil, nil, invalid(credentialsField, f)
		}
		if f.Secret {
			secrets[f.Name] = value
		} else {
			identifiers[f.Name] = value
		}
	}
	return identifiers, secrets, nil
}

// readRotation reads the secrets that replace those of a connection. Identifiers stay as they
// are.
func readRotation(fields body.Object, c connection.Connection) (connection.Secrets, error) {
	var secret []connection.Field
	fields = fields.Allow(credentialsField)
	child, ok, err := fields.OptionalChild(credentialsField)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fields.Missing(credentialsField, "must be an object")
	}
	for _, f := range connection.Fields(c.Channel, connection.Provider(c.Identifiers[connection.ProviderField])) {
		switch at := credentialsField + "." + f.Name; {
		case f.Secret:
			secret = append(secret, f)
		case child.Has(f.Name):
			return nil, fault.Field(at, "%s must be left out: another account needs another connection", at)
		}
	}
	if len(secret) == 0 {
		return nil, errNoSecrets
	}
	child = child.Allow(names(secret)...)
	fresh := connection.Secrets{}
	for _, f := range secret {
		value, err := child.OptionalString(f.Name, f.Rule)
		if err != nil {
			return nil, err
		}
		if value == nil {
			continue
		}
		if !f.Valid(*value) {
			return nil, invalid(credentialsField, f)
		}
		fresh[f.Name] = *value
	}
	if len(fresh) == 0 {
		return nil, child.NoChange()
	}
	return fresh, nil
}

// errNoSecrets is the error of a rotation for a connection that proves its messages in
// another way.
var errNoSecrets = fault.New(fault.Conflict, "This connection has no secrets to rotate")

func invalid(parent string, f connection.Field) error { return fault.Rule(parent+"."+f.Name, f.Rule) }

func names(all []connection.Field) []string {
	list := make([]string, 0, len(all))
	for _, f := range all {
		list = append(list, f.Name)
	}
	return list
}

func texts[T ~string](all []T) []string {
	list := make([]string, 0, len(all))
	for _, t := range all {
		list = append(list, string(t))
	}
	return list
}
