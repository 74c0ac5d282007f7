package message

import "strings"

// The default alphabet of GSM 03.38 (3GPP TS 23.038, 6.2.1) and its extension table, whose characters take two
// septets. Anything else makes the whole text UCS-2. National shift tables are left out: many handsets lack them.
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

// Units a single message holds, and each part of a longer one, whose header takes 6 of its 140 octets.
const (
	gsmSingle, gsmPart = 160, 153 // septets
	ucsSingle, ucsPart = 70, 67   // UTF-16 code units
)

// Segments counts the parts that a text is sent in, and so what it costs. A character of two units is never split
// over two parts. An empty text still takes one.
func Segments(text string) (n int, encoding string) {
	if n, ok := parts(text, gsmUnits, gsmSingle, gsmPart); ok {
		return n, GSM7
	}
	n, _ = parts(text, ucsUnits, ucsSingle, ucsPart)
	return n, UCS2
}

// gsmUnits is how many septets a character takes, 0 when the alphabet lacks it.
func gsmUnits(r rune) int {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= ' ' && r <= '?' && r != '$': // nearly all there is
		return 1
	case strings.ContainsRune(gsmBasic, r):
		return 1
	case strings.ContainsRune(gsmExtended, r):
		return 2
	}
	return 0
}

// ucsUnits is how many UTF-16 code units a character takes.
func ucsUnits(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// parts fills parts in order; ok is false where a character has no units.
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
