package sheet

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

const maxVisit = 31 * 24 * time.Hour

var (
	clockDuration = regexp.MustCompile(`^(\d{1,3}):(\d{2})(?::(\d{2}))?$`)
	wordDuration  = regexp.MustCompile(`^(?i)(?:pt)?` +
		`(?:(\d+(?:[.,]\d+)?) ?(?:hours?|hrs?|h|std|stunden?|heures?|horas?)\.?)?` +
		`(?: ?(?:and|und|et|y|e|,)? ?(\d+(?:[.,]\d+)?) ?(?:minutes?|minuten?|minutos?|mins?|m|'|′)?\.?)?$`)
)

// ParseDuration parses minutes (45, 90 min) or hours and minutes (1:30, 1h30, 1.5 hours, PT1H30M).
func ParseDuration(text string) (time.Duration, error) {
	length := durationOf(plain(text))
	if length <= 0 || length > maxVisit {
		return 0, refuseCell("duration_malformed", "invalid duration %q: write minutes, as in 45, or 1:30", clip(text))
	}
	return length, nil
}

// durationOf returns 0 for a text that is not a duration.
func durationOf(text string) time.Duration {
	if p := clockDuration.FindStringSubmatch(text); p != nil {
		if number(p[2]) > 59 || number(p[3]) > 59 {
			return 0
		}
		return time.Duration(number(p[1]))*time.Hour + time.Duration(number(p[2]))*time.Minute +
			time.Duration(number(p[3]))*time.Second
	}
	p := wordDuration.FindStringSubmatch(text)
	if p == nil {
		return 0
	}
	hours, minutes := decimal(p[1], time.Hour), decimal(p[2], time.Minute)
	if minutes%time.Minute != 0 { // 1.5 without a unit may be hours
		return 0
	}
	return hours + minutes
}

// decimal returns a number of units, such as 1.5 hours.
func decimal(text string, unit time.Duration) time.Duration {
	n, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil {
		return 0
	}
	return time.Duration(n * float64(unit)).Round(time.Second)
}
