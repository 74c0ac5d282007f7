package domain

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NFC returns a text in Unicode normal form C: é is one character, however it was typed. Text that is not valid UTF-8
// is left as it is.
func NFC(text string) string { return norm.NFC.String(text) }

// IsInvisible reports whether a character has no width of its own and draws nothing: zero-width spaces and joiners,
// direction marks, variation selectors, the soft hyphen, fillers. Control characters are not among them.
func IsInvisible(r rune) bool {
	return r > unicode.MaxASCII && unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point,
		unicode.Variation_Selector)
}

// blank lists the characters that Unicode counts as letters or symbols although nothing is drawn: the empty Braille
// pattern, two Egyptian blanks, the null note head and the object replacement character.
const blank = "\u2800\U00013441\U00013442\U0001d159\ufffc"

// visible reports whether a reader sees something where the character stands alone. A combining mark needs a letter.
// Characters that are newer than our tables count as visible.
func visible(r rune) bool {
	return !IsInvisible(r) && !unicode.In(r, unicode.Z, unicode.Cc, unicode.Cs, unicode.M) &&
		!strings.ContainsRune(blank, r) && !isNonCharacter(r)
}

// isNonCharacter reports whether Unicode promises never to assign the code point.
func isNonCharacter(r rune) bool { return r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef }

// disturbs reports whether a character has no place in a one-line text: control characters, line separators, and the
// embeddings, overrides and isolates that reorder the text after them (UAX #9). Joiners stay: emoji, Persian and the
// scripts of India need them. So do the plain direction marks, which reorder nothing by themselves.
func disturbs(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || isNonCharacter(r) || reorders(r)
}

func reorders(r rune) bool { return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' }

// trimBlank removes white space and zero-width spaces, such as a byte order mark, from both ends.
func trimBlank(text string) string {
	return strings.TrimFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u200b' || r == '\u2060' || r == '\ufeff'
	})
}

// withoutInvisible drops the invisible characters.
func withoutInvisible(text string) string {
	return strings.Map(func(r rune) rune {
		if IsInvisible(r) {
			return -1
		}
		return r
	}, text)
}

// Unaccented returns a text in small letters without accents, so that "Arrêt" is "arret". It is for comparing words
// that people type on a telephone, never for names.
func Unaccented(text string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(text)))
}
