// Package fold removes from names what people leave out when they type them: case, accents and spacing. Search folds a
// name for search, Key folds it for comparison.
//
// Both results are stored: Search in the read model of clients, Key in ids that an import derives from names. A change
// of Search needs a new version of that read model. A change of Key makes an import create again what it has created.
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

// Key returns the letters and digits of a name in lower case and without marks, so that "Data/Hora início",
// "data_hora_inicio" and "DATAHORAINICIO" have one key. The key of a name without letters and digits is the name.
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
