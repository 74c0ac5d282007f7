package window

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Bounds are the period of a window: two instants, or whole local dates, in one zone or in that of each account.
type Bounds struct {
	Kind      string    `json:"kind"` // instants, local_dates
	Start     time.Time `json:"start,omitzero"`
	End       time.Time `json:"end,omitzero"`
	Zone      string    `json:"zone,omitempty"`      // IANA
	ZoneMode  string    `json:"zone_mode,omitempty"` // account_home: the zone of each account
	StartDate string    `json:"start_date,omitempty"`
	Days      int       `json:"days,omitzero"`
}

// The kinds of bounds, and the mode that uses the zone of each account.
const (
	Instants    = "instants"
	LocalDates  = "local_dates"
	AccountHome = "account_home"
)

// maxDays limits a window to about a century. A longer one is a typing error.
const maxDays = 36_600

// normal checks the bounds and returns their canonical form, so equal bounds compare equal.
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

// Interval returns [start, end) in UTC for an account whose home zone is given. It refuses bounds that Declare would
// refuse.
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
