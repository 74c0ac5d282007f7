package domain

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Phone is a number that can be dialled from anywhere, with its country.
type Phone struct {
	E164    string // "+5527999998888"
	Country string // ISO 3166-1 alpha-2
}

// ParsePhone parses a phone number as a person writes it. A number without + is read as dialled within country (ISO
// 3166-1 alpha-2). It must be valid in the numbering plan of its country. The country in the result is that of the
// number itself, found by area code where several countries share a calling code. Numbers reserved for fiction are
// accepted.
func ParsePhone(text, country string) (Phone, error) {
	text = strings.TrimSpace(text)
	international := strings.HasPrefix(text, "+")
	switch {
	case text == "":
		return Phone{}, Refuse(Invalid, "phone_missing", "the phone number is missing; write it with + and its country code")
	case len(text) > 40 || !onlyDialled(text):
		return Phone{}, Refusef(Invalid, "phone_malformed",
			"%q is not a phone number; write digits only, with + and the country code", clip(text))
	case !international && phonenumbers.GetCountryCodeForRegion(country) == 0:
		return Phone{}, Refusef(Invalid, "phone_country_missing",
			"the phone number %q has no country; write it with + and its country code", text)
	}
	number, err := phonenumbers.Parse(text, country)
	if err != nil {
		return Phone{}, refusePhone(text, country, international)
	}
	e164 := phonenumbers.Format(number, phonenumbers.E164)
	if region := phonenumbers.GetRegionCodeForNumber(number); isCountry(region) && phonenumbers.IsValidNumber(number) {
		return Phone{E164: e164, Country: region}, nil
	}
	if of, ok := fictional(e164); ok {
		return Phone{E164: e164, Country: of}, nil
	}
	return Phone{}, refusePhone(text, country, international)
}

func refusePhone(text, country string, international bool) error {
	if international {
		return Refusef(Invalid, "phone_invalid",
			"%q is not a number of the country its code names; check the digits after the +", text)
	}
	return Refusef(Invalid, "phone_invalid",
		"%q is not a phone number of %s; check the digits, or write it with + and its country code", text, country)
}

// isCountry reports whether a region is a country. It is not for "" (none found) and "001" (satellite and other
// numbers without a country).
func isCountry(region string) bool { return len(region) == 2 }

// onlyDialled reports whether the text holds only digits and separators. It refuses what the parser would guess at:
// letters on the keys, extensions, a + in the middle.
func onlyDialled(text string) bool {
	plus := strings.LastIndex(text, "+")
	return plus <= 0 && !strings.ContainsFunc(text, func(r rune) bool {
		return !strings.ContainsRune("0123456789 +-()./\u00a0\u2011", r)
	})
}

// fiction lists the ranges reserved for drama and examples (Ofcom, ARCEP) that the numbering plan calls invalid. They
// reach nobody, and every demonstration needs them. The ranges of other countries count as valid already.
var fiction = []struct {
	prefix  string
	length  int // of the whole E.164 text
	country string
}{
	{"+447700900", 13, "GB"},
	{"+441632960", 13, "GB"},
	{"+3363998", 12, "FR"},
}

func fictional(e164 string) (country string, ok bool) {
	for _, reserved := range fiction {
		if len(e164) == reserved.length && strings.HasPrefix(e164, reserved.prefix) {
			return reserved.country, true
		}
	}
	return "", false
}
