package alerts

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/alerting"
)

const (
	digestAt = "06:00" // unless the account has another hour for its agenda
	// digestOpen is how long after its hour the digest of a day can be queued.
	digestOpen = time.Hour
)

// QueueDigest queues the day's alert of messages that did not arrive, if the account's hour has come and something is
// new since the last one: to the owner, and to the staff about their clients. The read models must know the log.
func (a *Alerts) QueueDigest(ctx context.Context, id domain.AccountID) error {
	owner, to, ok, err := a.owner(ctx, id)
	if err != nil || !ok || !owner.Alerts.On || owner.Alerts.UndeliveredOff && owner.Alerts.BouncedOff {
		return err
	}
	now := a.Engine.Now().In(to.Zone)
	hour, err := domain.ParseClock(cmp.Or(owner.Agenda.At, digestAt))
	if err != nil {
		return err
	}
	opens := time.Date(now.Year(), now.Month(), now.Day(), 0, hour, 0, 0, to.Zone)
	if now.Before(opens) || !now.Before(opens.Add(digestOpen)) {
		return nil
	}
	last, err := a.lastTold(ctx, id, message.AboutUndelivered, domain.OutageID{})
	if err != nil || !last.At.Before(opens) { // today's is queued
		return err
	}
	people, err := a.people(ctx, id, owner)
	if err != nil || len(people) == 0 {
		return err
	}
	return a.tellDigest(ctx, id, owner, to, people, last)
}

func (a *Alerts) tellDigest(
	ctx context.Context, id domain.AccountID, owner account.State, to alerting.Reader, people []person,
	last alerting.Told,
) error {
	now := a.Engine.Now()
	calls, err := a.undelivered(ctx, id, owner)
	if err != nil {
		return err
	}
	next, due := alerting.Next(last, calls, now)
	next.Round = last.Round + 1
	next.Through = now
	bounced, err := a.bounced(ctx, id, owner, last.Through, next.Through)
	if err != nil || !due && len(bounced) == 0 {
		return err
	}
	people = slices.DeleteFunc(people, func(p person) bool {
		_, due := alerting.Next(last, alerting.Of(calls, p.resource), now)
		return !due && !p.resource.IsZero()
	})
	for i, person := range people {
		err := a.queue(ctx, notice{
			Alert: message.Alert{
				About: message.AboutUndelivered, Resource: person.resource, Round: next.Round, Since: last.Through,
				Through: next.Through, Last: i == len(people)-1,
			},
			account: id, to: person.to, title: alerting.UndeliveredTitle(to.Locale), usefulUntil: now.Add(outageUseful),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// undelivered returns the rows of the call sheet of which no alert of an outage has told, unless they are turned off.
func (a *Alerts) undelivered(
	ctx context.Context, id domain.AccountID, owner account.State,
) ([]alerting.Call, error) {
	if owner.Alerts.UndeliveredOff {
		return nil, nil
	}
	told, err := a.Sheets.Told(ctx, id)
	if err != nil {
		return nil, err
	}
	calls, err := a.Sheets.Calls(ctx, id, a.Engine.Now())
	return slices.DeleteFunc(calls, func(c alerting.Call) bool {
		return !c.Outage.IsZero() && slices.ContainsFunc(told, func(t Told) bool {
			return t.About == message.AboutOutage && t.Outage == c.Outage && t.Last && !c.Since.After(t.Through)
		})
	}), err
}

func (a *Alerts) bounced(
	ctx context.Context, id domain.AccountID, owner account.State, after, until time.Time,
) ([]alerting.Bounced, error) {
	if owner.Alerts.BouncedOff {
		return nil, nil
	}
	return a.Sheets.Bounced(ctx, id, after, until)
}

func (a *Alerts) digestLetter(
	ctx context.Context, state message.State, to alerting.Reader,
) (alerting.Letter, error) {
	owner, _, _, err := a.owner(ctx, state.Account)
	if err != nil {
		return alerting.Letter{}, err
	}
	calls, err := a.undelivered(ctx, state.Account, owner)
	if err != nil {
		return alerting.Letter{}, err
	}
	calls = alerting.Waiting(alerting.Of(calls, state.Alert.Resource))
	if calls, err = a.linked(ctx, alerting.Through(calls, state.Alert.Through)); err != nil {
		return alerting.Letter{}, err
	}
	var bounced []alerting.Bounced
	if state.Alert.Resource.IsZero() {
		bounced, err = a.bounced(ctx, state.Account, owner, state.Alert.Since, state.Alert.Through)
	}
	return alerting.AboutUndelivered(to, calls, bounced), err
}
