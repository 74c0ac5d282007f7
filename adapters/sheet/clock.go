package sheet

import (
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/availability"
)

// Order is the order of day, month and year in the dates of a sheet. Dates with the year first are always read.
type Order string

// The orders.
const (
	YearFirst  Order = "ymd" // 2016-04-29
	DayFirst   Order = "dmy" // 29/04/2016
	MonthFirst Order = "mdy" // 04/29/2016
)

// ParseOrder parses ymd, dmy or mdy.
func ParseOrder(text string) (Order, error) {
	switch order := Order(text); order {
	case YearFirst, DayFirst, MonthFirst:
		return order, nil
	}
	return "", refuseCell("date_order_unknown", "invalid order of dates %q: write ymd, dmy or mdy", clip(text))
}

// The layouts of dates and of times of day, the longer ones first.
var (
	dates = map[Order][]string{
		YearFirst:  {"2006-1-2", "2006/1/2"},
		DayFirst:   {"2006-1-2", "2006/1/2", "2/1/2006", "2-1-2006", "2.1.2006"},
		MonthFirst: {"2006-1-2", "2006/1/2", "1/2/2006", "1-2-2006", "1.2.2006"},
	}
	times = []string{"15:04:05Z07:00", "15:04Z07:00", "15:04:05", "15:04", "3:04:05 PM", "3:04 PM", "3:04PM", "15H04"}
)

// clock parses times in the local time of a zone.
type clock struct {
	zone  *time.Location
	order Order
}

// read parses a time. One without an offset is resolved in the zone of the clock by RFC 5545 section 3.3.5. What
// names the cell in errors: "the start".
func (c clock) read(what, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, refuseCell("time_missing", "%s is missing; write it like 2016-04-29 08:30", what)
	}
	date, wall := cut(text)
	for _, day := range dates[c.order] {
		if _, err := time.Parse(day, date); err != nil {
			continue
		}
		if wall == "" {
			return time.Time{}, refuseCell("time_of_day_missing", "%s %q has no time of day; write it like 2016-04-29 08:30",
				what, clip(text))
		}
		for _, hour := range times {
			if at, err := time.Parse(day+" "+hour, date+" "+strings.ToUpper(wall)); err == nil {
				return c.resolve(what, at, strings.Contains(hour, "Z07:00"))
			}
		}
	}
	hint := "write it like 2016-04-29 08:30"
	if c.order == YearFirst && strings.ContainsAny(date, "/.") {
		hint += ", or give the order of day and month with --dates dmy or --dates mdy"
	}
	return time.Time{}, refuseCell("time_malformed", "%s %q is not a date with a time; %s", what, clip(text), hint)
}

// resolve returns the instant of a parsed time.
func (c clock) resolve(what string, at time.Time, hasOffset bool) (time.Time, error) {
	if year := at.Year(); year < 1970 || year > 2199 {
		return time.Time{}, refuseCell("year_unlikely", "%s is in the year %d; check it", what, year)
	}
	if !hasOffset {
		year, month, day := at.Date()
		wall := at.Sub(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
		at = availability.Resolve(availability.Date{Year: year, Month: month, Day: day}, wall, c.zone)
	}
	return domain.Microseconds(at), nil
}

// cut splits a text into its date and its time of day, at a T, a comma or a space.
func cut(text string) (date, wall string) {
	at := strings.IndexAny(text, "Tt, ")
	if at < 0 {
		return text, ""
	}
	return text[:at], strings.TrimLeft(text[at:], "Tt, ")
}
