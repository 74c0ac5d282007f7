// Package fold removes from texts what people leave out when they type them: case, accents and spacing. Search folds a
// name for search, Key folds the words of a sheet: its column names and statuses. Both lose what tells people apart, so
// neither may decide that two names are one: Identity does.
//
// Search is stored in the read model of clients, and its change needs a new version of that read model. Identity is
// stored in ids that an import derives from names; if it changed, an import would create again what it has created.
// Such ids of earlier versions came from Key.
package fold

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/clickbook/clickbook/domain"
)

// withoutDecomposition replaces the Latin letters that Unicode does not decompose into a letter and an accent.
var withoutDecomposition = strings.NewReplacer(
	"æ", "ae", "đ", "d", "ð", "d", "ħ", "h", "ı", "i", "ł", "l", "ø", "o", "œ", "oe", "ß", "ss", "þ", "th", "ŧ", "t",
)

// optional are the scripts in which marks may be left out. In others a mark may be a vowel, or make another letter.
var optional = []*unicode.RangeTable{unicode.Latin, unicode.Greek, unicode.Arabic, unicode.Hebrew}

// marks replaces the quotes and dashes that look alike, and ё, which is mostly written е.
var marks = strings.NewReplacer(
	"‘", "'", "’", "'", "ʼ", "'", "ʻ", "'", "`", "'", "´", "'", "“", `"`, "”", `"`, "„", `"`,
	"‐", "-", "‑", "-", "‒", "-", "–", "-", "—", "-", "ё", "е", "ς", "σ",
)

// Search returns a name in lower case, with one space between words, without invisible characters, and without the
// marks that people leave out: "Łucja  Conceição" becomes "lucja conceicao". Letters of full and half width become the
// common ones. It leaves scripts alone in which a mark may be a vowel.
func Search(name string) string {
	lower := strings.ToLower(unaccented(name))
	return strings.Join(strings.Fields(withoutDecomposition.Replace(marks.Replace(lower))), " ")
}

// unaccented removes the marks on letters of the scripts that can do without them.
func unaccented(text string) string {
	leaves := false // the last letter was of such a script
	return norm.NFKC.String(strings.Map(func(r rune) rune {
		switch {
		case domain.IsInvisible(r):
			return -1
		case !unicode.Is(unicode.Mn, r):
			leaves = unicode.In(r, optional...)
		case leaves:
			return -1
		}
		return r
	}, norm.NFKD.String(text)))
}

// Key returns the letters and digits of a word in lower case and without marks, so that "Data/Hora início",
// "data_hora_inicio" and "DATAHORAINICIO" have one key. The key of a text without letters and digits is the text.
func Key(name string) string {
	key := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFD.String(name))
	if key == "" {
		return name
	}
	return key
}
