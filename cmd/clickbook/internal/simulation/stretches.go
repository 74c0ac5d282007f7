package simulation

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
)

// outageReport compares the texts before, during and after an outage.
type outageReport struct {
	Provider  string          `json:"provider"`
	Country   string          `json:"country,omitempty"` // empty for every country
	From      string          `json:"from"`
	To        string          `json:"to"`
	Stretches []stretchReport `json:"stretches"`
}

// stretchReport counts the texts that were queued in a part of the simulation, by outcome. A text that was suppressed
// without being queued counts where it was suppressed.
type stretchReport struct {
	Name        string `json:"stretch"` // before, during, after; a switch divides during
	From        string `json:"from"`
	To          string `json:"to"`
	Texts       int    `json:"texts"`
	Delivered   int    `json:"delivered"`
	Undelivered int    `json:"undelivered"` // by receipt, or because no provider accepted it
	Unknown     int    `json:"unknown"`     // without a final receipt
	Suppressed  int    `json:"suppressed"`
}

type switchReport struct {
	At       string `json:"at"`
	Country  string `json:"country"`
	Provider string `json:"provider"`
}

// stretch is a part of the simulation with a name.
type stretch struct {
	name string
	domain.Interval
}

// stretches divides the simulation by an outage, and the outage by the switches of its routes.
func (o Options) stretches(ban simulated.Ban) []stretch {
	parts := []stretch{
		{"before", domain.Interval{Start: o.From, End: ban.From}},
		{"during", domain.Interval{Start: ban.From, End: ban.To}},
	}
	switches := slices.Clone(o.Switches)
	slices.SortStableFunc(switches, func(a, b routeSwitch) int { return a.at.Compare(b.at) })
	for _, s := range switches {
		last := &parts[len(parts)-1]
		if ban.Country != "" && s.country != ban.Country || s.at.Before(last.Start) || !s.at.Before(ban.To) {
			continue
		}
		name := "during, " + s.country + " on " + s.provider
		parts = append(parts, stretch{name, domain.Interval{Start: s.at, End: ban.To}})
		last = &parts[len(parts)-2]
		last.End = s.at
	}
	parts = append(parts, stretch{"after", domain.Interval{Start: ban.To, End: o.To}})
	return slices.DeleteFunc(parts, func(s stretch) bool { return !s.Start.Before(s.End) })
}

// reportOutages names the outages and switches, and compares the stretches of each outage.
func (d *driver) reportOutages(ctx context.Context, r *Report) error {
	for _, s := range d.options.Switches {
		r.Switches = append(r.Switches, switchReport{s.at.Format(time.DateOnly), s.country, s.provider})
	}
	for _, ban := range d.options.Bans {
		outage := outageReport{
			Provider: ban.Provider, Country: ban.Country, From: ban.From.Format(time.DateOnly),
			To: ban.To.Format(time.DateOnly),
		}
		for _, part := range d.options.stretches(ban) {
			counts, err := projections.Messages{DB: d.in.Views}.Tally(ctx, d.account, ban.Country, d.options.whole(part))
			if err != nil {
				return err
			}
			outage.Stretches = append(outage.Stretches, fates(part, counts))
		}
		r.Outages = append(r.Outages, outage)
	}
	return nil
}

// whole opens the first and the last stretch: the reminders of the first day are queued the day before it, and what is
// left at the end is settled after it.
func (o Options) whole(part stretch) domain.Interval {
	queued := part.Interval
	if !queued.Start.After(o.From) {
		queued.Start = time.Time{}
	}
	if !queued.End.Before(o.To) {
		queued.End = time.Time{}
	}
	return queued
}

func fates(part stretch, counts []projections.MessageCount) stretchReport {
	report := stretchReport{
		Name: part.name, From: part.Start.Format(time.DateOnly), To: part.End.Format(time.DateOnly),
	}
	for _, one := range counts {
		if one.Channel != message.SMS {
			continue
		}
		report.Texts += one.Count
		switch one.Status {
		case message.Delivered:
			report.Delivered += one.Count
		case message.Undelivered, message.Expired, message.Failed:
			report.Undelivered += one.Count
		case message.Suppressed:
			report.Suppressed += one.Count
		case message.Queued, message.Attempted, message.Sent:
			report.Unknown += one.Count
		}
	}
	return report
}

// place returns where an outage is, for people.
func (o outageReport) place() string {
	return strings.TrimSpace(o.Provider + " " + o.Country)
}
