package connection

import (
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
)

// readSettings reads the settings that a body changes. A null gives one its default again.
func readSettings(fields body.Object, c connection.Channel) (p connection.SettingsPatch, err error) {
	const at = "settings"
	child, ok, err := fields.OptionalChild(at)
	if err != nil || !ok {
		return p, err
	}
	usual := connection.DefaultSettings()
	child = child.Allow("quiet_seconds", "unsupported_text", "fallback_template", "public_url")
	if p.QuietSeconds, err = child.OptionalInt("quiet_seconds", 0, connection.MaxQuietSeconds); err != nil {
		return p, err
	}
	if child.IsNull("quiet_seconds") {
		p.QuietSeconds = &usual.QuietSeconds
	}
	if p.UnsupportedText, err = readText(child, "unsupported_text", connection.UnsupportedTextRule, usual.UnsupportedText, func(text string) (string, error) {
		return connection.CleanUnsupportedText(at+".unsupported_text", text)
	}); err != nil {
		return p, err
	}
	if p.PublicURL, err = readText(child, "public_url", connection.PublicURLRule, usual.PublicURL, func(text string) (string, error) {
		return connection.CleanPublicURL(at+".public_url", text)
	}); err != nil {
		return p, err
	}
	if p.Fallback, err = readTemplate(child, c); err != nil {
		return p, err
	}
	if p == (connection.SettingsPatch{}) {
		return p, child.NoChange()
	}
	return p, nil
}

// readText reads an optional text as clean keeps it; null is the usual one.
func readText(fields body.Object, field, rule, usual string, clean func(string) (string, error)) (*string, error) {
	text, err := fields.OptionalString(field, rule)
	switch {
	case err != nil:
		return nil, err
	case fields.IsNull(field):
		return &usual, nil
	case text == nil:
		return nil, nil
	}
	kept, err := clean(*text)
	return &kept, err
}

// readTemplate reads an optional template; null is none.
func readTemplate(fields body.Object, c connection.Channel) (**connection.Template, error) {
	const field, at = "fallback_template", "settings.fallback_template"
	child, ok, err := fields.OptionalChild(field)
	if err != nil {
		return nil, err
	}
	if fields.IsNull(field) {
		return new(*connection.Template), nil
	}
	if !ok {
		return nil, nil
	}
	known := connection.TemplateFields(c)
	if len(known) == 0 {
		return nil, fault.Field(at, "%s must be left out: only whatsapp and twilio have templates", at)
	}
	allowed := names(known)
	if c == connection.Twilio {
		allowed = append(allowed, connection.VariablesField)
	}
	child = child.Allow(allowed...)
	values := map[string]string{}
	for _, f := range known {
		if values[f.Name], err = child.String(f.Name, f.Rule); err != nil {
			return nil, err
		}
		if !f.Valid(values[f.Name]) {
			return nil, invalid(at, f)
		}
	}
	t := connection.TemplateOf(values)
	if c == connection.Twilio {
		if t.Variables, err = readVariables(child, at); err != nil {
			return nil, err
		}
	}
	return new(&t), nil
}

// readVariables reads the optional values of a template's placeholders; null is none.
func readVariables(template body.Object, at string) (map[string]string, error) {
	child, ok, err := template.OptionalChild(connection.VariablesField)
	if err != nil || !ok {
		return nil, err
	}
	values := map[string]string{}
	for _, name := range child.Fields() {
		if values[name], err = child.String(name, "must be a string"); err != nil {
			return nil, err
		}
	}
	if !connection.ValidVariables(values) {
		return nil, fault.Rule(at+"."+connection.VariablesField, connection.VariablesRule)
	}
	return values, nil
}
