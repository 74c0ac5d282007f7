package domain_test

import (
	"testing"

	"github.com/nyaruka/phonenumbers"

	"github.com/clickbook/clickbook/domain"
)

func TestTakesTexts(t *testing.T) {
	for number, want := range map[string]string{
		"+447911123456":    "",
		"+447700900123":    "", // mobile, of fiction
		"+819011112222":    "",
		"+16045550101":     "", // a landline or a mobile
		"+5511987654321":   "",
		"+5591234567":      "", // of no type that the plan knows
		"":                 "",
		"+442079460958":    "landline",
		"+441632960123":    "landline", // of fiction
		"+49301234567":     "landline",
		"+449098790123":    "premium_rate",
		"+19002345678":     "premium_rate",
		"+18005550199":     "toll_free",
		"+448001234567":    "toll_free",
		"+80012345678":     "toll_free",
		"+33884012345":     "shared_cost",
		"+80812345678":     "shared_cost",
		"+979123456789":    "premium_rate",
		"+447012345678":    "personal_number",
		"+878101234567890": "personal_number",
		"+447640123456":    "pager",
		"+41860123456789":  "voicemail",
		"+445512345678":    "company_number",
		"+88812345678901":  "company_number",
		"+870773111632":    "satellite",
		"+881612345678":    "satellite",
		"+8823421234":      "satellite",
		"+883510012345":    "satellite",
	} {
		if got := domain.TakesTexts(number); got != want {
			t.Errorf("TakesTexts(%s) = %q, want %q", number, got, want)
		}
	}
}

// Every number that the library knows can be stored for a client, and has a country that ParseDestination accepts.
func TestEveryNumberHasADestination(t *testing.T) {
	check := func(number *phonenumbers.PhoneNumber) {
		text := phonenumbers.Format(number, phonenumbers.E164)
		phone, err := domain.ParsePhone(text, "")
		if err != nil {
			t.Errorf("ParsePhone(%s): %v", text, err)
			return
		}
		if country, err := domain.ParseDestination(phone.Country); err != nil || string(country) != phone.Country {
			t.Errorf("ParseDestination(%s) = %q, %v", phone.Country, country, err)
		}
	}
	for region := range phonenumbers.GetSupportedRegions() {
		if country, err := domain.ParseCountry(region); err != nil || string(country) != region {
			t.Errorf("ParseCountry(%s) = %q, %v", region, country, err)
		}
		check(phonenumbers.GetExampleNumber(region))
	}
	for code := range phonenumbers.GetSupportedGlobalNetworkCallingCodes() {
		check(phonenumbers.GetExampleNumberForNonGeoEntity(code))
	}
}

func TestParseDestinationRefuses(t *testing.T) {
	for _, code := range []string{"", "1", "002", "ZZ", "UK", "gb"} {
		if got, err := domain.ParseDestination(code); refusalCode(err) != "unknown_country" {
			t.Errorf("ParseDestination(%q) = %q, %v", code, got, err)
		}
	}
}
