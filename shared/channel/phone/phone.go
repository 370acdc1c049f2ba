// Package phone checks the phone numbers that messages are sent to.
//
// It is a package of its own because the library behind it is large: it holds the numbering
// plans of all countries. Only functions that send to phone numbers link it.
package phone

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// maxLength is the longest accepted text, in bytes: 15 digits with room for separators.
const maxLength = 40

// separators are what a person writes between the digits of a phone number.
const separators = "-.() /\u00a0"

// Parse returns the digits of a phone number with its country code, as WhatsApp wants them:
// without a plus, separators, or the zero that is dialled only within the country. It
// reports false for other texts, such as a number without a country code or a
// business-scoped user id.
//
// A number must have a length that its country uses. It need not belong to a range that is
// in use: new ranges are older than the library's knowledge of them, and WhatsApp keeps
// some old ones, such as Brazilian mobile numbers without their ninth digit.
func Parse(text string) (digits string, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) > maxLength {
		return "", false
	}
	given := strings.Map(withoutSeparators, strings.TrimPrefix(text, "+"))
	if given == "" || strings.Trim(given, "0123456789") != "" {
		return "", false
	}
	if isMexicanMobile(given) {
		if _, ok := check("52" + strings.TrimPrefix(given, mexicanMobile)); !ok {
			return "", false
		}
		return given, true
	}
	return check(given)
}

// check returns a number as the library writes it. Where that differs from what was given,
// it must be a number in use: otherwise the message might go to somebody else.
func check(given string) (digits string, ok bool) {
	number, err := phonenumbers.Parse("+"+given, "")
	if err != nil || phonenumbers.IsPossibleNumberWithReason(number) != phonenumbers.IS_POSSIBLE {
		return "", false
	}
	digits = strings.TrimPrefix(phonenumbers.Format(number, phonenumbers.E164), "+")
	if digits != given && !phonenumbers.IsValidNumber(number) {
		return "", false
	}
	return digits, true
}

// mexicanMobile begins the WhatsApp ids of Mexican mobile numbers. The 1 is no longer part
// of the numbers, so the library refuses it; in WhatsApp's ids it stays.
const mexicanMobile = "521"

func isMexicanMobile(digits string) bool {
	return len(digits) == len("5215512345678") && strings.HasPrefix(digits, mexicanMobile)
}

func withoutSeparators(r rune) rune {
	if strings.ContainsRune(separators, r) {
		return -1
	}
	return r
}
