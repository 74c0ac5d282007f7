package domain

import (
	"maps"
	"slices"

	"github.com/nyaruka/phonenumbers"
)

// textless says which types of number are not sent texts, and names the reason in the API and in the log. What is not
// in the table may receive them: mobile numbers, numbers that are a landline or a mobile (North America), internet
// telephony, and numbers whose type the numbering plan does not say. They reach a phone often enough, and a provider
// that cannot deliver says so.
//
// Any number can be stored for a client, because staff may call it.
var textless = map[phonenumbers.PhoneNumberType]string{
	phonenumbers.FIXED_LINE:      "landline",        // a carrier drops the text, or reads it aloud
	phonenumbers.PREMIUM_RATE:    "premium_rate",    // the owner of the number earns from every text that we send
	phonenumbers.SHARED_COST:     "shared_cost",     // a company's line, which routes calls; the sender pays extra
	phonenumbers.TOLL_FREE:       "toll_free",       // a company's line: clients do not carry one
	phonenumbers.UAN:             "company_number",  // one number for all sites of a company
	phonenumbers.PERSONAL_NUMBER: "personal_number", // forwards calls at a price that its owner sets
	phonenumbers.PAGER:           "pager",           // takes tones or an operator's message, not SMS
	phonenumbers.VOICEMAIL:       "voicemail",       // a mailbox
}

// satellite is why a number of a global network (+870, +881, +882, +883) gets no texts: one costs many times the price
// of any country, and few providers carry it.
const satellite = "satellite"

// personal is the calling code of numbers that follow their owner over the world, which the numbering plan counts as
// internet telephony.
const personal = 878

// NoTexts returns the reasons that TakesTexts gives, sorted.
func NoTexts() []string {
	reasons := slices.AppendSeq([]string{satellite}, maps.Values(textless))
	slices.Sort(reasons)
	return reasons
}

// TakesTexts returns "" for an E.164 number that can be sent texts, or else the reason why it cannot: landline,
// premium_rate, shared_cost, toll_free, company_number, personal_number, pager, voicemail or satellite. The type of a
// number is looked up when it is needed, because numbering plans change.
func TakesTexts(e164 string) (reason string) {
	if reserved, ok := fictional(e164); ok {
		return textless[reserved.kind]
	}
	number, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return "" // not a number of ours: the provider decides
	}
	code := int(number.GetCountryCode())
	reason = textless[phonenumbers.GetNumberType(number)]
	switch {
	case code == personal:
		return textless[phonenumbers.PERSONAL_NUMBER]
	case reason == "" && phonenumbers.GetRegionCodeForCountryCode(code) == NonGeographic:
		return satellite
	}
	return reason
}
