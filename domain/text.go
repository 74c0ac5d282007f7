package domain

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode/utf8"
)

// ParseText parses a one-line text written by a person: a name, an address. It removes white space at the ends and
// returns Unicode normal form C, so that the same text is always the same bytes. It refuses a text without a visible
// character, more than limit characters, control characters, and characters that change the direction of the text
// around them. What names the text in the refusal: "the name".
func ParseText(what, text string, limit int) (string, error) {
	if !utf8.ValidString(text) {
		return "", Refusef(Invalid, "text_malformed", "%s is not valid UTF-8; write plain text", what)
	}
	text = trimBlank(NFC(text))
	switch {
	case !strings.ContainsFunc(text, visible):
		return "", Refusef(Invalid, "text_missing", "%s is missing; write 1 to %d characters", what, limit)
	case utf8.RuneCountInString(text) > limit:
		return "", Refusef(Invalid, "text_too_long", "%s is too long; write at most %d characters", what, limit)
	}
	if at := strings.IndexFunc(text, disturbs); at >= 0 {
		r, _ := utf8.DecodeRuneInString(text[at:])
		return "", Refusef(Invalid, "text_malformed", "%s holds the invisible character %U; remove it", what, r)
	}
	return text, nil
}

// ParseEmail parses a bare email address, without a display name. It drops the invisible characters that come with a
// copied address.
func ParseEmail(text string) (string, error) {
	text = strings.TrimSpace(withoutInvisible(NFC(text)))
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
