package sms

import (
	_ "embed"
	"fmt"
	"strings"
)

// sendersTable lists the countries whose networks refuse or rewrite senders of letters, with what to use instead. It
// is not complete: the provider's own list of the day is what counts.
//
//go:embed senders.csv
var sendersTable string

// CheckSender checks a sender against the rules of GSM and of a country. A sender is a number in E.164, a short code of
// 3 to 8 digits, or up to 11 letters, digits and spaces with at least one letter (3GPP TS 23.040, 9.1.2.5).
func CheckSender(country, sender string) error {
	digits := strings.TrimPrefix(sender, "+")
	if digits != "" && strings.Trim(digits, "0123456789") == "" {
		if len(digits) < 3 || len(digits) > 15 {
			return fmt.Errorf("invalid sender %q: a number has 3 to 15 digits", sender)
		}
		return nil
	}
	if !alphanumeric(sender) {
		return fmt.Errorf("invalid sender %q: use a number, or up to 11 letters, digits and spaces with one letter at least",
			Clip(sender))
	}
	for line := range strings.Lines(sendersTable) {
		if listed, use, ok := strings.Cut(strings.TrimSpace(line), ","); ok && listed == country {
			return fmt.Errorf("%s takes no sender of letters such as %q: use %s", country, sender, use)
		}
	}
	return nil
}

func alphanumeric(sender string) bool {
	letters := 0
	for _, r := range sender {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			letters++
		case r >= '0' && r <= '9', r == ' ', r == '-', r == '&', r == '.', r == '_':
		default:
			return false
		}
	}
	return letters > 0 && len(sender) <= 11 && strings.TrimSpace(sender) == sender
}
