package alias_test

import (
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/channel/phone/alias"
)

func TestKey(t *testing.T) {
	for _, same := range [][]string{
		{"525512345678", "5215512345678"},   // Mexico
		{"541123456789", "5491123456789"},   // Argentina
		{"5511987654321", "551187654321"},   // Brazil
		{"5531966554433", "553166554433"},   // Brazil, an area where WhatsApp drops the digit
		{"+525512345678", "+5215512345678"}, // as Twilio writes it
	} {
		for _, number := range same {
			if got := alias.Key(number); got != same[0] {
				t.Errorf("%s: got %s, want %s", number, got, same[0])
			}
		}
	}
}

func TestKey_Unchanged(t *testing.T) {
	for _, text := range []string{
		"", "+", "1", "31612345678", "16505551234", "12125551234",
		"551133334444", "5511933334444", // a landline, and a mobile number that is another
		"550187654321", "551087654321", "55118765432", "55119876543210", // no Brazilian numbers
		"521551234567", "52155123456789", "5210512345678", // no Mexican numbers
		"54911234567", "549112345678901", "5490112345678", // no Argentine numbers
		"5491123456789x", "52 1 55 1234 5678", "٥٢١٥٥١٢٣٤٥٦٧٨", "++5215512345678",
		"MX.5215512345678", "BR.551187654321", "US.ENT.13491208655302741918", "a@b.example", "whatsapp:+5215512345678",
	} {
		if got := alias.Key(text); got != text {
			t.Errorf("%q: got %q, want it unchanged", text, got)
		}
	}
}

// A key is its own key, and nothing but numbers of the three countries changes.
func FuzzKey(f *testing.F) {
	for _, seed := range []string{"5215512345678", "5491123456789", "551187654321", "+551187654321", "US.1349", "", "\xff", "5555599999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key := alias.Key(text)
		if again := alias.Key(key); again != key {
			t.Errorf("%q: got %q, and then %q", text, key, again)
		}
		digits := strings.TrimPrefix(text, "+")
		country := len(text) - len(digits) + 2
		if key != text && (strings.Trim(digits, "0123456789") != "" || key[:country] != text[:country]) {
			t.Errorf("%q: got %q, want a number of the same country", text, key)
		}
	})
}
