package flowgent

import (
	"strings"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/fault"
)

// PhoneReader returns the digits of a phone number with its country code, and false for any
// other text (see phone.Parse). It is passed in, because the library behind it is large and
// only one function of this surface needs it.
type PhoneReader func(text string) (digits string, ok bool)

// templateRequest is the body of a request to send a WhatsApp template.
type templateRequest struct {
	to       string // digits
	template channel.Template
	customer string // the person's name, for a new contact; may be empty
}

const (
	recipientField = "recipient_phone_number"
	templateField  = "template_name"
	languageField  = "language"
	customerField  = "customer_name"
	componentField = "parameters"
)

const aString = "must be a string"

// maxCustomer is the longest name of a customer, in Unicode characters.
const maxCustomer = 256

// templateOf reads the body of a request. A required field that is blank is missing.
func templateOf(fields body.Object, phones PhoneReader) (templateRequest, error) {
	to, err := optional(fields, recipientField)
	if err != nil {
		return templateRequest{}, err
	}
	name, err := optional(fields, templateField)
	if err != nil {
		return templateRequest{}, err
	}
	if to == "" || name == "" {
		return templateRequest{}, errNoRecipient
	}
	language, err := optional(fields, languageField)
	if err != nil {
		return templateRequest{}, err
	}
	if language == "" {
		return templateRequest{}, errNoLanguage
	}
	digits, ok := phones(to)
	if !ok {
		return templateRequest{}, fault.Field(recipientField, "%s must be a phone number with its country code, as in 31612345678", recipientField)
	}
	customer, err := customerOf(fields)
	if err != nil {
		return templateRequest{}, err
	}
	components, err := componentsOf(fields)
	if err != nil {
		return templateRequest{}, err
	}
	return templateRequest{to: digits, customer: customer, template: channel.Template{Name: name, Language: language, Components: components}}, nil
}

// optional returns a string without the blanks around it, empty if it is not there.
func optional(fields body.Object, field string) (string, error) {
	text, err := fields.OptionalString(field, aString)
	if err != nil || text == nil {
		return "", err
	}
	return strings.TrimSpace(*text), nil
}

func customerOf(fields body.Object) (string, error) {
	name, err := optional(fields, customerField)
	if err == nil && utf8.RuneCountInString(name) > maxCustomer {
		err = fault.Field(customerField, "%s must be at most %d characters", customerField, maxCustomer)
	}
	return name, err
}
