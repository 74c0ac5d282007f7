package window

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Bounds say from when to when: as two instants, or as whole local dates in one zone or in each account's own.
type Bounds struct {
	Kind      string    `json:"kind"` // instants, local_dates
	Start     time.Time `json:"start,omitzero"`
	End       time.Time `json:"end,omitzero"`
	Zone      string    `json:"zone,omitempty"`      // IANA
	ZoneMode  string    `json:"zone_mode,omitempty"` // account_home: the zone of each account
	StartDate string    `json:"start_date,omitempty"`
	Days      int       `json:"days,omitzero"`
}

// The kinds of bounds, and the mode in which each account has its own.
const (
	Instants    = "instants"
	LocalDates  = "local_dates"
	AccountHome = "account_home"
)

// maxDays bounds a window to about a century: longer is a slip of the pen.
const maxDays = 36_600

// normal checks the bounds and writes them in the one form in which equal bounds are equal.
func (b Bounds) normal() (Bounds, error) {
	switch b.Kind {
	case Instants:
		if b.Start.IsZero() || b.End.IsZero() {
			return Bounds{}, ErrBoundsIncomplete
		}
		start, end := domain.Microseconds(b.Start), domain.Microseconds(b.End)
		if !start.Before(end) {
			return Bounds{}, ErrEmptyWindow
		}
		return Bounds{Kind: Instants, Start: start, End: end}, nil
	case LocalDates:
		return b.normalDates()
	}
	return Bounds{}, ErrBoundsIncomplete
}

func (b Bounds) normalDates() (Bounds, error) {
	dates := Bounds{Kind: LocalDates, StartDate: b.StartDate, Days: b.Days}
	switch b.ZoneMode {
	case AccountHome:
		dates.ZoneMode = AccountHome
	default:
		if _, err := domain.ParseZone(b.Zone); err != nil {
			return Bounds{}, err
		}
		dates.Zone = b.Zone
	}
	if _, err := time.Parse(time.DateOnly, b.StartDate); err != nil {
		return Bounds{}, ErrDateMalformed
	}
	if b.Days < 1 {
		return Bounds{}, ErrEmptyWindow
	}
	if b.Days > maxDays {
		return Bounds{}, ErrWindowTooLong
	}
	return dates, nil
}

// Interval is [start, end) in UTC for an account at home in a zone. It refuses bounds that no declaration would
// have accepted.
func (b Bounds) Interval(home string) (domain.Interval, error) {
	b, err := b.normal()
	if err != nil || b.Kind == Instants {
		return domain.Interval{Start: b.Start, End: b.End}, err
	}
	name := b.Zone
	if b.ZoneMode == AccountHome {
		name = home
	}
	zone, err := domain.ParseZone(name)
	if err != nil {
		return domain.Interval{}, err
	}
	first, err := time.Parse(time.DateOnly, b.StartDate)
	if err != nil {
		return domain.Interval{}, ErrDateMalformed
	}
	after := first.AddDate(0, 0, b.Days)
	return domain.Interval{
		Start: domain.FirstInstant(first.Year(), first.Month(), first.Day(), zone),
		End:   domain.FirstInstant(after.Year(), after.Month(), after.Day(), zone),
	}, nil
}
