package drill

import (
	"context"
	"fmt"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// story is what was told so far.
type story struct {
	told              map[domain.OutageID]string // the state of each outage
	outages           []projections.Outage       // the newest state of each, in the order in which they appeared
	alerts, summed    int                        // emails so far, and at the last summary
	firstAlert        time.Time
	alpha, beta, lost int // at the last summary
	began, ended      bool
}

// summaryEvery is how often the drill tells how many texts were sent.
const summaryEvery = 15 * time.Minute

// tell writes what has changed since it was last called.
func (d *drill) tell(ctx context.Context, at time.Time) error {
	s := &d.story
	if s.told == nil {
		s.told = make(map[domain.OutageID]string)
	}
	if !s.began && !at.Before(d.truth.begin) {
		s.began = true
		d.line(at, "The failure begins. Nobody is told.")
	}
	if !s.ended && !at.Before(d.truth.end) {
		s.ended = true
		d.line(at, "The failure is over. Nobody is told.")
	}
	if err := d.tellOutages(ctx, at); err != nil {
		return err
	}
	if err := d.tellAlerts(ctx, at); err != nil {
		return err
	}
	if at.Sub(start)%summaryEvery == 0 && at.After(start) {
		alpha, beta, lost := d.truth.counts()
		text := fmt.Sprintf("alpha accepted %d texts, beta %d; %d did not arrive.", alpha-s.alpha, beta-s.beta, lost-s.lost)
		if more := s.alerts - s.summed; more > 0 {
			text += fmt.Sprintf(" Emails to accounts: %d.", more)
		}
		d.line(at, text)
		s.alpha, s.beta, s.lost, s.summed = alpha, beta, lost, s.alerts
	}
	return nil
}

func (d *drill) line(at time.Time, text string) {
	fmt.Fprintf(d.out, "%s  %s\n", at.Format("15:04:05"), text)
}

func (d *drill) tellOutages(ctx context.Context, at time.Time) error {
	if _, err := d.in.Projector.CatchUp(ctx); err != nil {
		return err
	}
	page, err := projections.Outages{DB: d.in.Views}.Page(ctx, projections.OutageFilter{}, readmodel.Cursor{}, 200)
	if err != nil {
		return err
	}
	for _, one := range page {
		now := one.State + " " + string(one.Cause)
		if d.story.told[one.ID] == now {
			continue
		}
		if d.story.told[one.ID] == "" {
			d.story.outages = append(d.story.outages, one)
		}
		d.story.told[one.ID] = now
		d.line(at, sentenceOf(one))
	}
	return nil
}

func sentenceOf(one projections.Outage) string {
	cell, since := one.Cell.Label(), one.ChangePoint.Format("15:04:05")
	switch {
	case !one.ClearedAt.IsZero() && one.DetectedAt.IsZero():
		return fmt.Sprintf("No longer suspected: %s.", cell)
	case !one.ClearedAt.IsZero():
		return fmt.Sprintf("Cleared: %s works again; its texts go through it.", cell)
	case one.DetectedAt.IsZero():
		return fmt.Sprintf("Suspected: %s, since %s. Statuses are polled.", cell, since)
	case one.Cause == outage.ReceiptsOnly:
		return fmt.Sprintf("Confirmed: %s loses receipts only, since %s. Texts still go through it.", cell, since)
	}
	return fmt.Sprintf("Confirmed: %s is out, since %s (%s; %d texts, %d failed, of %d accounts). Texts go by the other "+
		"provider.", cell, since, one.Cause, one.Evidence.Messages, one.Evidence.Failed, one.Evidence.Accounts)
}

func (d *drill) tellAlerts(ctx context.Context, at time.Time) error {
	alerts, err := projections.Messages{DB: d.in.Views}.FindAll(ctx, projections.MessageFilter{Kind: "alert", Limit: 1000})
	if err != nil || len(alerts) <= d.story.alerts {
		return err
	}
	if d.story.alerts == 0 {
		d.story.firstAlert = at
		d.line(at, fmt.Sprintf("%d accounts are told by email whom to call.", len(alerts)))
	}
	d.story.alerts = len(alerts)
	return nil
}
