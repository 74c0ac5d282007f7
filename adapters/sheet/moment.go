package sheet

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/projections/fold"
)

// moment is what a cell says about a time. It may have the date or the time of day alone.
type moment struct {
	date    availability.Date
	hasDate bool
	wall    time.Duration // since midnight, up to 24 hours
	hasTime bool
	offset  *time.Duration // from UTC, or nil
	zone    string         // IANA, or ""
}

// readMoment reads a date, a time of day, or both. Order is the order of dates such as 03/04/2016. ok is false if the
// text is anything else.
func readMoment(text string, order Order) (m moment, ok bool) {
	text = plain(text)
	rest, ok := m.readDate(text, order)
	if !ok {
		if word, after, cut := strings.Cut(text, " "); cut && weekdayWords[fold.Key(word)] {
			rest, ok = m.readDate(after, order)
		}
	}
	switch {
	case !ok:
		return m.readTimeFirst(text, order)
	case rest == "":
		return m, true
	}
	return m, m.readTime(between.ReplaceAllString(rest, ""))
}

// readTimeFirst reads a time of day that a date may follow.
func (m moment) readTimeFirst(text string, order Order) (moment, bool) {
	if m.readTime(text) {
		return m, true
	}
	for at, r := range text {
		if r != ' ' {
			continue
		}
		timeOfDay := strings.TrimRight(text[:at], ",")
		read := moment{}
		if rest, ok := read.readDate(text[at+1:], order); ok && rest == "" && read.readTime(timeOfDay) {
			return read, true
		}
	}
	return m, false
}

// plain returns a text as it would be typed in ASCII: with plain digits, spaces, dashes and colons, and without
// invisible marks.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r): // marks of direction, joiners, the byte order mark
			return -1
		case r == '−' || r == '‐' || r == '‑' || r == '–':
			return '-'
		case unicode.IsSpace(r):
			return ' '
		}
		return digit(r)
	}, norm.NFKC.String(text))
	return strings.Join(strings.Fields(text), " ")
}

// digit returns the ASCII digit for a decimal digit of any script, and other characters as they are. Unicode lists
// the digits of a script in order, from zero.
func digit(r rune) rune {
	if r < 0x80 || !unicode.Is(unicode.Nd, r) {
		return r
	}
	for _, digits := range unicode.Nd.R16 {
		if rune(digits.Lo) <= r && r <= rune(digits.Hi) {
			return '0' + (r-rune(digits.Lo))%10
		}
	}
	for _, digits := range unicode.Nd.R32 {
		if rune(digits.Lo) <= r && r <= rune(digits.Hi) {
			return '0' + (r-rune(digits.Lo))%10
		}
	}
	return r
}

// between matches what separates a date from its time of day.
var between = regexp.MustCompile(`^(?i:[t,; ]|um |at |à |a las |a la |as |às |@|- )+`)

