package domain_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"github.com/clickbook/clickbook/domain"
)

func TestParsePhoneAsItIsPasted(t *testing.T) {
	for _, c := range []struct{ text, country, want string }{
		// invisible marks, other widths and scripts
		{"\u202a+1 604 555 0101\u202c", "CA", "+16045550101"},
		{"\u2068+16045550101\u2069\u200e", "CA", "+16045550101"},
		{"\ufeff604\u200b555\u00ad0101\u2060", "CA", "+16045550101"},
		{"\uff0b16045550101", "CA", "+16045550101"},
		{"＋１（６０４）５５５－０１０１", "CA", "+16045550101"},
		{"٠٦٠٤٥٥٥٠١٠١", "CA", ""},
		{"+١ ٦٠٤ ٥٥٥ ٠١٠١", "CA", "+16045550101"},
		{"+९१ ९८७६५ ४३२१०", "IN", "+919876543210"},
		{"090ー1234ー5678", "JP", "+819012345678"},
		// dashes and spaces
		{"+1 604\u2013555\u20130101", "CA", "+16045550101"},
		{"604\u2014555\u22120101", "CA", "+16045550101"},
		{"604\u2011555\ufe630101", "CA", "+16045550101"},
		{"604\u00a0555\u202f0101\n", "CA", "+16045550101"},
		{"604\t555\u20030101", "CA", "+16045550101"},
		{"604·555·0101", "CA", "+16045550101"},
		{"[604] 555~0101", "CA", "+16045550101"},
		{"(+44) 7911 123456", "CA", "+447911123456"},
		{"+ 44 7911 123456", "CA", "+447911123456"},
		// tel: URIs
		{"tel:+16045550101", "CA", "+16045550101"},
		{"TEL:+1-604-555-0101", "CA", "+16045550101"},
		{"tel:604-555-0101;phone-context=+1", "DE", "+16045550101"},
		{"tel:5550101;phone-context=+1604", "DE", "+16045550101"},
		{"tel:6045550101;phone-context=example.com", "CA", "+16045550101"},
		{"tel://+1%20604%20555%200101", "CA", "+16045550101"},
		{"tel:%2B16045550101;isub=1", "CA", "+16045550101"},
		// a zero that is dialled only at home
		{"+44 (0) 7911 123 456 ", "CA", "+447911123456"},
		{"+44(0)20 7946 0958", "CA", "+442079460958"},
		{"+49 (0)170 1234567", "", "+491701234567"},
		{"+47 (0) 406 12 345", "", "+4740612345"},
		{"+34 ( 0 ) 612 345 678", "", "+34612345678"},
		{"+351 (0) 912 345 678", "", "+351912345678"},
		{"+39 (0)6 69812345", "", "+390669812345"}, // Italy keeps it
		{"+39 06 69812345", "", "+390669812345"},
		{"06 69812345", "IT", "+390669812345"},
		{"347 1234567", "IT", "+393471234567"},
		// prefixes that were dropped
		{"+5215512345678", "CA", "+525512345678"},
		{"+52 1 55 1234 5678", "CA", "+525512345678"},
		{"+52 (1) 55 1234 5678", "CA", "+525512345678"},
		{"011 52 1 55 1234 5678", "CA", "+525512345678"},
		{"0052 1 55 1234 5678", "CA", "+525512345678"},
		{"52 1 55 1234 5678", "MX", "+525512345678"},
		{"+52 (044) 55 1234 5678", "CA", "+525512345678"},
		{"044 55 1234 5678", "MX", "+525512345678"},
		{"045 55 1234 5678", "MX", "+525512345678"},
		{"01 55 1234 5678", "MX", "+525512345678"},
		{"1 55 1234 5678", "MX", "+525512345678"},
		{"+54 11 15 2345 6789", "", "+5491123456789"},
		{"+54 9 11 2345 6789", "", "+5491123456789"},
		{"+54 9 11 15 2345 6789", "", "+5491123456789"},
		{"011 15-2345-6789", "AR", "+5491123456789"},
		{"(0351) 15 234 5678", "AR", "+5493512345678"},
		{"+55 0 11 98765-4321", "", "+5511987654321"},
		{"0 15 11 98765-4321", "BR", "+5511987654321"},
		{"041 11 98765 4321", "BR", "+5511987654321"},
		{"(0xx11) 98765-4321", "BR", "+5511987654321"},
		{"+55 (0XX11) 98765-4321", "", "+5511987654321"},
		{"+56 09 6123 4567", "", "+56961234567"},
		{"+7 8 912 345 67 89", "", "+79123456789"},
		{"8 912 345 67 89", "RU", "+79123456789"},
		{"+36 06 20 123 4567", "", "+36201234567"},
		{"+370 8 612 34567", "", "+37061234567"},
		// the way out of another country
		{"0044 7911 123456", "CA", "+447911123456"},
		{"+0044 7911 123456", "CA", "+447911123456"},
		{"011 44 7911 123456", "CA", "+447911123456"},
	} {
		got, err := domain.ParsePhone(c.text, c.country)
		if got.E164 != c.want || (c.want == "") != (err != nil) {
			t.Errorf("ParsePhone(%+q, %q) = %+v, %v; want %s", c.text, c.country, got, err, c.want)
		}
	}
}

