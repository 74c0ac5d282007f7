package visiting

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/availability"
)

// MaxDays bounds the days that one question counts. Alternatives is how many starts are offered instead of a taken one.
const (
	MaxDays      = 31
	Alternatives = 3
)

// localForm is the form of a local time.
const localForm = "2006-01-02T15:04:05"

// errDays refuses a question about too many days.
var errDays = domain.Refusef(domain.Invalid, "days_invalid", "ask for 1 to %d days at once", MaxDays).At("days")

// Choice is what a visitor wants to book.
type Choice struct {
	Service domain.ServiceID
	Staff   domain.ResourceID // zero means anybody
	Mine    string            // the token of the visitor's own hold, which leaves its start free for them; "" for none
	Zone    *time.Location    // in which the visitor reads times; nil means that of the account
}

// Day is a date in the visitor's zone with the number of free starts.
type Day struct {
	Date availability.Date
	Free int
}

// Start is a free start.
type Start struct {
	At    time.Time
	Local string // in the visitor's zone: "2016-04-29T08:30:00"
}

// Days counts the free starts of each day.
func (v *Visiting) Days(ctx context.Context, at Page, of Choice, first availability.Date, days int) ([]Day, error) {
	if days < 1 || days > MaxDays {
		return nil, errDays
	}
	zone := zoneOf(at, of)
	free, err := v.between(ctx, at, of, domain.Interval{
		Start: first.Start(zone), End: first.AddDays(days).Start(zone),
	})
	if err != nil {
		return nil, err
	}
	counted := make([]Day, days)
	for i := range counted {
		counted[i].Date = first.AddDays(i)
	}
	for _, start := range free {
		date := availability.DateAt(start.At, zone)
		if i := slices.IndexFunc(counted, func(d Day) bool { return d.Date == date }); i >= 0 {
			counted[i].Free++
		}
	}
	return counted, nil
}

// Starts returns the free starts of a date in the visitor's zone, in order.
func (v *Visiting) Starts(ctx context.Context, at Page, of Choice, date availability.Date) ([]Start, error) {
	zone := zoneOf(at, of)
	return v.between(ctx, at, of, domain.Interval{Start: date.Start(zone), End: date.AddDays(1).Start(zone)})
}

// Alternatives returns the free starts that are nearest to one that is taken, in order of time.
func (v *Visiting) Alternatives(ctx context.Context, at Page, of Choice, taken time.Time) ([]Start, error) {
	const day = 24 * time.Hour
	var near []Start
	for _, reach := range []time.Duration{day, 10 * day} { // most are near, and a wide question is expensive
		var err error
		near, err = v.between(ctx, at, of, domain.Interval{Start: taken.Add(-reach), End: taken.Add(reach)})
		if _, refused := domain.AsRefusal(err); refused {
			return near, nil // a service too large for a wider question, or one that is retired
		}
		if err != nil {
			return nil, err
		}
		if len(near) >= Alternatives {
			break
		}
	}
	slices.SortStableFunc(near, func(a, b Start) int {
		return cmp.Compare(a.At.Sub(taken).Abs(), b.At.Sub(taken).Abs())
	})
	near = near[:min(len(near), Alternatives)]
	slices.SortFunc(near, func(a, b Start) int { return a.At.Compare(b.At) })
	return near, nil
}

// between returns the free starts of a window.
func (v *Visiting) between(ctx context.Context, at Page, of Choice, window domain.Interval) ([]Start, error) {
	if _, err := v.service(ctx, at, of.Service); err != nil {
		return nil, err
	}
	if err := v.checkStaff(ctx, at, of.Service, of.Staff); err != nil {
		return nil, err
	}
	question := openings.Question{Account: at.ID, Service: of.Service, Resource: of.Staff, Now: v.engine().Now()}
	if id, err := v.Links.OpenHold(of.Mine); err == nil {
		question.Moving = id
	}
	free, err := v.Bookings.Openings.Between(ctx, question, window)
	if err != nil {
		return nil, err
	}
	zone, starts := zoneOf(at, of), make([]Start, len(free))
	for i, start := range free {
		starts[i] = Start{start.At.UTC(), start.At.In(zone).Format(localForm)}
	}
	return starts, nil
}

// zoneOf returns the zone in which a visitor reads times: their own, or that of the account.
func zoneOf(at Page, of Choice) *time.Location {
	if of.Zone != nil {
		return of.Zone
	}
	if zone, err := domain.ParseZone(at.Account.Zone); err == nil {
		return zone
	}
	return time.UTC
}

func byName(a, b Staff) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), bytes.Compare(a.ID.UUID[:], b.ID.UUID[:]))
}
