package availability

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/clickbook/clickbook/domain/availability"
)

// instant is RFC 3339 with any offset on the way in; on the way out UTC, with no fraction where there is none,
// else at least milliseconds.
type instant struct{ time.Time }

func (t *instant) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, null) {
		return nil // left out
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
	return ordinary(t.Year(), s)
}

// ordinary keeps instants countable in nanoseconds.
func ordinary(year int, s string) error {
	if year < 1700 || year > 2200 {
		return fmt.Errorf("%q lies outside the years 1700 to 2200", s)
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

// interval is [start, end] of two instants and means the half-open range between them.
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

// windowIn is an interval that must be given and is not longer than anybody looks ahead.
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
		return nil // left out
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
	return ordinary(parsed.Year, s)
}

func (d date) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// zone is a name of the IANA list.
type zone struct{ *time.Location }

func (z *zone) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, null) {
		return nil // left out
	}
	var name string
	if err := json.Unmarshal(b, &name); err != nil {
		return fmt.Errorf("%s is not the name of a time zone", b)
	}
	found, err := availability.LoadZone(name)
	z.Location = found
	return err
}

// need refuses a zone that was left out.
func (z zone) need(field string) error {
	if z.Location == nil {
		return fmt.Errorf("%s is missing: name a time zone of the IANA list, such as Europe/Berlin", field)
	}
	return nil
}

// days are dates, both ends included: "2024-05-31", {"date"} or {"from","to"} where a missing "to" is for ever.
type days struct{ availability.Days }

func (d *days) UnmarshalJSON(b []byte) error {
	var one date
	if one.UnmarshalJSON(b) == nil && !one.IsZero() {
		d.From, d.To = one.Date, one.Date
		return nil
	}
	var run struct{ Date, From, To *date }
	if err := json.Unmarshal(b, &run); err != nil {
		return err
	}
	switch {
	case run.Date != nil:
		d.From, d.To = run.Date.Date, run.Date.Date
	case run.From == nil:
		return fmt.Errorf("%s names no dates: give a date, or from and to", b)
	default:
		d.From = run.From.Date
		if run.To != nil {
			d.To = run.To.Date
		}
	}
	if !d.To.IsZero() && d.To.Compare(d.From) < 0 {
		return fmt.Errorf("the dates end (%s) before they start (%s): swap the two", d.To, d.From)
	}
	return nil
}

// hours are ["09:00", "17:00"].
type hours struct{ availability.Hours }

func (h *hours) UnmarshalJSON(b []byte) error {
	var pair []string
	if err := json.Unmarshal(b, &pair); err != nil || len(pair) != 2 {
		return fmt.Errorf("%s are not hours: write them as [\"09:00\", \"17:00\"]", b)
	}
	parsed, err := availability.ParseHours(pair[0], pair[1])
	h.Hours = parsed
	return err
}

// local is a reading of the wall clock: 2007-11-04T01:30:00, seconds optional, no offset.
type local struct {
	date  availability.Date
	wall  time.Duration
	given bool
}

func (l *local) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, null) {
		return nil // left out
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("%s is not a local time: write it as \"2007-11-04T01:30:00\"", b)
	}
	for _, layout := range []string{"2006-01-02T15:04:05.999999999", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			l.date, l.given = availability.DateAt(t, time.UTC), true
			l.wall = t.Sub(t.Truncate(24 * time.Hour))
			return ordinary(t.Year(), s)
		}
	}
	return fmt.Errorf("%q is not a local time: write it as 2007-11-04T01:30:00, without an offset", s)
}

func (l local) in(z *time.Location) time.Time { return availability.Resolve(l.date, l.wall, z) }
