package sms

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/url"
	"regexp"
	"strings"
)

// numbers finds what may be a phone number, written as in E.164 or without the plus.
var numbers = regexp.MustCompile(`\+?\d{7,15}`)

// Redact replaces secrets in a text, also as they look in a URL, and keeps only the last 4 digits of phone numbers. It
// is for texts that are logged or shown to operators.
func Redact(text string, secrets ...string) string {
	for _, secret := range secrets {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			if len(form) > 3 {
				text = strings.ReplaceAll(text, form, "••••")
			}
		}
	}
	return numbers.ReplaceAllStringFunc(text, LastDigits)
}

// LastDigits returns a phone number with only its last 4 digits.
func LastDigits(number string) string {
	if len(number) <= 4 {
		return "…"
	}
	return "…" + number[len(number)-4:]
}

// SameSecret compares two secrets in a time that depends on neither.
func SameSecret(one, other string) bool {
	a, b := sha256.Sum256([]byte(one)), sha256.Sum256([]byte(other))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
