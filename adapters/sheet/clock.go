package sheet

import (
	"fmt"
	"regexp"
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

// clock reads times in the local time of a zone. It collects warnings about times that happen twice.
type clock struct {
	zone     *time.Location
	order    Order
	warnings []string
}

// cells are the cells of one time. The date and the time of day may be apart.
type cells struct{ whole, date, timeOfDay string }

// read returns what the cells say and its instant. A time without an offset is local. What names the cells in errors:
// "the start". An end may have the date of the start, which is first.
func (c *clock) read(what string, from cells, first *moment) (moment, time.Time, error) {
	m, err := c.combine(what, from, first)
	if err != nil {
		return m, time.Time{}, err
	}
	at, err := c.resolve(what, m)
	return m, at, err
}

// combine returns the moment that the cells give together.
func (c *clock) combine(what string, from cells, first *moment) (m moment, err error) {
	whole, wholeOK := readMoment(from.whole, c.order)
	if whole.hasDate && whole.hasTime && wholeOK && (from.date == "" || !whole.isEpoch()) {
		return whole, nil
	}
	date, dateOK := readMoment(from.date, c.order)
	timeOfDay, timeOK := readMoment(from.timeOfDay, c.order)
	for _, part := range []moment{timeOfDay, whole, date} { // a date may have a midnight that means nothing
		if part.hasTime && !m.hasTime {
			m = part
		}
	}
	m.hasDate = false
	for _, part := range []moment{date, whole, timeOfDay} {
		if part.hasDate && !m.hasDate {
			m.date, m.hasDate = part.date, true
		}
	}
	if !m.hasDate && m.hasTime && first != nil && from.date == "" {
		m.inherit(*first)
	}
	text := strings.Join(strings.Fields(from.whole+" "+from.date+" "+from.timeOfDay), " ")
	switch {
	case text == "":
		return m, refuseCell("time_missing", "%s is missing; write it like 2016-04-29 08:30", what)
	case m.hasDate && m.hasTime:
		return m, nil
	case m.hasDate && (wholeOK || from.whole == "") && (dateOK || from.date == "") && (timeOK || from.timeOfDay == ""):
		return m, refuseCell("time_of_day_missing", "%s %q has no time of day; write it like 2016-04-29 08:30", what,
			clip(text))
	}
	return m, c.malformed(what, text)
}

// isEpoch reports a date with which databases and spreadsheets fill in a time of day.
func (m moment) isEpoch() bool { return m.date.Year <= 1904 }

// inherit gives the end of a visit the date of its start, and its offset. Midnight is that at the end of the day.
func (m *moment) inherit(first moment) {
	m.date, m.hasDate = first.date, true
	if m.offset == nil && m.zone == "" {
		m.offset, m.zone = first.offset, first.zone
	}
	if m.wall == 0 {
		m.wall = 24 * time.Hour
	}
}

func (c *clock) malformed(what, text string) error {
	hint := "write it like 2016-04-29 08:30"
	switch {
	case dayNumber.MatchString(text):
		hint = "it looks like the number of a day in a spreadsheet; format the column as a date and save the sheet again"
	case c.order == YearFirst && dayMonth.MatchString(plain(text)):
		hint += ", or give the order of day and month with --dates dmy or --dates mdy"
	}
	return refuseCell("time_malformed", "%s %q is not a date with a time; %s", what, clip(text), hint)
}

var dayNumber = regexp.MustCompile(`^\d{5}([.,]\d+)?$`)

// resolve returns the instant of a moment. It refuses a local time that the zone skips, and takes the first of two
// with a warning.
func (c *clock) resolve(what string, m moment) (time.Time, error) {
	reading := m.date.Start(time.UTC).Add(m.wall)
	if domain.CheckInstant(reading) != nil {
		return time.Time{}, refuseCell("year_unlikely", "%s is in the year %d; dates are from %d to %d", what, m.date.Year,
			domain.FirstYear, domain.EndYear-1)
	}
	if m.offset != nil {
		return domain.Microseconds(reading.Add(-*m.offset)), nil
	}
	zone := c.zone
	if m.zone != "" {
		var err error
		if zone, err = domain.ParseZone(m.zone); err != nil {
			return time.Time{}, err
		}
	}
	first, second, err := availability.ResolveExact(m.date, m.wall, zone)
	if err != nil {
		return first, refuseCell("local_time_skipped", "%s %s; choose one of them", what, err)
	}
	if !second.IsZero() {
		c.warnings = append(c.warnings, fmt.Sprintf("%s %s happens twice in %s, and the first was taken; write %s for "+
			"the second", what, reading.Format("2006-01-02 15:04"), zone, second.Format("2006-01-02 15:04Z07:00")))
	}
	return domain.Microseconds(first), nil
}
