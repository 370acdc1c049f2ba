// Package alias finds out whether two phone numbers are the same person's.
//
// WhatsApp writes some numbers in two ways: as they are dialled, and as they were when the
// person registered. The package does without the numbering plans of package phone, which
// take time to load, so that functions that receive messages can use it.
package alias

import "strings"

// Key returns a text that is the same for all ways in which a phone number is written, and
// differs for other numbers. It is a key for comparing and not a number to send to. Numbers
// without variants and all other texts, such as user ids, are returned as they are. A plus at
// the beginning stays.
func Key(number string) string {
	digits := strings.TrimPrefix(number, "+")
	plus := number[:len(number)-len(digits)]
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return number
	}
	for _, v := range variants {
		if key, ok := v(digits); ok {
			return plus + key
		}
	}
	return number
}

// variants return the key of a number in one of the forms that has another.
var variants = []func(digits string) (key string, ok bool){
	// Mexican mobile numbers had a 1 after the country code until 2019.
	func(digits string) (string, bool) { return without(digits, "52", "1") },
	// Argentine mobile numbers have a 9 there when they are dialled from abroad.
	func(digits string) (string, bool) { return without(digits, "54", "9") },
	brazilian,
}

// nationalLength is the length of numbers in Mexico, Argentina and, without the ninth digit,
// Brazil: an area code and the rest.
const nationalLength = 10

// without returns a number of a country without the digit that mobile numbers may have.
func without(digits, country, mobile string) (string, bool) {
	national, ok := strings.CutPrefix(digits, country+mobile)
	if !ok || len(national) != nationalLength || national[0] < '1' {
		return "", false
	}
	return country + national, true
}

// brazilian returns a mobile number with its ninth digit, a 9 after the area code. Numbers of
// before 2016 lack it, and then begin with 6 to 9. Those with 2 to 5 are landlines, which have
// no ninth digit: with one, the number would be another person's.
func brazilian(digits string) (string, bool) {
	const country, area = "55", 2
	national, ok := strings.CutPrefix(digits, country)
	if !ok || len(national) != nationalLength || national[0] < '1' || national[1] < '1' || national[area] < '6' {
		return "", false
	}
	return country + national[:area] + "9" + national[area:], true
}
