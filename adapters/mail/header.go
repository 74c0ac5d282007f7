package mail

import (
	"encoding/base64"
	"net/mail"
	"strings"
	"unicode/utf8"
)

// maxLine is the length that a header line should not exceed (RFC 5322 2.1.1), without its line break. A line with an
// encoded word may have 76 (RFC 2047 2).
const (
	maxLine    = 78
	maxEncoded = 76
)

// textField returns a header field of free text on lines of at most maxLine octets. Text that is not ASCII, or that has
// a word too long for a line, goes as encoded words, each of whole characters (RFC 2047 5).
func textField(name, text string) string {
	text = strings.Join(strings.Fields(text), " ") // a line break would start another header
	line := name + ":"
	if !plain(text) {
		return fold(line, encodedWords(text, maxEncoded-len(line)-1))
	}
	return fold(line, strings.Fields(text))
}

// addressField returns a header field of one address. The address itself cannot be folded, and is at most 254 octets
// long.
func addressField(name string, address mail.Address) string {
	line := name + ":"
	address.Name = strings.Join(strings.Fields(address.Name), " ")
	bare := (&mail.Address{Address: address.Address}).String()
	if address.Name == "" {
		return fold(line, []string{bare})
	}
	words := []string{strings.TrimSuffix(address.String(), " "+bare)}
	if !plain(address.Name) || len(words[0]) > maxLine/2 { // a long name is not worth quoting
		words = encodedWords(address.Name, maxEncoded-len(line)-1)
	}
	return fold(line, append(words, bare))
}

// plain reports whether text needs no encoding: it is ASCII, its words fit on a line, and none looks like an encoded
// word.
func plain(text string) bool {
	for word := range strings.FieldsSeq(text) {
		if len(word) > maxLine/2 || strings.HasPrefix(word, "=?") {
			return false
		}
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// fold joins words by spaces and begins another line before each one that does not fit.
func fold(line string, words []string) string {
	var field strings.Builder
	for _, word := range words {
		limit := maxLine
		if strings.Contains(line+word, "=?") {
			limit = maxEncoded
		}
		if len(line)+1+len(word) > limit && !strings.HasSuffix(line, ":") {
			field.WriteString(line + "\r\n")
			line = ""
		}
		line += " " + word
	}
	field.WriteString(line + "\r\n")
	return field.String()
}

const wordStart, wordEnd = "=?utf-8?b?", "?="

// encodedWords returns text as encoded words in base64. The first has at most first octets, the others fit on a line.
func encodedWords(text string, first int) (words []string) {
	limit := first
	for text != "" {
		room := (limit - len(wordStart) - len(wordEnd)) / 4 * 3
		end := min(room, len(text))
		for end < len(text) && !utf8.RuneStart(text[end]) {
			end--
		}
		words = append(words, wordStart+base64.StdEncoding.EncodeToString([]byte(text[:end]))+wordEnd)
		text, limit = text[end:], maxEncoded-1
	}
	return words
}
