package domain

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// cleanPhone turns a pasted phone number into digits, separators and a leading +. It removes invisible marks and a
// tel: scheme (RFC 3966), and replaces the digits, spaces and dashes of other scripts. What it does not know it leaves
// for onlyDialled to refuse. It refuses an extension, because a text cannot reach one and E.164 has no place for it.
func cleanPhone(text string) (string, error) {
	text = strings.TrimSpace(strings.Map(plainDial, norm.NFKC.String(strings.ToValidUTF8(text, "?"))))
	text = cutScheme(text)
	if strings.HasPrefix(text, "(+") { // (+44) 7911 123456
		text = text[1:]
	}
	if extension.MatchString(text) {
		return "", Refusef(Invalid, "phone_extension",
			"%q has an extension, which a text cannot reach; write the number without it", clip(text))
	}
	return carrierBlank.ReplaceAllString(text, "${1}0"), nil
}

// extension matches what follows a number to reach one desk: ;ext=12, ext. 12, x12, #12.
var extension = regexp.MustCompile(`(?i)[0-9)]\s*(?:;\s*(?:ext|postd)\s*=|` +
	`,*\s*(?:extension|ext\.?|x|#|poste|ramal|durchwahl)[\s:.]*[0-9])`)

// carrierBlank matches how numbers of Brazil are printed: 0xx11 leaves the carrier's two digits to the caller.
var carrierBlank = regexp.MustCompile(`(?i)^((?:\+55 *)?\(?)0 ?xx ?`)

// cutScheme returns the number of a tel: URI, or else the text. A number that is local to a context such as +1 gets it
// in front; other parameters say nothing about whom the number reaches.
func cutScheme(text string) string {
	const scheme = "tel:"
	if len(text) < len(scheme) || !strings.EqualFold(text[:len(scheme)], scheme) {
		return text
	}
	text = text[len(scheme):]
	number, parameters, _ := strings.Cut(strings.Trim(unescape.Replace(text), "/ "), ";")
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		switch strings.ToLower(name) {
		case "phone-context":
			if strings.HasPrefix(value, "+") && !strings.HasPrefix(number, "+") {
				number = value + " " + number
			}
		case "ext", "postd":
			number += ";" + name + "=" + value
		}
	}
	return strings.TrimSpace(number)
}

// unescape decodes the characters of a number that a URI may carry in their escaped form.
var unescape = strings.NewReplacer("%20", " ", "%2B", "+", "%2b", "+", "%28", "(", "%29", ")", "%2D", "-", "%2d", "-")

// plainDial replaces one character of a pasted number. NFKC has made full-width and superscript forms plain already.
func plainDial(r rune) rune {
	switch {
	case IsInvisible(r):
		return -1
	case r > unicode.MaxASCII && unicode.Is(unicode.Nd, r):
		return '0' + digitValue(r)
	case unicode.IsSpace(r):
		return ' '
	case unicode.Is(unicode.Pd, r), strings.ContainsRune("−⁃ー‒~", r): // minus, hyphen bullet, Japanese long mark
		return '-'
	case strings.ContainsRune("·•∙。｡", r):
		return '.'
	case strings.ContainsRune("[{", r):
		return '('
	case strings.ContainsRune("]}", r):
		return ')'
	case r == '⁄' || r == '∕':
		return '/'
	}
	return r
}

// digitValue returns the value of a decimal digit. The ten digits of a script have consecutive code points.
func digitValue(r rune) rune {
	for _, block := range unicode.Nd.R16 {
		if rune(block.Lo) <= r && r <= rune(block.Hi) {
			return (r - rune(block.Lo)) % 10
		}
	}
	for _, block := range unicode.Nd.R32 {
		if rune(block.Lo) <= r && r <= rune(block.Hi) {
			return (r - rune(block.Lo)) % 10
		}
	}
	return 0
}

// outdated lists, by calling code, what people still write in front of a number although it is no longer dialled, and
// the parser does not know it.
var outdated = map[string][]string{
	"52": {"044", "045", "01", "1"}, // Mexico: trunk and mobile prefixes, dropped in 2019
	"54": {"9"},                     // Argentina: a mobile number with both its 9 and its 15
	"56": {"0"},                     // Chile: the trunk prefix, dropped in 2016
}

// trunkZero matches the zero that is dialled only within the country: +47 (0) 406 12 345.
var trunkZero = regexp.MustCompile(`\( *0 *\)`)

// spellings returns how a number may be meant that no numbering plan has as it is written, likeliest first. So a number
// that is right is never changed: Italy keeps its (0).
func spellings(text, country string) (list []string) {
	if trunkZero.MatchString(text) {
		list = append(list, trunkZero.ReplaceAllString(text, " "))
	}
	// The way out of most countries, pasted in another.
	if rest, found := strings.CutPrefix(onlyDigits(text), "00"); found {
		list = append(list, "+"+rest)
	}
	for _, spelling := range append([]string{text}, list...) {
		list = append(list, current(spelling, country)...)
	}
	return list
}

// current returns a number without the prefixes that are no longer dialled.
func current(text, country string) (list []string) {
	number, err := phonenumbers.Parse(text, country)
	if err != nil {
		return nil
	}
	code := strconv.Itoa(int(number.GetCountryCode()))
	national := phonenumbers.GetNationalSignificantNumber(number)
	for _, prefix := range outdated[code] {
		if rest, found := strings.CutPrefix(national, prefix); found {
			list = append(list, "+"+code+rest)
		}
	}
	return list
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
