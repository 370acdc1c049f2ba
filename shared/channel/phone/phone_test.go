package phone_test

import (
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/channel/phone"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"31612345678":              "31612345678",
		"+31612345678":             "31612345678",
		" +31 (0)6-1234.5678 ":     "31612345678",
		"+1 (650) 555-1234":        "16505551234",
		"16505551234":              "16505551234",
		"+39 06 1234 5678":         "390612345678", // Italian numbers keep their zero
		"551187654321":             "551187654321", // a WhatsApp id without the ninth digit
		"5511987654321":            "5511987654321",
		"5215512345678":            "5215512345678", // a WhatsApp id with the former 1
		"525512345678":             "525512345678",
		"+54 9 11 2345-6789":       "5491123456789",
		"+31\u00a06\u00a012345678": "31612345678",

		"":                        "",
		" ":                       "",
		"0612345678":              "", // no country code
		"0031612345678":           "",
		"31":                      "",
		"316123":                  "",
		"316123456789012345":      "",
		"++31612345678":           "",
		"+":                       "",
		"abc":                     "",
		"31612345678x5":           "",
		"31612345678;ext=5":       "",
		"tel:+31612345678":        "",
		"1-800-FLOWERS":           "",
		"US.13491208655302741918": "",
		"whatsapp:+31612345678":   "",
		"٣١٦١٢٣٤٥٦٧٨":             "",
		"31612345678\x00":         "",
		"5210000":                 "",
		"52100000000000000":       "",
		"57000000000000":          "",
		"999123456789":            "", // no such country
		strings.Repeat("1", 1000): "",
	} {
		got, ok := phone.Parse(text)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", text, got, ok, want)
		}
	}
}

// What is accepted are digits, and they are accepted again as they are.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"31612345678", "+1 (650) 555-1234", "+39 06 1234 5678", "+54 9 11 2345-6789", "US.1349", "(((((", "+-."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		digits, ok := phone.Parse(text)
		if !ok {
			return
		}
		if strings.Trim(digits, "0123456789") != "" || len(digits) < 5 || len(digits) > 20 {
			t.Errorf("%q: got %q", text, digits)
		}
		if again, ok := phone.Parse(digits); !ok || again != digits {
			t.Errorf("%q: got %q, and then %q, %v", text, digits, again, ok)
		}
	})
}
