package flowgent

import (
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/channel"
)

// componentsOf returns the components of a template. They are sent to Meta as they were
// written, with fields and types that are unknown here: only what a thread shows of them is
// read, and the kinds of the values that Meta documents are checked.
func componentsOf(fields body.Object) ([]channel.Component, error) {
	list, err := fields.OptionalObjects(componentField, "must be a list of components")
	if err != nil {
		return nil, err
	}
	components := make([]channel.Component, 0, len(list))
	for _, o := range list {
		kind, err := o.String("type", "must be a string such as header, body or button")
		if err != nil {
			return nil, err
		}
		parameters, err := parametersOf(o)
		if err != nil {
			return nil, err
		}
		components = append(components, channel.Component{Raw: o.Raw, Type: kind, Parameters: parameters})
	}
	return components, nil
}

func parametersOf(component body.Object) ([]channel.Parameter, error) {
	list, err := component.OptionalObjects("parameters", "must be a list of parameters")
	if err != nil {
		return nil, err
	}
	parameters := make([]channel.Parameter, 0, len(list))
	for _, o := range list {
		p, err := parameterOf(o)
		if err != nil {
			return nil, err
		}
		parameters = append(parameters, p)
	}
	return parameters, nil
}

func parameterOf(o body.Object) (channel.Parameter, error) {
	kind, err := o.String("type", "must be a string such as text, currency or image")
	if err != nil {
		return channel.Parameter{}, err
	}
	name, err := optional(o, "parameter_name")
	if err != nil {
		return channel.Parameter{}, err
	}
	text, err := shownOf(o, kind)
	return channel.Parameter{Name: name, Text: text}, err
}

// shownOf returns what a thread shows of a parameter's value, which has the name of its type.
func shownOf(o body.Object, kind string) (string, error) {
	switch kind {
	case "text", "payload", "coupon_code":
		return o.String(kind, aString)
	case "currency", "date_time":
		value, err := o.Child(kind)
		if err != nil {
			return "", err
		}
		return value.String("fallback_value", aString)
	case "image", "video", "gif":
		_, err := o.Child(kind)
		return "[" + kind + "]", err
	case "document":
		return described(o, kind, "filename")
	case "location":
		return described(o, kind, "name", "address")
	case "action", "limited_time_offer":
		_, err := o.Child(kind)
		return "", err
	}
	return "[" + kind + "]", nil // new to us
}

// described returns the kind of a value with some of its texts, as in
// [location: Town Hall, High Street 1].
func described(o body.Object, kind string, fields ...string) (string, error) {
	value, err := o.Child(kind)
	if err != nil {
		return "", err
	}
	text, separator := kind, ": "
	for _, field := range fields {
		part, err := optional(value, field)
		if err != nil {
			return "", err
		}
		if part != "" {
			text += separator + part
			separator = ", "
		}
	}
	return "[" + text + "]", nil
}
