package simulation

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
)

// Report is the result of a simulation. Two runs with the same seed give equal reports.
type Report struct {
	Record       recordReport     `json:"record"`
	Made         madeReport       `json:"made"`
	Appointments map[string]int   `json:"appointments"` // by FHIR status
	Messages     []messageReport  `json:"messages"`
	Suppressed   []reasonReport   `json:"suppressed,omitempty"`
	Outages      []outageReport   `json:"outages,omitempty"`
	Switches     []switchReport   `json:"switches,omitempty"`
	Deliveries   []deliveryReport `json:"deliveries"`
	Credits      creditReport     `json:"credits"`
	Windows      []windowReport   `json:"refund_windows,omitempty"`
	Events       int              `json:"events"`
	Account      string           `json:"account"`
}

type recordReport struct {
	File    string   `json:"file"`
	From    string   `json:"from"`
	To      string   `json:"to"`
	Visits  int      `json:"visits"`
	Outside int      `json:"outside,omitzero"` // rows of other days
	LeftOut []string `json:"left_out,omitempty"`
	Refused []string `json:"refused,omitempty"`
}

// madeReport says what was made up because the record lacks it.
type madeReport struct {
	Seed        uint64 `json:"seed"`
	Clinics     int    `json:"clinics"`
	Clients     int    `json:"clients"`
	Units       int    `json:"units"`        // of all clinics, enough for the busiest quarter of an hour of each
	BusiestName string `json:"busiest_name"` // clinic with the fullest day
	BusiestDay  int    `json:"busiest_day"`
	BusiestUnit int    `json:"busiest_units"`
}

type messageReport struct {
	Channel string `json:"channel"`
	Status  string `json:"status"`
	Count   int    `json:"count"`
}

// reasonReport counts the messages that were not sent for one reason.
type reasonReport struct {
	Channel string `json:"channel"`
	Reason  string `json:"reason"`
	Count   int    `json:"count"`
}

type deliveryReport struct {
	Provider    string `json:"provider"`
	Country     string `json:"country"`
	Attempted   int    `json:"attempted"`
	Refused     int    `json:"refused"`
	Sent        int    `json:"sent"`
	Delivered   int    `json:"delivered"`
	Undelivered int    `json:"undelivered"`
	Expired     int    `json:"expired"`
	Unknown     int    `json:"unknown"`
	P50         string `json:"latency_p50"`
	P99         string `json:"latency_p99"`
}

type creditReport struct {
	Lines []creditLine `json:"lines"`
	Sum   int64        `json:"sum_micro"` // of all pockets; always zero
	Whole bool         `json:"whole"`     // every pocket is the sum of its lines
	Owned int64        `json:"owned_micro"`
	Held  int64        `json:"held_micro"`
}

type creditLine struct {
	Kind   string `json:"kind"`
	Lines  int    `json:"lines"`
	Amount int64  `json:"amount_micro"`
}

type windowReport struct {
	Window    string `json:"window"`
	Previewed int    `json:"previewed_messages"`
	Expected  int64  `json:"previewed_micro"`
	Posted    int    `json:"posted_refunds"`
	Amount    int64  `json:"posted_micro"`
}

// report queries the read models.
func (d *driver) report(ctx context.Context, rec *record, clinics []clinic) (r Report, err error) {
	r = Report{
		Record: recordReport{
			File: filepath.Base(d.options.Path),
			From: d.options.From.Format(time.DateOnly), To: d.options.To.Format(time.DateOnly),
			Visits: len(rec.visits), Outside: rec.outside, LeftOut: rec.odd, Refused: d.refused,
		},
		Made: madeOf(d.options.Seed, clinics, len(d.clients)), Account: d.account.String(),
		Appointments: make(map[string]int),
	}
	statuses, err := projections.Calendar{DB: d.in.Views}.Tally(ctx, d.account)
	if err != nil {
		return r, err
	}
	for status, count := range statuses {
		r.Appointments[string(status)] = count
	}
	if err := d.reportMessages(ctx, &r); err != nil {
		return r, err
	}
	if err := d.reportOutages(ctx, &r); err != nil {
		return r, err
	}
	if err := d.reportCredits(ctx, &r); err != nil {
		return r, err
	}
	r.Events = int(d.models.events.Load())
	return r, nil
}

