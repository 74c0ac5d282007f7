package fold_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/projections/fold"
)

// stored lists letters whose folded form is in the read models of existing installations.
const stored = `á=a à=a â=a ã=a ä=a å=a ā=a ă=a ą=a æ=ae ç=c ć=c č=c ď=d đ=d é=e è=e ê=e ë=e ē=e ę=e ě=e ğ=g í=i ì=i
	î=i ï=i ī=i ı=i ł=l ñ=n ń=n ň=n ó=o ò=o ô=o õ=o ö=o ø=o ő=o œ=oe ř=r ś=s š=s ş=s ș=s ß=ss ť=t ț=t ú=u ù=u û=u ü=u
	ū=u ů=u ű=u ý=y ÿ=y ź=z ż=z ž=z`

func TestSearchKeepsStoredForms(t *testing.T) {
	for pair := range strings.FieldsSeq(stored) {
		letter, want, _ := strings.Cut(pair, "=")
		if got := fold.Search(letter); got != want {
			t.Errorf("Search(%q) = %q, want %q", letter, got, want)
		}
	}
}

func TestSearch(t *testing.T) {
	for name, want := range map[string]string{
		"":                      "",
		"  Ana \t Lima ":        "ana lima",
		"Łucja CONCEIÇÃO":       "lucja conceicao",
		"Nguyễn Thị Ánh":        "nguyen thi anh",
		"Cafe\u0301":            "cafe", // a letter and a combining accent
		"O'Brien-Smith, 2nd":    "o'brien-smith, 2nd",
		"Андрей":                "андрей", // й is one letter, not и with a mark
		"हिन्दी":                "हिन्दी", // vowel signs are marks
		"김민준":                   "김민준",
		"がく":                    "がく",
		"Ελένη Παπάς":           "ελενη παπασ",
		"İstanbul Iğdır":        "istanbul igdir",
		"Семён":                 "семен",
		"אָבִי":                 "אבי",
		"مُحَمَّد":              "محمد",
		"ＡＢＣ　ｱﾝﾅ":               "abc アンナ",
		"O\u2019Brien\u2013Lee": "o'brien-lee",
		"A\u200bnn\ufeff":       "ann",
		"می\u200cخواهم":         "میخواهم",
		"ﬁnn":                   "finn",
	} {
		if got := fold.Search(name); got != want {
			t.Errorf("Search(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestKey(t *testing.T) {
	for name, want := range map[string]string{
		"Data/Hora início": "datahorainicio",
		"data_hora_inicio": "datahorainicio",
		"DATAHORAINICIO":   "datahorainicio",
		"Room 2":           "room2",
		"Straße":           "straße",
		"?!":               "?!",
		"":                 "",
	} {
		if got := fold.Key(name); got != want {
			t.Errorf("Key(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestFoldingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[A-Za-zÀ-ÿĀ-ſ ]{0,20}`).Draw(t, "name")
		for what, f := range map[string]func(string) string{"Search": fold.Search, "Key": fold.Key} {
			if once := f(name); f(once) != once {
				t.Fatalf("%s(%q) = %q, then %q", what, name, once, f(once))
			}
		}
	})
}
