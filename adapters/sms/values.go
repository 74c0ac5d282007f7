package sms

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

// International returns a number in E.164 with its plus, which most providers leave out. It returns what is not a
// number, such as a sender of letters, as it is.
func International(number string) string {
	trimmed := strings.TrimPrefix(number, "+")
	if len(trimmed) < 7 || len(trimmed) > 15 || strings.Trim(trimmed, "0123456789") != "" {
		return number
	}
	return "+" + trimmed
}

// Network returns a network as MCC-MNC from the 5 or 6 digits that providers write, "" if they are not that. The MCC
// has 3 digits (ITU-T E.212).
func Network(digits string) string {
	if len(digits) != 5 && len(digits) != 6 || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return digits[:3] + "-" + digits[3:]
}

// zones is how far a time without a zone may be from UTC, with an allowance for clocks.
const zones = 26 * time.Hour

// LateBy returns when a receipt happened: when the call came, unless the carrier's own time shows that it is days late.
// That time is YYMMDDhhmm in a zone that nobody states, so it cannot tell hours.
func LateBy(carrier string, came time.Time) time.Time {
	at, err := time.Parse("0601021504", carrier)
	if err != nil || came.Sub(at) < zones {
		return came
	}
	return at
}

// Happened parses a time that a provider states for a receipt, in the first layout that fits. A time that cannot be
// read, or is after the call came, is when the call came.
func Happened(stated string, came time.Time, layouts ...string) time.Time {
	for _, layout := range layouts {
		if at, err := time.Parse(layout, stated); err == nil && !at.After(came) {
			return at.UTC()
		}
	}
	return came
}

// ParseFlat parses a JSON object whose values are texts, numbers, booleans or null, as texts. It refuses a key twice,
// which parsers do not agree on.
func ParseFlat(body []byte) (map[string]string, error) {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber()
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, fmt.Errorf("%w: it is not a JSON object", ErrMalformed)
	}
	values := make(map[string]string)
	for decoder.More() {
		key, err := decoder.Token()
		value, other := decoder.Token()
		name, ok := key.(string)
		if _, nested := value.(json.Delim); err != nil || other != nil || !ok || nested {
			return nil, fmt.Errorf("%w: it is not a flat JSON object", ErrMalformed)
		}
		if _, twice := values[name]; twice {
			return nil, fmt.Errorf("%w: it has a key twice", ErrMalformed)
		}
		if values[name] = fmt.Sprint(value); value == nil {
			values[name] = ""
		}
	}
	if token, err := decoder.Token(); err != nil || token != json.Delim('}') || decoder.More() {
		return nil, fmt.Errorf("%w: it does not end as a JSON object", ErrMalformed)
	}
	return values, nil
}

// Validity returns how many units a provider may keep a text, so that it gives up by until. It is at most longest. It
// returns a rejection if what is left is shorter than shortest, because the provider would then deliver the text too
// late.
func Validity(now, until time.Time, unit, shortest, longest time.Duration) (int64, error) {
	left := min(until.Sub(now), longest)
	if left < shortest || left < unit {
		return 0, &messaging.NotAccepted{Class: message.Transient, Code: "too_late"}
	}
	return int64(left / unit), nil
}
