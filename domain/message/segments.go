package message

import "strings"

// The default alphabet of GSM 03.38 (3GPP TS 23.038, 6.2.1) and its extension table, whose characters take two
// septets. Any other character makes the whole text UCS-2. National shift tables are left out, because many handsets
// lack them.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// Encodings of a text message.
const (
	GSM7 = "gsm7"
	UCS2 = "ucs2"
)

// Units in a single message, and in each part of a longer one, whose header takes 6 of its 140 octets.
const (
	gsmSingle, gsmPart = 160, 153 // septets
	ucsSingle, ucsPart = 70, 67   // UTF-16 code units
)

// Segments returns the number of parts that a text is sent in, which decides its price, and its encoding. A character
// of two units is never split across two parts. An empty text takes one part.
func Segments(text string) (n int, encoding string) {
	if n, ok := parts(text, gsmUnits, gsmSingle, gsmPart); ok {
		return n, GSM7
	}
	n, _ = parts(text, ucsUnits, ucsSingle, ucsPart)
	return n, UCS2
}

// gsmUnits returns the number of septets of a character, 0 if it is not in the alphabet.
func gsmUnits(r rune) int {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= ' ' && r <= '?' && r != '$': // the common case
		return 1
	case strings.ContainsRune(gsmBasic, r):
		return 1
	case strings.ContainsRune(gsmExtended, r):
		return 2
	}
	return 0
}

// ucsUnits returns the number of UTF-16 code units of a character.
func ucsUnits(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// parts counts the parts that a text fills in order. It reports false for a character without units.
func parts(text string, units func(rune) int, single, part int) (n int, ok bool) {
	total, filled := 0, 0
	n = 1
	for _, r := range text {
		u := units(r)
		if u == 0 {
			return 0, false
		}
		total += u
		if filled += u; filled > part {
			n, filled = n+1, u
		}
	}
	if total <= single {
		return 1, true
	}
	return n, true
}
