package projections

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Agenda answers: what does an account's day look like? It is the calendar of one local date, for the owner's morning
// email. It has no tables: it reads the calendar's.
type Agenda struct{ DB readmodel.Reader }

// day is the layout of a local date.
const day = "2006-01-02"

// On returns the appointments of a local date ("2016-04-29"), each by its own wall clock, earliest first. It leaves
// out those that are pending, cancelled or abandoned.
func (q Agenda) On(ctx context.Context, account domain.AccountID, date string) ([]Appointment, error) {
	start, err := time.Parse(day, date)
	if err != nil {
		return nil, domain.Refusef(domain.Invalid, "date_malformed", "invalid date %q: write it like 2016-04-29", date)
	}
	// Time zones are at most 14 hours ahead of UTC and 12 hours behind it.
	found, err := Calendar(q).Find(ctx, account, Selection{
		During: domain.Interval{Start: start.Add(-14 * time.Hour), End: start.Add(36 * time.Hour)},
		Statuses: []appointment.Status{
			appointment.StatusBooked, appointment.StatusArrived, appointment.StatusFulfilled, appointment.StatusNoShow,
		},
	})
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(a Appointment) bool { return !strings.HasPrefix(a.Visit.Local, date) })
	slices.SortStableFunc(found, func(a, b Appointment) int { return cmp.Compare(a.Visit.Local, b.Visit.Local) })
	return found, nil
}
