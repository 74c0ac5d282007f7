package domain_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"github.com/clickbook/clickbook/domain"
)

func TestPhoneIsFoundByAnyPartOfIt(t *testing.T) {
	for _, c := range []struct{ number, country, finds, misses string }{
		{
			"+16045550101", "CA",
			"+16045550101|16045550101|604 555 0101|(604) 555-0101|0101|+1|+1 604|555-01|1 (604) 555|011 1 604 555 0101|604.555",
			"+604|0102|+44|1010|00604",
		},
		{
			"+4915123456780", "DE",
			"0151 23456780|0151/2345|0151|+49 (0)151 23456780|+49 151|0049 151 23456780|0049151|6780|151|tel:+4915123456780",
			"05123|0152|+151|0123",
		},
		{"+447911123456", "CA", "+44 (0) 7911 123 456|07911 123456|+44 (0) 7911|7911|3456|07911", "+7911"},
		{"+390669812345", "IT", "06 69812345|06698|+39 06 698|+39 (0)6 69812345|12345", "006698"},
		{"+79123456789", "RU", "8 912 345-67-89|8 912|+7 912|912", "8 345"},
		{"+525512345678", "MX", "55 1234 5678|+52 1 55 1234 5678|044 55 1234 5678|5678", "+521 66"},
		{"+36201234567", "HU", "06 20 123|06 20 123 4567|+36 20", "06 123"},
		{"+870773111632", "CA", "+870|773111632|1632", "+8707732"},
	} {
		keys := domain.PhoneKeys(c.number)
		found := func(typed string) bool {
			patterns, ok := domain.PhonePatterns(typed, c.country)
			return ok && slices.ContainsFunc(patterns, func(p string) bool { return strings.Contains(keys, p) })
		}
		for typed := range strings.SplitSeq(c.finds, "|") {
			if !found(typed) {
				t.Errorf("%q does not find %s", typed, keys)
			}
		}
		for typed := range strings.SplitSeq(c.misses, "|") {
			if found(typed) {
				t.Errorf("%q finds %s", typed, keys)
			}
		}
	}
	for _, name := range []string{"", "3M", "anna", "+", "604 555 0101 x12", "#1"} {
		if patterns, ok := domain.PhonePatterns(name, "CA"); ok {
			t.Errorf("%q is taken for a part of a number: %q", name, patterns)
		}
	}
}

func TestPhoneKeysKnowEveryCallingCode(t *testing.T) {
	check := func(number *phonenumbers.PhoneNumber) {
		e164 := phonenumbers.Format(number, phonenumbers.E164)
		national := strings.TrimPrefix(e164, "+"+strconv.Itoa(int(number.GetCountryCode())))
		if got, want := domain.PhoneKeys(e164), e164+" #"+national; got != want {
			t.Errorf("PhoneKeys(%s) = %q, want %q", e164, got, want)
		}
	}
	for region := range phonenumbers.GetSupportedRegions() {
		check(phonenumbers.GetExampleNumber(region))
	}
	for code := range phonenumbers.GetSupportedGlobalNetworkCallingCodes() {
		check(phonenumbers.GetExampleNumberForNonGeoEntity(code))
	}
	if got := domain.PhoneKeys(""); got != "" {
		t.Errorf("PhoneKeys of no number = %q", got)
	}
}
