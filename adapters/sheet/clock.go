package sheet

import (
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/availability"
)

// Order is how the dates of a sheet are written. Year first is always understood.
type Order string

// The orders.
const (
	YearFirst  Order = "ymd" // 2016-04-29
	DayFirst   Order = "dmy" // 29/04/2016
	MonthFirst Order = "mdy" // 04/29/2016
)

// ParseOrder reads an order.
func ParseOrder(text string) (Order, error) {
	switch order := Order(text); order {
	case YearFirst, DayFirst, MonthFirst:
		return order, nil
	}
	return "", refuseCell("date_order_unknown", "%q is no order of day, month and year; write ymd, dmy or mdy", clip(text))
}

// layouts by which a time is read once T, a comma or a space between date and time is one space. The longer ones
// stand first.
var (
	dates = map[Order][]string{
		YearFirst:  {"2006-1-2", "2006/1/2"},
		DayFirst:   {"2006-1-2", "2006/1/2", "2/1/2006", "2-1-2006", "2.1.2006"},
		MonthFirst: {"2006-1-2", "2006/1/2", "1/2/2006", "1-2-2006", "1.2.2006"},
	}
	times = []string{"15:04:05Z07:00", "15:04Z07:00", "15:04:05", "15:04", "3:04:05 PM", "3:04 PM", "3:04PM", "15H04"}
)

// clock reads times as they stand on the walls of a zone.
type clock struct {
	zone  *time.Location
	order Order
}

// read answers the instant. A time with an offset is one; a wall clock reading is resolved by RFC 5545 section 3.3.5.
// What names the cell in the sentence: "the start".
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
				return c.place(what, at, strings.Contains(hour, "Z07:00"))
			}
		}
	}
	hint := "write it like 2016-04-29 08:30"
	if c.order == YearFirst && strings.ContainsAny(date, "/.") {
		hint += ", or say with --dates dmy or --dates mdy how the dates of this file are written"
	}
	return time.Time{}, refuseCell("time_malformed", "%s %q is no date with a time; %s", what, clip(text), hint)
}

// place puts a reading on the line of time.
func (c clock) place(what string, at time.Time, hasOffset bool) (time.Time, error) {
	if year := at.Year(); year < 1970 || year > 2199 {
		return time.Time{}, refuseCell("year_unlikely", "%s lies in the year %d; check it", what, year)
	}
	if !hasOffset {
		year, month, day := at.Date()
		wall := at.Sub(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
		at = availability.Resolve(availability.Date{Year: year, Month: month, Day: day}, wall, c.zone)
	}
	return domain.Microseconds(at), nil
}

// cut parts the date from the time of day.
func cut(text string) (date, wall string) {
	at := strings.IndexAny(text, "Tt, ")
	if at < 0 {
		return text, ""
	}
	return text[:at], strings.TrimLeft(text[at:], "Tt, ")
}
