package channel

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func positional(kind string, values ...string) Component {
	c := Component{Type: kind}
	for _, v := range values {
		c.Parameters = append(c.Parameters, Parameter{Text: v})
	}
	return c
}

func TestTemplateText(t *testing.T) {
	definition := &Definition{
		Header:  Heading{Format: "TEXT", Text: "Order {{1}}"},
		Body:    "Hi {{1}}, your order is {{2}}.",
		Footer:  "Reply STOP to opt out",
		Buttons: []string{"Track", "Call us"},
	}
	for name, c := range map[string]struct {
		components []Component
		definition *Definition
		want       string
	}{
		"positional": {
			[]Component{positional(Header, "ABC"), positional(Body, "Ann", "shipped"), positional(Button, "x")},
			definition,
			"Order ABC\n\nHi Ann, your order is shipped.\n\nReply STOP to opt out\n\n[Track]\n[Call us]",
		},
		"named, in any order": {
			[]Component{{Type: Body, Parameters: []Parameter{{Name: "state", Text: "shipped"}, {Name: "first_name", Text: "Ann"}}}},
			&Definition{Body: "Hi {{first_name}}, {{ state }}"}, "Hi Ann, shipped",
		},
		"a component's type in capitals": {[]Component{positional("BODY", "Ann")}, &Definition{Body: "Hi {{1}}"}, "Hi Ann"},
		"a value like a placeholder":     {[]Component{positional(Body, "{{2}}", "B")}, &Definition{Body: "{{1}} {{2}}"}, "{{2}} B"},
		"a name that is no value":        {[]Component{positional(Body, "A")}, &Definition{Body: "{{1}} {{2}} {{who}} {{0}} {{-1}}"}, "A {{2}} {{who}} {{0}} {{-1}}"},
		"open braces":                    {[]Component{positional(Body, "A")}, &Definition{Body: "{{ {{1}} {{"}, "{{ A {{"},
		"an image":                       {[]Component{positional(Header, "[image]")}, &Definition{Header: Heading{Format: "IMAGE"}, Body: "Hi"}, "[image]\n\nHi"},
		"an image without a value":       {nil, &Definition{Header: Heading{Format: "IMAGE"}, Body: "Hi"}, "[image]\n\nHi"},
		"a header for none":              {[]Component{positional(Header, "x")}, &Definition{Body: "Hi"}, "Hi"},
		"no definition":                  {[]Component{positional(Body, "ABC", "Shipped"), positional(Header, "[image]"), positional(Button, "x")}, nil, "[template order_update]\n[image]\nABC\nShipped"},
		"no definition, named":           {[]Component{{Type: Body, Parameters: []Parameter{{Name: "state", Text: "sent"}}}}, nil, "[template order_update]\nstate: sent"},
		"nothing at all":                 {nil, nil, "[template order_update]"},
		"blank parts":                    {nil, &Definition{Header: Heading{Format: "TEXT", Text: " "}, Body: "Hi", Footer: " ", Buttons: []string{" "}}, "Hi"},
	} {
		if got := (Template{Name: "order_update", Components: c.components}).Text(c.definition); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// A value is never read as a template, whatever it contains.
func TestTemplateText_ValuesStayAsTheyAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[{}12a ]{0,12}`).Draw(t, "value")
		got := Template{Components: []Component{positional(Body, value, "SECOND")}}.Text(&Definition{Body: "<{{1}}>"})
		if want := "<" + value + ">"; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func FuzzTemplateText(f *testing.F) {
	f.Add("Hi {{1}}", "Ann")
	f.Add("{{{{1}}}}", "{{1}}")
	f.Add("{{a}} {{ 1 }} }}{{", "")
	f.Fuzz(func(t *testing.T, text, value string) {
		template := Template{Components: []Component{positional(Body, value)}}
		got := template.Text(&Definition{Body: text})
		if !strings.Contains(text, "{{") && got != strings.TrimSpace(text) {
			t.Errorf("got %q, want %q", got, text)
		}
	})
}
