package domain

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Phone is a number that can be dialled from anywhere, with its country.
type Phone struct {
	E164    string // "+5527999998888"
	Country string // ISO 3166-1 alpha-2, XK, AC, TA, or NonGeographic
}

// ParsePhone parses a phone number as a person writes or pastes it. A number without + is read as dialled within
// country (ISO 3166-1 alpha-2). It must be valid in the numbering plan of its country. The country in the result is
// that of the number itself, found by area code where several countries share a calling code. Numbers reserved for
// fiction are accepted, and so are numbers that cannot receive texts: see TakesTexts.
func ParsePhone(text, country string) (Phone, error) {
	pasted := text
	text, err := cleanPhone(text)
	international := strings.HasPrefix(text, "+")
	switch {
	case err != nil:
		return Phone{}, err
	case text == "":
		return Phone{}, Refuse(Invalid, "phone_missing", "the phone number is missing; write it with + and its country code")
	case len(text) > 40 || !onlyDialled(text):
		return Phone{}, Refusef(Invalid, "phone_malformed",
			"%q is not a phone number; write digits only, with + and the country code", clip(pasted))
	case !international && phonenumbers.GetCountryCodeForRegion(country) == 0:
		return Phone{}, Refusef(Invalid, "phone_country_missing",
			"the phone number %q has no country; write it with + and its country code", text)
	}
	if phone, ok := parseNumber(text, country); ok {
		return phone, nil
	}
	for _, spelling := range spellings(text, country) {
		if phone, ok := parseNumber(spelling, country); ok {
			return phone, nil
		}
	}
	return Phone{}, refusePhone(text, country, international)
}

// parseNumber parses a number that consists of digits and separators. ok is false if no numbering plan has it.
func parseNumber(text, country string) (phone Phone, ok bool) {
	number, err := phonenumbers.Parse(text, country)
	if err != nil {
		return Phone{}, false
	}
	e164 := phonenumbers.Format(number, phonenumbers.E164)
	if region := phonenumbers.GetRegionCodeForNumber(number); isDestination(region) && phonenumbers.IsValidNumber(number) {
		return Phone{E164: e164, Country: region}, true
	}
	if reserved, ok := fictional(e164); ok {
		return Phone{E164: e164, Country: reserved.country}, true
	}
	return Phone{}, false
}

func refusePhone(text, country string, international bool) error {
	if international {
		return Refusef(Invalid, "phone_invalid",
			"%q is not a number of the country its code names; check the digits after the +", text)
	}
	return Refusef(Invalid, "phone_invalid",
		"%q is not a phone number of %s; check the digits, or write it with + and its country code", text, country)
}

// onlyDialled reports whether the text holds only digits and separators. It refuses what the parser would guess at:
// letters on the keys, a + in the middle.
func onlyDialled(text string) bool {
	plus := strings.LastIndex(text, "+")
	return plus <= 0 && !strings.ContainsFunc(text, func(r rune) bool {
		return !strings.ContainsRune("0123456789 +-()./", r)
	})
}

// reserved is a range of numbers for drama and examples.
type reserved struct {
	prefix  string
	length  int // of the whole E.164 text
	country string
	kind    phonenumbers.PhoneNumberType
}

// fiction lists the ranges reserved for drama and examples (Ofcom, ARCEP) that the numbering plan calls invalid. They
// reach nobody, and every demonstration needs them. The ranges of other countries count as valid already.
var fiction = []reserved{
	{"+447700900", 13, "GB", phonenumbers.MOBILE},
	{"+441632960", 13, "GB", phonenumbers.FIXED_LINE},
	{"+3363998", 12, "FR", phonenumbers.MOBILE},
}

func fictional(e164 string) (found reserved, ok bool) {
	for _, reserved := range fiction {
		if len(e164) == reserved.length && strings.HasPrefix(e164, reserved.prefix) {
			return reserved, true
		}
	}
	return found, false
}
