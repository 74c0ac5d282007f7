package availability

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/availability"
)

// instant is read as RFC 3339 with any offset and written in UTC. A fraction is written only if there is one, with
// three or nine digits.
type instant struct{ time.Time }

func (t *instant) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, null) {
		return nil // absent
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("%s is not an instant: write it as \"2024-05-31T09:00:00Z\"", b)
	}
	parsed, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return fmt.Errorf("%q is not an instant: write it as 2024-05-31T09:00:00Z", s)
	}
	t.Time = parsed.UTC()
	return checkYear(t.Year(), s)
}

// checkYear refuses years whose instants do not fit in 64 bits of nanoseconds.
func checkYear(year int, s string) error {
	if year < 1700 || year > 2200 {
		return fmt.Errorf("%q is outside the years 1700 to 2200", s)
	}
	return nil
}

func (t instant) MarshalJSON() ([]byte, error) {
	layout := "2006-01-02T15:04:05Z"
	if ns := t.Nanosecond(); ns%1_000_000 != 0 {
		layout = "2006-01-02T15:04:05.000000000Z"
	} else if ns != 0 {
		layout = "2006-01-02T15:04:05.000Z"
	}
	return json.Marshal(t.UTC().Format(layout))
}

// interval is a half-open range, written as [start, end].
type interval struct{ availability.Interval }

func (i *interval) UnmarshalJSON(b []byte) error {
	var pair []instant
	if err := json.Unmarshal(b, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return fmt.Errorf("an interval has a start and an end, this one has %d instants", len(pair))
	}
	between, err := availability.NewInterval(pair[0].Time, pair[1].Time)
	i.Interval = between
	return err
}

func (i interval) MarshalJSON() ([]byte, error) {
	return json.Marshal([]instant{{i.Start}, {i.End}})
}

func fromWire(set []interval) []availability.Interval {
	out := make([]availability.Interval, len(set))
	for i, s := range set {
		out[i] = s.Interval
	}
	return out
}

func toWire(set []availability.Interval) []interval {
	out := make([]interval, len(set))
	for i, s := range set {
		out[i] = interval{s}
	}
	return out
}

// windowIn is a required interval of at most longestWindow.
type windowIn struct {
	interval
	given bool
}

const longestWindow = 5 * 366 * 24 * time.Hour

func (w *windowIn) UnmarshalJSON(b []byte) error {
	w.given = true
	if err := w.interval.UnmarshalJSON(b); err != nil {
		return err
	}
	if w.End.Sub(w.Start) > longestWindow {
		return errors.New("the window is longer than five years: ask for a shorter one")
	}
	return nil
}

func (w windowIn) need() error {
	if !w.given {
		return errors.New("the window is missing: give it as [start, end]")
	}
	return nil
}

// date is a local date.
type date struct{ availability.Date }

func (d *date) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, null) {
		return nil // absent
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("%s is not a date: write it as \"2024-05-31\"", b)
	}
	parsed, err := availability.ParseDate(s)
	if err != nil {
		return err
	}
	d.Date = parsed
	return checkYear(parsed.Year, s)
}

func (d date) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// zone is a time zone, written as its IANA name.
type zone struct{ *time.Location }

func (z *zone) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, null) {
		return nil // absent
	}
	var name string
	if err := json.Unmarshal(b, &name); err != nil {
		return fmt.Errorf("%s is not the name of a time zone", b)
	}
	found, err := domain.ParseZone(name)
	z.Location = found
	return err
}

// need returns an error if the zone is absent.
func (z zone) need(field string) error {
	if z.Location == nil {
		return fmt.Errorf("%s is missing: name a time zone of the IANA list, such as Europe/Berlin", field)
	}
	return nil
}

// days is a range of dates, both included: "2024-05-31", {"date"} or {"from","to"}. Without "to" it has no end.
type days struct{ availability.Days }

func (d *days) UnmarshalJSON(b []byte) error {
	var one date
	if one.UnmarshalJSON(b) == nil && !one.IsZero() {
		d.From, d.To = one.Date, one.Date
		return nil
	}
	var span struct{ Date, From, To *date }
	if err := json.Unmarshal(b, &span); err != nil {
		return err
	}
	switch {
	case span.Date != nil:
		d.From, d.To = span.Date.Date, span.Date.Date
	case span.From == nil:
		return fmt.Errorf("%s names no dates: give a date, or from and to", b)
	default:
		d.From = span.From.Date
		if span.To != nil {
			d.To = span.To.Date
		}
	}
	if !d.To.IsZero() && d.To.Compare(d.From) < 0 {
		return fmt.Errorf("the dates end (%s) before they start (%s): swap the two", d.To, d.From)
	}
	return nil
}

// hours is a range of times of day, written as ["09:00", "17:00"].
type hours struct{ availability.Hours }

func (h *hours) UnmarshalJSON(b []byte) error {
	var pair []string
	if err := json.Unmarshal(b, &pair); err != nil || len(pair) != 2 {
		return fmt.Errorf("invalid hours %s: write them as [\"09:00\", \"17:00\"]", b)
	}
	parsed, err := availability.ParseHours(pair[0], pair[1])
	h.Hours = parsed
	return err
}

// local is a local time without an offset: 2007-11-04T01:30:00, seconds optional.
type local struct {
	date  availability.Date
	wall  time.Duration
	given bool
}

func (l *local) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, null) {
		return nil // absent
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("%s is not a local time: write it as \"2007-11-04T01:30:00\"", b)
	}
	for _, layout := range []string{"2006-01-02T15:04:05.999999999", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			l.date, l.given = availability.DateAt(t, time.UTC), true
			l.wall = t.Sub(t.Truncate(24 * time.Hour))
			return checkYear(t.Year(), s)
		}
	}
	return fmt.Errorf("%q is not a local time: write it as 2007-11-04T01:30:00, without an offset", s)
}

func (l local) in(z *time.Location) time.Time { return availability.Resolve(l.date, l.wall, z) }
