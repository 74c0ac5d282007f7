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
)

// withoutDecomposition replaces the Latin letters that Unicode does not decompose into a letter and an accent.
var withoutDecomposition = strings.NewReplacer(
	"æ", "ae", "đ", "d", "ı", "i", "ł", "l", "ø", "o", "œ", "oe", "ß", "ss",
)

// Search returns a name in lower case, with one space between words and with Latin letters without their accents:
// "Łucja  Conceição" becomes "lucja conceicao". It leaves other scripts alone, in which a mark may be a vowel.
func Search(name string) string {
	lower := strings.ToLower(strings.Join(strings.Fields(name), " "))
	return withoutDecomposition.Replace(unaccented(lower))
}

// unaccented removes the marks on Latin letters.
func unaccented(text string) string {
	latin := false // the last letter
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if !unicode.Is(unicode.Mn, r) {
			latin = unicode.Is(unicode.Latin, r)
			return r
		}
		if latin {
			return -1
		}
		return r
	}, norm.NFD.String(text)))
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
