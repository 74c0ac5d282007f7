package alerts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/outagedetect"
	"github.com/clickbook/clickbook/domain/policy/alerting"
	"github.com/clickbook/clickbook/domain/provider"
)

const (
	// outageUseful is how long an alert of an outage is worth sending.
	outageUseful = 24 * time.Hour
	// past is how long after its end an outage is still looked at.
	past = 7 * 24 * time.Hour
)

// QueueOutages queues the alerts of outages that are due: to each account with new rows, and at the end the all-clear.
// It continues after an error and returns all errors joined. The read models must know the log.
func (a *Alerts) QueueOutages(ctx context.Context) error {
	now := a.Engine.Now()
	outages, err := a.Outages.Lost(ctx)
	if err != nil {
		return err
	}
	var failures []error
	each := func(accounts []domain.AccountID, err error, tell func(domain.AccountID) error) {
		failures = append(failures, err)
		for _, id := range accounts {
			if err := tell(id); err != nil {
				failures = append(failures, fmt.Errorf("alert account %s: %w", id, err))
			}
		}
	}
	for _, one := range outages {
		if !one.Cleared.IsZero() && now.Sub(one.Cleared) > past {
			continue
		}
		if one.Cleared.IsZero() {
			untold, err := a.Outages.Untold(ctx, one.ID, now.Add(-alerting.Pause))
			each(untold, err, func(id domain.AccountID) error { return a.tellOutage(ctx, one, id) })
			continue
		}
		if stillOut(outages, one) {
			continue
		}
		told, err := a.Outages.NotTheEnd(ctx, one.ID)
		each(told, err, func(id domain.AccountID) error { return a.tellEnd(ctx, one, id) })
	}
	return errors.Join(failures...)
}

// stillOut reports whether a larger outage goes on around one that is over.
func stillOut(outages []alerting.Outage, over alerting.Outage) bool {
	place := over.Cell
	if place.Country != "" {
		place.Region = outagedetect.Region(place.Country)
	}
	return slices.ContainsFunc(outages, func(o alerting.Outage) bool { return o.Cleared.IsZero() && o.Covers(place) })
}

// tellOutage queues the next round of an outage, if the account has new rows: to each member of staff with new rows
// among their clients, and to the owner.
func (a *Alerts) tellOutage(ctx context.Context, one alerting.Outage, id domain.AccountID) error {
	owner, to, ok, err := a.owner(ctx, id)
	if err != nil || !ok {
		return err
	}
	people, err := a.people(ctx, id, owner)
	if err != nil || len(people) == 0 {
		return err
	}
	told, err := a.lastTold(ctx, id, message.AboutOutage, one.ID)
	if err != nil {
		return err
	}
	now := a.Engine.Now()
	calls, err := a.Sheets.Calls(ctx, id, now)
	if err != nil {
		return err
	}
	calls = alerting.In(calls, one.ID)
	next, due := alerting.Next(told, calls, now)
	if !due {
		return nil
	}
	people = slices.DeleteFunc(people, func(p person) bool {
		_, due := alerting.Next(told, alerting.Of(calls, p.resource), now)
		return !due
	})
	for i, person := range people {
		err := a.queue(ctx, notice{
			Alert: message.Alert{
				About: message.AboutOutage, Outage: one.ID, Resource: person.resource, Round: next.Round,
				Through: next.Through, Last: i == len(people)-1,
			},
			account: id, to: person.to, title: alerting.OutageTitle(to.Locale, next.Round > 1),
			usefulUntil: now.Add(outageUseful),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lastTold returns the newest complete round of an alert.
func (a *Alerts) lastTold(
	ctx context.Context, id domain.AccountID, about message.Trouble, of domain.OutageID,
) (last alerting.Told, err error) {
	told, err := a.Sheets.Told(ctx, id)
	for _, one := range told {
		if one.About == about && one.Outage == of && one.Last && one.Round > last.Round {
			last = one.Told
		}
	}
	return last, err
}

// tellEnd queues the all-clear to everybody who was told of the outage.
func (a *Alerts) tellEnd(ctx context.Context, one alerting.Outage, id domain.AccountID) error {
	owner, to, ok, err := a.owner(ctx, id)
	if err != nil || !ok {
		return err
	}
	people, err := a.people(ctx, id, owner)
	if err != nil {
		return err
	}
	told, err := a.Sheets.Told(ctx, id)
	if err != nil {
		return err
	}
	people = slices.DeleteFunc(people, func(p person) bool {
		return !slices.ContainsFunc(told, func(t Told) bool {
			return t.About == message.AboutOutage && t.Outage == one.ID && t.Resource == p.resource
		})
	})
	now := a.Engine.Now()
	for i, person := range people {
		err := a.queue(ctx, notice{
			Alert: message.Alert{
				About: message.AboutOutageOver, Outage: one.ID, Resource: person.resource, Round: 1, Through: now,
				Last: i == len(people)-1,
			},
			account: id, to: person.to, title: alerting.OverTitle(to.Locale), usefulUntil: now.Add(outageUseful),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// switched reports whether new texts to a country go by a provider that works, because one that should have them is
// out.
func (a *Alerts) switched(ctx context.Context, out outage.Cell, country string) (bool, error) {
	taken, err := messaging.RouteOf(ctx, a.Engine, country)
	if err != nil {
		return false, err
	}
	for _, name := range taken.Order(a.Engine.Now()) {
		registered, _, err := commands.Load(ctx, a.Engine, provider.Decider, provider.Stream(name))
		if err != nil {
			return false, err
		}
		known, _, err := commands.Load(ctx, a.Engine, outage.Decider, outage.Stream(name))
		if err != nil {
			return false, err
		}
		place := outage.Cell{
			Provider: name, Region: outagedetect.Region(country), Country: country, Network: out.Network,
		}
		if _, avoided := known.Out(place, a.Engine.Now()); registered.Enabled() && !avoided {
			return name != out.Provider, nil
		}
	}
	return false, nil
}
