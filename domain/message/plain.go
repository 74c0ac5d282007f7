package message

import (
	"strings"
	"unicode"

	"github.com/clickbook/clickbook/domain"
)

// Plain returns a text as it is sent by SMS: in normal form C, and with plain quotes, dashes, spaces and no invisible
// characters where that alone takes fewer segments. One ’ from a word processor would more than double the price of a
// long text. It never changes a letter: an accent is part of a name.
func Plain(text string) string {
	text = domain.NFC(text)
	n, encoding := Segments(text)
	if encoding == GSM7 {
		return text
	}
	if plain := strings.Map(lookAlike, ellipses.Replace(text)); isGSM7(plain) && segments(plain) < n {
		return plain
	}
	// A script of its own needs its joiners and marks. Zero-width spaces and byte order marks it does not.
	if short := zeroWidth.Replace(text); segments(short) < n {
		return short
	}
	return text
}

func isGSM7(text string) bool {
	_, encoding := Segments(text)
	return encoding == GSM7
}

func segments(text string) int {
	n, _ := Segments(text)
	return n
}

var (
	ellipses  = strings.NewReplacer("…", "...")
	zeroWidth = strings.NewReplacer("\u200b", "", "\u2060", "", "\ufeff", "", "\u00ad", "")
)

// The quotes that stand for ' and for ". Primes, a grave accent and an acute accent alone are typed for apostrophes.
const (
	singleQuotes = "‘’‚‛‹›′‵ʹʻʼʽˈ`´＇"
	doubleQuotes = "“”„‟«»″‶〝〞〟＂"
)

// lookAlike returns the character of the GSM alphabet that looks like this one, the character itself if there is none,
// and -1 for an invisible one.
func lookAlike(r rune) rune {
	switch {
	case gsmUnits(r) > 0:
		return r
	case domain.IsInvisible(r):
		return -1
	case strings.ContainsRune(singleQuotes, r):
		return '\''
	case strings.ContainsRune(doubleQuotes, r):
		return '"'
	case unicode.Is(unicode.Pd, r), strings.ContainsRune("−⁃", r): // minus, hyphen bullet
		return '-'
	case unicode.Is(unicode.Zs, r), r == '\t':
		return ' '
	case unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
		return '\n'
	}
	return r
}