var (
	yearFirst = regexp.MustCompile(`^(\d{4}) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2})[日.]?`)
	compact   = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})`)
	weekDate  = regexp.MustCompile(`^(\d{4})-?[Ww](\d{2})-?([1-7])`)
	dayMonth  = regexp.MustCompile(`^(\d{1,2}) ?([-/.]) ?(\d{1,2}) ?[-/.] ?(\d{4}|\d{2})\.?`)
	dayNamed  = regexp.MustCompile(`^(\d{1,2})(?:\.|st|nd|rd|th|er|º|ª)?[- ]?(?:de |of )?` +
		`(\pL[\pL\pM]*)\.?[- ,]*(?:de |del )?(\d{4}|\d{2})\.?`)
	monthDay  = regexp.MustCompile(`^(\pL[\pL\pM]*)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})`)
	yearNamed = regexp.MustCompile(`^(\d{4})-(\pL+)-(\d{1,2})`)
)

// readDate reads the date with which a text begins, and returns the rest.
func (m *moment) readDate(text string, order Order) (rest string, ok bool) {
	take := func(form *regexp.Regexp, date func(part []string) (availability.Date, bool)) bool {
		part := form.FindStringSubmatch(text)
		if part == nil {
			return false
		}
		rest = text[len(part[0]):]
		if rest != "" && !strings.ContainsRune(" ,;Tt", rune(rest[0])) {
			return false
		}
		m.date, ok = date(part)
		return ok
	}
	m.hasDate = take(yearFirst, func(p []string) (availability.Date, bool) { return dateOf(p[1], p[2], p[3]) }) ||
		take(compact, func(p []string) (availability.Date, bool) { return dateOf(p[1], p[2], p[3]) }) ||
		take(weekDate, func(p []string) (availability.Date, bool) { return dateOfWeek(p[1], p[2], p[3]) }) ||
		take(dayMonth, func(p []string) (availability.Date, bool) {
			switch {
			case order == MonthFirst:
				return dateOf(p[4], p[1], p[3])
			case order == DayFirst, p[2] == ".": // dots have the day first everywhere
				return dateOf(p[4], p[3], p[1])
			}
			return availability.Date{}, false
		}) ||
		take(dayNamed, func(p []string) (availability.Date, bool) { return dateOf(p[3], p[2], p[1]) }) ||
		take(monthDay, func(p []string) (availability.Date, bool) { return dateOf(p[3], p[1], p[2]) }) ||
		take(yearNamed, func(p []string) (availability.Date, bool) { return dateOf(p[1], p[2], p[3]) })
	if !m.hasDate {
		return text, false
	}
	return strings.TrimSpace(rest), true
}

// dateOf returns a date of numbers and the month's number or name. Two digits of a year are those of 1970 to 2069.
func dateOf(year, month, day string) (availability.Date, bool) {
	y, _ := strconv.Atoi(year) // the forms match digits
	d, _ := strconv.Atoi(day)
	m, err := strconv.Atoi(month)
	if err != nil {
		m = int(monthWords[fold.Key(month)])
	}
	if len(year) == 2 {
		if y += 2000; y >= 2070 {
			y -= 100
		}
	}
	date := availability.Date{Year: y, Month: time.Month(m), Day: d}
	at := date.Start(time.UTC)
	return date, at.Day() == d && int(at.Month()) == m
}

// dateOfWeek returns a date of ISO 8601 by year, week and day.
func dateOfWeek(year, week, day string) (availability.Date, bool) {
	y, _ := strconv.Atoi(year)
	w, _ := strconv.Atoi(week)
	d, _ := strconv.Atoi(day)
	fourth := time.Date(y, 1, 4, 0, 0, 0, 0, time.UTC) // is always in week 1
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
	at := monday.AddDate(0, 0, (w-1)*7+d-1)
	inYear, inWeek := at.ISOWeek()
	return availability.Date{Year: at.Year(), Month: at.Month(), Day: at.Day()}, inYear == y && inWeek == w
}

// The forms of a time of day, each with the suffix for a zone.
var (
	zoned = `(?: ?(Z|UTC|GMT)?([-+]\d{1,2}(?::?\d{2})?)?(?: ?\([^)]*\))?(?: ?\[?([a-z]+(?:/[a-z_+\-0-9]+)+)\]?)?)$`
	half  = `(?: ?([ap])(?:\. ?|)(?:m\.?)?)`

	clockTime = regexp.MustCompile(`^(?i)(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?(?: ?(?:uhr|h|hrs)\.?)?` +
		half + `?` + zoned)
	hourTime    = regexp.MustCompile(`^(?i)(\d{1,2}) ?(?:h|uhr) ?(?:(\d{2})(?: ?m(?:in)?)?)?` + zoned)
	halfTime    = regexp.MustCompile(`^(?i)(\d{1,2})` + half + zoned)
	compactTime = regexp.MustCompile(`^(?i)(\d{2})(\d{2})(\d{2})?` + zoned)
	fraction    = regexp.MustCompile(`^0?[.,]\d+$`)
)

// halfFirst matches a half of the day before the time, as in Chinese, Korean and Japanese.
var halfFirst = regexp.MustCompile(`^(?i:(am|上午|오전|午前)|(pm|下午|오후|午後)) ?(\d.*)$`)

// readTime reads a time of day.
func (m *moment) readTime(text string) bool {
	if p := halfFirst.FindStringSubmatch(text); p != nil {
		text = p[3] + " am"
		if p[2] != "" {
			text = p[3] + " pm"
		}
	}
	var hour, minute, second, decimals, half string
	var zone []string
	if p := clockTime.FindStringSubmatch(text); p != nil {
		hour, minute, second, decimals, half, zone = p[1], p[2], p[3], p[4], p[5], p[6:]
	} else if p := hourTime.FindStringSubmatch(text); p != nil {
		hour, minute, zone = p[1], p[2], p[3:]
	} else if p := halfTime.FindStringSubmatch(text); p != nil {
		hour, half, zone = p[1], p[2], p[3:]
	} else if p := compactTime.FindStringSubmatch(text); p != nil && m.hasDate {
		hour, minute, second, zone = p[1], p[2], p[3], p[4:]
	} else {
		return m.readFraction(text)
	}
	h, min, s := number(hour), number(minute), number(second)
	if half != "" {
		if h > 12 {
			return false
		}
		h %= 12
		if half == "p" || half == "P" {
			h += 12
		}
	}
	nanos := number((decimals + "000000000")[:9])
	m.wall = time.Duration(h)*time.Hour + time.Duration(min)*time.Minute + time.Duration(s)*time.Second +
		time.Duration(nanos)
	m.hasTime = h <= 24 && min < 60 && s < 60 && m.wall <= 24*time.Hour
	return m.hasTime && m.readZone(zone[0], zone[1], zone[2])
}

// readFraction reads a time of day as a fraction of a day, as spreadsheets store it.
func (m *moment) readFraction(text string) bool {
	if m.hasDate || !fraction.MatchString(text) {
		return false
	}
	part, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	m.wall = time.Duration(part * float64(24*time.Hour)).Round(time.Second)
	m.hasTime = err == nil
	return m.hasTime
}

// readZone reads the zone of a time of day: a name such as UTC, an offset, an IANA name, or none of them.
func (m *moment) readZone(name, offset, iana string) bool {
	m.zone = iana
	if name == "" && offset == "" {
		return true
	}
	digits := strings.ReplaceAll(strings.TrimLeft(offset, "+-"), ":", "")
	hours, minutes := digits, ""
	if len(digits) > 2 {
		hours, minutes = digits[:len(digits)-2], digits[len(digits)-2:]
	}
	away := time.Duration(number(hours))*time.Hour + time.Duration(number(minutes))*time.Minute
	if away > 18*time.Hour {
		return false
	}
	if strings.HasPrefix(offset, "-") {
		away = -away
	}
	m.offset = &away
	return true
}

// number returns the number of a text of digits, 0 for none.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}