func madeOf(seed uint64, clinics []clinic, clients int) madeReport {
	made := madeReport{Seed: seed, Clinics: len(clinics), Clients: clients}
	for _, c := range clinics {
		made.Units += c.units
		if c.busiest > made.BusiestDay {
			made.BusiestName, made.BusiestDay, made.BusiestUnit = c.name, c.busiest, c.units
		}
	}
	return made
}

func (d *driver) reportMessages(ctx context.Context, r *Report) error {
	counts, err := projections.Messages{DB: d.in.Views}.Tally(ctx, d.account, "", domain.Interval{})
	if err != nil {
		return err
	}
	for _, one := range counts {
		last := len(r.Messages) - 1
		if last < 0 || r.Messages[last].Channel != one.Channel || r.Messages[last].Status != string(one.Status) {
			r.Messages = append(r.Messages, messageReport{one.Channel, string(one.Status), 0})
			last++
		}
		r.Messages[last].Count += one.Count
		if one.Status == message.Suppressed {
			r.Suppressed = append(r.Suppressed, reasonReport{one.Channel, one.Reason, one.Count})
		}
	}
	slices.SortStableFunc(r.Messages, func(a, b messageReport) int { return cmp.Compare(b.Channel, a.Channel) })
	slices.SortStableFunc(r.Suppressed, func(a, b reasonReport) int { return cmp.Compare(b.Channel, a.Channel) })
	lines, err := projections.Deliveries{DB: d.in.Views}.Report(ctx, projections.DeliveryFilter{
		Account: d.account, By: projections.By{Provider: true, Country: true},
	})
	for _, line := range lines {
		if line.Provider == "" {
			continue // never submitted to a provider
		}
		r.Deliveries = append(r.Deliveries, deliveryReport{
			Provider: line.Provider, Country: line.Country, Attempted: line.Attempted, Refused: line.Refused,
			Sent: line.Sent, Delivered: line.Delivered, Undelivered: line.Undelivered, Expired: line.Expired,
			Unknown: line.Unknown(), P50: line.Latency(0.5).String(), P99: line.Latency(0.99).String(),
		})
	}
	return err
}

func (d *driver) reportCredits(ctx context.Context, r *Report) error {
	ledger := projections.Ledger{DB: d.in.Views}
	kinds, err := ledger.Kinds(ctx, d.account)
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		if kind.Amount != 0 {
			r.Credits.Lines = append(r.Credits.Lines, creditLine{kind.Kind, kind.Lines, kind.Amount})
		}
	}
	proof, err := ledger.Prove(ctx, d.account)
	if err != nil {
		return err
	}
	balance, err := ledger.Balance(ctx, d.account)
	if err != nil {
		return err
	}
	r.Credits.Sum, r.Credits.Whole = proof.Sum, proof.Holds()
	r.Credits.Owned, r.Credits.Held = balance.Owned(), balance.Held()
	return d.reportWindows(ctx, r)
}

// reportWindows compares what each refund window was expected to refund with what it did.
func (d *driver) reportWindows(ctx context.Context, r *Report) error {
	windows, err := projections.Windows{DB: d.in.Views}.All(ctx)
	if err != nil || len(windows) == 0 {
		return err
	}
	posted := make(map[string]windowReport)
	refunds := projections.LineFilter{Kinds: []string{"refund"}}
	lines, err := projections.Ledger{DB: d.in.Views}.Find(ctx, d.account, refunds)
	if err != nil {
		return err
	}
	seen := make(map[string]bool)
	for _, line := range lines {
		entry := posted[line.Reason]
		if !seen[line.Tx] {
			seen[line.Tx] = true
			entry.Posted++
		}
		entry.Amount += line.Amount
		posted[line.Reason] = entry
	}
	for _, w := range windows {
		if w.Proposed {
			continue
		}
		entry := posted["window:"+w.ID]
		entry.Window, entry.Previewed, entry.Expected = w.ID, w.Signed.Preview.Messages, w.Signed.Preview.Refunded
		r.Windows = append(r.Windows, entry)
	}
	return nil
}
