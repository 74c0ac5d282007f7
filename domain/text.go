package domain

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ParseText trims a one-line text written by a person. It refuses an empty text, more than limit characters, and
// control characters. What names the text in the refusal: "the name".
func ParseText(what, text string, limit int) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", Refusef(Invalid, "text_missing", "%s is missing; write 1 to %d characters", what, limit)
	case utf8.RuneCountInString(text) > limit:
		return "", Refusef(Invalid, "text_too_long", "%s is too long; write at most %d characters", what, limit)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return "", Refusef(Invalid, "text_malformed", "%s holds characters that cannot be printed; write plain text", what)
	}
	return text, nil
}

// ParseEmail parses a bare email address, without a display name.
func ParseEmail(text string) (string, error) {
	text = strings.TrimSpace(text)
	address, err := mail.ParseAddress(text)
	_, host, _ := strings.Cut(text, "@")
	if err != nil || address.Address != text || len(text) > 254 || !strings.Contains(host, ".") {
		return "", Refusef(Invalid, "email_malformed",
			"%q is not an email address; write it like ann@example.com", clip(text))
	}
	return text, nil
}

// locale matches the part of BCP 47 that we need: a language, optionally with script and region.
var locale = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$`)

// ParseLocale parses a BCP 47 tag of language, script and region.
func ParseLocale(text string) (string, error) {
	if !locale.MatchString(text) {
		return "", Refusef(Invalid, "locale_malformed", "%q is not a locale; write it like en-US or pt-BR", clip(text))
	}
	return text, nil
}

var shortName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// IsShortName reports whether text can name a rule, a provider or a mark: up to 40 small letters, digits and dashes,
// starting with a letter or digit.
func IsShortName(text string) bool { return shortName.MatchString(text) }

// clip shortens an invalid value for use in a refusal.
func clip(text string) string {
	if len(text) <= 60 {
		return text
	}
	return strings.ToValidUTF8(text[:60], "") + "…"
}
