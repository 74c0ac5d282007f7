package domain

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// PhoneKeys returns the text in which a search looks for the patterns of PhonePatterns: the E.164 number, and # with
// the number without its calling code. It is "" for no number. It depends on the structure of calling codes only, which
// never changes, so it can be stored.
func PhoneKeys(e164 string) string {
	digits, ok := strings.CutPrefix(e164, "+")
	if !ok {
		return ""
	}
	return e164 + " #" + digits[min(callingCode(digits), len(digits)):]
}

// callingCode returns how many digits the calling code has (ITU-T E.164, list of assigned codes).
func callingCode(digits string) int {
	const two = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 " +
		"81 82 84 86 90 91 92 93 94 95 98 "
	switch {
	case digits == "" || digits[0] == '1' || digits[0] == '7':
		return 1
	case len(digits) >= 2 && strings.Contains(two, " "+digits[:2]+" "):
		return 2
	}
	return 3
}

// PhonePatterns returns the texts, any of which must be in PhoneKeys of a number that the typed text may be a part of:
// its beginning with or without calling code, as it is dialled within the country, or any digits of it, such as the
// last. ok is false for a text that is not a part of a phone number.
func PhonePatterns(typed, country string) (patterns []string, ok bool) {
	text, err := cleanPhone(typed)
	digits := onlyDigits(text)
	if err != nil || digits == "" || !onlyDialled(text) {
		return nil, false
	}
	if phone, err := ParsePhone(typed, country); err == nil {
		patterns = append(patterns, phone.E164)
	}
	if strings.HasPrefix(text, "+") {
		abroad := onlyDigits(trunkZero.ReplaceAllString(text, ""))
		return compact(append(patterns, "+"+digits, "+"+abroad)), true
	}
	patterns = append(patterns, digits)
	if rest, found := strings.CutPrefix(digits, "00"); found && rest != "" {
		patterns = append(patterns, "+"+rest)
	}
	trunk := phonenumbers.GetNddPrefixForRegion(country, true)
	for _, prefix := range []string{trunk, "0"} {
		if rest, found := strings.CutPrefix(digits, prefix); found && prefix != "" && rest != "" && digits[:2] != "00" {
			patterns = append(patterns, "#"+rest)
		}
	}
	return compact(patterns), true
}

func compact(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