func TestParsePhoneRefusesAnExtension(t *testing.T) {
	for _, text := range []string{
		"+16045550101;ext=12", "tel:+1-604-555-0101;ext=12", "tel:+16045550101;postd=12", "604 555 0101 ext. 12",
		"604 555 0101 x12", "(604) 555-0101 #12", "604 555 0101 Durchwahl 12", "604 555 0101, ext 12",
	} {
		if got, err := domain.ParsePhone(text, "CA"); refusalCode(err) != "phone_extension" {
			t.Errorf("ParsePhone(%q) = %+v, %v", text, got, err)
		}
	}
}

// Whatever is read leniently, a number that is right as it is written stays as it is: every example of the library, in
// its own country and from abroad, in each of its forms.
func TestParsePhoneKeepsValidNumbers(t *testing.T) {
	for region := range phonenumbers.GetSupportedRegions() {
		for _, kind := range []phonenumbers.PhoneNumberType{
			phonenumbers.MOBILE, phonenumbers.FIXED_LINE, phonenumbers.TOLL_FREE, phonenumbers.PREMIUM_RATE,
			phonenumbers.SHARED_COST, phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER, phonenumbers.PAGER,
			phonenumbers.UAN, phonenumbers.VOICEMAIL,
		} {
			number := phonenumbers.GetExampleNumberForType(region, kind)
			if number == nil || !phonenumbers.IsValidNumber(number) {
				continue
			}
			want := phonenumbers.Format(number, phonenumbers.E164)
			code := "+" + strconv.Itoa(int(number.GetCountryCode()))
			for _, text := range []string{
				code + " (0) " + strings.TrimPrefix(want, code), "00" + want[1:], "(" + code + ") " + strings.TrimPrefix(want, code),
				want, "tel:" + want, "\u202a" + want + "\u202c",
				phonenumbers.Format(number, phonenumbers.INTERNATIONAL),
				phonenumbers.Format(number, phonenumbers.NATIONAL),
			} {
				got, err := domain.ParsePhone(text, region)
				kept := strings.Contains(text, "(0)") && strings.Contains("IT VA AC", region) // a number with the 0 exists
				local := region == "AR" && kind == phonenumbers.MOBILE && text[0] == '0'      // its example lacks an area code
				if err != nil && !local || err == nil && got.E164 != want && !kept {
					t.Errorf("ParsePhone(%q, %s) = %+v, %v; want %s", text, region, got, err, want)
				}
			}
		}
	}
}
