package flowgent

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Each refusal has the vendor's text where the page has one, and else names the field.
func TestTemplateBody_Refusals(t *testing.T) {
	const (
		noRecipient = `{"error":"Missing required fields","message":"recipient_phone_number and template_name are required"}`
		noLanguage  = `{"error":"Missing required fields","message":"language is required"}`
	)
	of := func(message string) string { return `{"error":"Invalid request","message":"` + message + `"}` }
	with := func(field, value string) string {
		return `{"recipient_phone_number":"31612345678","template_name":"t","language":"en","` + field + `":` + value + `}`
	}
	one := func(parameter string) string {
		return with("parameters", `[{"type":"footer"},{"type":"body","parameters":[`+parameter+`]}]`)
	}
	for name, c := range map[string]struct{ body, want string }{
		"empty":                    {`{}`, noRecipient},
		"no recipient":             {`{"template_name":"t","language":"en"}`, noRecipient},
		"no template":              {`{"recipient_phone_number":"31612345678","language":"en"}`, noRecipient},
		"no template nor language": {`{"recipient_phone_number":"31612345678"}`, noRecipient},
		"null":                     {`{"recipient_phone_number":null,"template_name":"t","language":"en"}`, noRecipient},
		"empty recipient":          {`{"recipient_phone_number":"","template_name":"t","language":"en"}`, noRecipient},
		"blank template":           {`{"recipient_phone_number":"31612345678","template_name":" \u00a0","language":"en"}`, noRecipient},
		"no language":              {`{"recipient_phone_number":"31612345678","template_name":"t"}`, noLanguage},
		"empty language":           {with("language", `""`), noLanguage},
		"a number as a number":     {`{"recipient_phone_number":31612345678,"template_name":"t","language":"en"}`, of("recipient_phone_number must be a string, not a number")},
		"template as a list":       {with("template_name", `[]`), of("template_name must be a string, not a list")},
		"language as an object":    {with("language", `{"code":"en"}`), of("language must be a string, not an object")},
		"no country code":          {with("recipient_phone_number", `"0612345678"`), of("recipient_phone_number must be a phone number with its country code, as in 31612345678")},
		"a user id":                {with("recipient_phone_number", `"US.13491208655302741918"`), of("recipient_phone_number must be a phone number with its country code, as in 31612345678")},
		"customer as a number":     {with("customer_name", `7`), of("customer_name must be a string, not a number")},
		"a long customer":          {with("customer_name", `"`+strings.Repeat("ä", 257)+`"`), of("customer_name must be at most 256 characters")},
		"NUL":                      {with("customer_name", `"a\u0000"`), of("customer_name must not contain NUL")},
		"parameters as an object":  {with("parameters", `{}`), of("parameters must be a list of components, not an object")},
		"a component as a string":  {with("parameters", `["x"]`), of("parameters[0] must be an object, not a string")},
		"a component of no type":   {with("parameters", `[{}]`), of("parameters[0].type is required and must be a string such as header, body or button")},
		"half a pair":              {with("parameters", `[{"type":"body","x":"\ud83c"}]`), of("parameters must not contain lone surrogates")},
		"values as an object":      {with("parameters", `[{"type":"body","parameters":{}}]`), of("parameters[0].parameters must be a list of parameters, not an object")},
		"a value as a string":      {one(`"x"`), of("parameters[1].parameters[0] must be an object, not a string")},
		"a value of no type":       {one(`{"text":"x"}`), of("parameters[1].parameters[0].type is required and must be a string such as text, currency or image")},
		"no text":                  {one(`{"type":"text"}`), of("parameters[1].parameters[0].text is required and must be a string")},
		"text as a number":         {one(`{"type":"text","text":1}`), of("parameters[1].parameters[0].text must be a string, not a number")},
		"name as a number":         {one(`{"type":"text","text":"x","parameter_name":1}`), of("parameters[1].parameters[0].parameter_name must be a string, not a number")},
		"no image":                 {one(`{"type":"image"}`), of("parameters[1].parameters[0].image is required and must be an object")},
		"image as a link":          {one(`{"type":"image","image":"https://a"}`), of("parameters[1].parameters[0].image must be an object, not a string")},
		"no fallback":              {one(`{"type":"currency","currency":{}}`), of("parameters[1].parameters[0].currency.fallback_value is required and must be a string")},
		"file name as a number":    {one(`{"type":"document","document":{"filename":1}}`), of("parameters[1].parameters[0].document.filename must be a string, not a number")},
		"no payload":               {one(`{"type":"payload"}`), of("parameters[1].parameters[0].payload is required and must be a string")},
	} {
		_, err := readTemplate([]byte(c.body))
		w := httptest.NewRecorder()
		if err != nil {
			WriteError(w, fault.From(err))
		}
		if got := w.Body.String(); err == nil || got != c.want {
			t.Errorf("%s: got %v %s, want %s", name, err, got, c.want)
		}
	}
}

// Components are sent as they were written, with all that is unknown here.
func TestTemplateBody_PassesComponentsThrough(t *testing.T) {
	const component = `{"type":"fanfare","volume":11,"parameters":[{"type":"trumpet","trumpet":[1.50,"<"]}]}`
	q, err := readTemplate([]byte(`{"recipient_phone_number":"31612345678","template_name":"t","language":"en","future":1,"parameters":[` + component + `]}`))
	if err != nil || len(q.template.Components) != 1 || string(q.template.Components[0].Raw) != component {
		t.Errorf("got %+v, %v", q, err)
	}
}

// No body crashes the reader; what it accepts can be sent and shown.
func FuzzTemplateBody(f *testing.F) {
	for _, seed := range []string{
		`{"recipient_phone_number":"31612345678","template_name":"t","language":"en"}`,
		`{"recipient_phone_number":"+31 6 12345678","template_name":"t","language":"en","customer_name":"A","parameters":[{"type":"body","parameters":[{"type":"text","text":"x","parameter_name":"n"}]}]}`,
		`{"recipient_phone_number":"31612345678","template_name":"t","language":"en","parameters":[{"type":"header","parameters":[{"type":"location","location":{"name":"\ud83d\ude00"}}]}]}`,
		`{"recipient_phone_number":"31612345678","template_name":"t","language":"en","parameters":[{"type":"button","index":0,"parameters":[{"type":"action","action":{}}]}]}`,
		`{"recipient_phone_number":"\ud800"}`, `{"parameters":[`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		q, err := readTemplate(raw)
		if err != nil {
			wiretest.WantShowable(t, err)
			return
		}
		wiretest.WantText(t, q.template.Text(nil), 2*len(raw)+100)
		if q.to == "" || q.template.Name == "" || q.template.Language == "" {
			t.Errorf("accepted %+v", q)
		}
		for _, component := range q.template.Components {
			if !json.Valid(component.Raw) {
				t.Errorf("accepted the component %q", component.Raw)
			}
		}
	})
}
