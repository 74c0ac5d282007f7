package domain_test

import (
	"testing"

	"github.com/clickbook/clickbook/domain"
)

func TestNamesNeedOneVisibleCharacter(t *testing.T) {
	for what, name := range map[string]string{
		"zero-width space": "\u200b", "joiners": "\u200b\u200d\u200c", "empty braille": "\u2800",
		"override": "\u202e", "isolate": "\u2066\u2069", "word joiner": "\u2060", "byte order mark": "\ufeff",
		"hangul fillers": "\u3164\u115f\u1160\uffa0", "combining marks": "\u0301\u0308", "soft hyphens": "\u00ad\u00ad",
		"no-break spaces": "\u00a0\u202f\u3000", "variation selector": "\ufe0f", "grapheme joiner": "\u034f",
		"tags": "\U000e0041\U000e007f", "Mongolian separator": "\u180e", "controls": "\u0007\u001b",
		"line separators": "\u2028\u2029", "vowel signs alone": "\u093f", "Khmer inherent vowels": "\u17b4\u17b5",
		"Egyptian blank": "\U00013441", "null note head": "\U0001d159", "object": "\ufffc", "noncharacter": "\uffff",
		"spaces around a filler": " \u3164\t",
	} {
		if got, err := domain.ParseText("the name", name, 200); refusalCode(err) != "text_missing" {
			t.Errorf("%s: ParseText(%+q) = %+q, %v", what, name, got, err)
		}
	}
}

func TestNamesKeepWhatTheirScriptNeeds(t *testing.T) {
	for name, want := range map[string]string{
		"Jose\u0301 Pen\u0303a":              "José Peña",
		"\ufeff\u200bAnn \u2060":             "Ann",
		"👩\u200d👩\u200d👧 Silva":              "👩\u200d👩\u200d👧 Silva",
		"❤\ufe0f":                            "❤\ufe0f",
		"می\u200cخواهم":                      "می\u200cخواهم",
		"क्\u200dष":                          "क्\u200dष",
		"ශ්\u200dරී":                         "ශ්\u200dරී",
		"\u200eדוד\u200f (Ann)":              "\u200eדוד\u200f (Ann)",
		"🏴\U000e0067\U000e0062\U000e007f Bo": "🏴\U000e0067\U000e0062\U000e007f Bo",
		"李":                                  "李",
		"\U000323b0":                         "\U000323b0", // assigned later than this program's tables
		"\ue000":                             "\ue000",     // a private character, as in Hong Kong's supplement
		"3M":                                 "3M",
		"O\u2019Brien":                       "O\u2019Brien",
		"한국":                                 "한국",
	} {
		if got, err := domain.ParseText("the name", name, 200); err != nil || got != want {
			t.Errorf("ParseText(%+q) = %+q, %v; want %+q", name, got, err, want)
		}
	}
}

func TestNamesDoNotReorderTheTextAfterThem(t *testing.T) {
	for _, name := range []string{
		"Ann\u202e", "\u202aAnn\u202c", "A\u2066nn", "Ann\u2069", "Ann\u2028Lee", "Ann\x00", "Ann\u0085Lee", "Ann\ufdd0",
	} {
		if got, err := domain.ParseText("the name", name, 200); refusalCode(err) != "text_malformed" {
			t.Errorf("ParseText(%+q) = %+q, %v; want text_malformed", name, got, err)
		}
	}
}

func TestEmailLosesInvisibleCharacters(t *testing.T) {
	for _, pasted := range []string{"\u202aann@example.com\u202c", "ann\u200b@example.com", "ann@example\u00ad.com\ufeff"} {
		if got, err := domain.ParseEmail(pasted); err != nil || got != "ann@example.com" {
			t.Errorf("ParseEmail(%+q) = %+q, %v", pasted, got, err)
		}
	}
	if got, err := domain.ParseEmail("jose\u0301@example.com"); err != nil || got != "josé@example.com" {
		t.Errorf("an address in normal form D = %+q, %v", got, err)
	}
}
