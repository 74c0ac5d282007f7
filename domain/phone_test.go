package domain_test

import (
	"errors"
	"testing"

	"github.com/clickbook/clickbook/domain"
)

func TestParsePhone(t *testing.T) {
	for _, c := range []struct {
		text, country string
		want          domain.Phone
	}{
		{"+5527999998888", "", domain.Phone{E164: "+5527999998888", Country: "BR"}},
		{" (27) 99999-8888 ", "BR", domain.Phone{E164: "+5527999998888", Country: "BR"}},
		{"020 7946 0123", "GB", domain.Phone{E164: "+442079460123", Country: "GB"}},
		{"+1 415-555-0123", "BR", domain.Phone{E164: "+14155550123", Country: "US"}},
		{"011 55 27 99999 8888", "US", domain.Phone{E164: "+5527999998888", Country: "BR"}},
		// countries that share a calling code are told apart by area code
		{"+14165550123", "US", domain.Phone{E164: "+14165550123", Country: "CA"}},
		{"+18765551234", "US", domain.Phone{E164: "+18765551234", Country: "JM"}},
		{"+17875551234", "US", domain.Phone{E164: "+17875551234", Country: "PR"}},
		{"+16715551234", "US", domain.Phone{E164: "+16715551234", Country: "GU"}},
		{"+77012345678", "", domain.Phone{E164: "+77012345678", Country: "KZ"}},
		// reserved for fiction, invalid by the numbering plan
		{"+447700900123", "", domain.Phone{E164: "+447700900123", Country: "GB"}},
		{"07700 900123", "GB", domain.Phone{E164: "+447700900123", Country: "GB"}},
		{"+33 6 39 98 12 34", "", domain.Phone{E164: "+33639981234", Country: "FR"}},
	} {
		got, err := domain.ParsePhone(c.text, c.country)
		if err != nil || got != c.want {
			t.Errorf("ParsePhone(%q, %q) = %+v, %v; want %+v", c.text, c.country, got, err, c.want)
		}
	}
}

func TestParsePhoneRefuses(t *testing.T) {
	for _, c := range []struct{ text, country, code string }{
		{"", "BR", "phone_missing"},
		{"   ", "BR", "phone_missing"},
		{"27 99999-8888", "", "phone_country_missing"},
		{"27 99999-8888", "XX", "phone_country_missing"},
		{"0", "BR", "phone_invalid"},
		{"999", "GB", "phone_invalid"},
		{"+1415555012", "", "phone_invalid"},      // a digit short
		{"+552799999888877", "", "phone_invalid"}, // too long
		{"+999123456789", "", "phone_invalid"},    // no such calling code
		{"+447700900", "", "phone_invalid"},       // in the fiction range, but too short
		{"1-800-FLOWERS", "US", "phone_malformed"},
		{"+447911123456;ext=3", "", "phone_extension"},
		{"+44 7911 123456 or +44 7911 123457", "", "phone_malformed"},
		{"+44 7911 123456 +44 7911 123457", "", "phone_malformed"},
		{"٠١٢٣٤٥٦", "EG", "phone_invalid"},
	} {
		got, err := domain.ParsePhone(c.text, c.country)
		if !errors.Is(err, domain.Refuse(domain.Invalid, c.code, "")) || got != (domain.Phone{}) {
			t.Errorf("ParsePhone(%q, %q) = %+v, %v; want refusal %s", c.text, c.country, got, err, c.code)
		}
	}
}

func BenchmarkParsePhone(b *testing.B) {
	for b.Loop() {
		if _, err := domain.ParsePhone("+5527999998888", ""); err != nil {
			b.Fatal(err)
		}
	}
}
