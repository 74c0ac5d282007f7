package drill

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/projections"
)

// Figures are the results of a drill. Times are RFC 3339 in UTC.
type Figures struct {
	Scenario string    `json:"scenario"`
	PerHour  int       `json:"rate_per_hour"`
	Seed     uint64    `json:"seed"`
	Begins   time.Time `json:"failure_begins"`
	Ends     time.Time `json:"failure_ends"`

	Detected     bool      `json:"detected"`
	DetectedAt   time.Time `json:"detected_at,omitzero"`
	Cell         string    `json:"cell,omitzero"`
	Cause        string    `json:"cause,omitzero"`
	DelayMinutes float64   `json:"detection_delay_minutes,omitzero"`
	DelayTexts   int       `json:"detection_delay_messages,omitzero"` // that the provider accepted in the failing cell
	ChangePoint  time.Time `json:"change_point,omitzero"`
	ClearedAt    time.Time `json:"cleared_at,omitzero"`
	FalseAlarms  int       `json:"false_alarms"`

	Texts           int     `json:"texts"`
	Lost            int     `json:"lost_with_failover"`
	LostWithout     int     `json:"lost_without_failover"`
	FirstAlertAfter float64 `json:"first_alert_seconds_after_detection,omitzero"`
	Alerts          int     `json:"alert_emails"`
	Calls           int     `json:"call_sheet_rows"`
	RefundedMicro   int64   `json:"credits_refunded_micro"`
}

func (d *drill) figures(ctx context.Context, places []place) (Figures, error) {
	alpha, beta, _ := d.truth.counts()
	f := Figures{
		Scenario: d.options.Scenario.Name, PerHour: d.options.PerHour, Seed: d.options.Seed,
		Begins: d.truth.begin, Ends: d.truth.end, Texts: alpha + beta, Lost: d.truth.lostThen,
		LostWithout: int(math.Round(d.truth.without)), Alerts: d.story.alerts,
	}
	if !d.options.Scenario.loses {
		f.Lost = 0
	}
	for _, id := range d.story.outages {
		one, ok, err := projections.Outages{DB: d.in.Views}.One(ctx, id.ID)
		if err != nil {
			return f, err
		}
		if ok {
			f.add(one, d)
		}
	}
	if f.Detected && !d.story.firstAlert.IsZero() {
		f.FirstAlertAfter = d.story.firstAlert.Sub(f.DetectedAt).Seconds()
	}
	for _, p := range places {
		calls, err := projections.CallSheet{DB: d.in.Views}.Of(ctx, p.account, d.clock.Now())
		if err != nil {
			return f, err
		}
		f.Calls += len(calls)
		kinds, err := projections.Ledger{DB: d.in.Views}.Kinds(ctx, p.account)
		if err != nil {
			return f, err
		}
		for _, kind := range kinds {
			if kind.Kind == "refund" {
				f.RefundedMicro += kind.Amount
			}
		}
	}
	return f, nil
}

// add counts an outage: the first one that was confirmed during the failure, or a false alarm.
func (f *Figures) add(one projections.Outage, d *drill) {
	switch {
	case one.DetectedAt.IsZero():
	case one.Cell.Provider != failing || one.DetectedAt.Before(f.Begins) || one.ChangePoint.After(f.Ends):
		f.FalseAlarms++
	case !f.Detected:
		f.Detected, f.DetectedAt, f.Cell, f.Cause = true, one.DetectedAt, one.Cell.Label(), string(one.Cause)
		f.ChangePoint, f.ClearedAt = one.ChangePoint, one.ClearedAt
		f.DelayMinutes = math.Round(one.DetectedAt.Sub(f.Begins).Minutes()*10) / 10
		f.DelayTexts = d.truth.before(one.DetectedAt)
	}
}

// Print writes the figures for people.
func (f Figures) Print(out io.Writer) {
	fmt.Fprintln(out)
	if f.Detected {
		fmt.Fprintf(out, "detected:        %s after %.1f minutes and %d texts, as %s since %s\n", f.Cell, f.DelayMinutes,
			f.DelayTexts, f.Cause, f.ChangePoint.Format("15:04:05"))
	} else {
		fmt.Fprintln(out, "detected:        no")
	}
	if !f.ClearedAt.IsZero() {
		fmt.Fprintf(out, "cleared:         %s, %.0f minutes after the failure ended\n", f.ClearedAt.Format("15:04:05"),
			f.ClearedAt.Sub(f.Ends).Minutes())
	}
	fmt.Fprintf(out, "false alarms:    %d\n", f.FalseAlarms)
	fmt.Fprintf(out, "texts:           %d\n", f.Texts)
	fmt.Fprintf(out, "lost meanwhile:  %d; without another provider about %d\n", f.Lost, f.LostWithout)
	fmt.Fprintf(out, "alert emails:    %d, the first %.0f seconds after the detection\n", f.Alerts, f.FirstAlertAfter)
	fmt.Fprintf(out, "to call:         %d appointments on call sheets at the end\n", f.Calls)
	fmt.Fprintf(out, "refunded:        %.2f credits, for the outage and for texts that failed on their own\n",
		float64(f.RefundedMicro)/1_000_000)
	if f.Cause == string(outage.ReceiptsOnly) {
		fmt.Fprintln(out, "Texts arrived, so nothing was switched and no refund window was proposed.")
	}
}
