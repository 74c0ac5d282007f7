package demo

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

type outageOf = projections.Outage

// outages returns the outages of the banned provider in the play, those that began first first.
func (p *play) outages(ctx context.Context) ([]outageOf, error) {
	from := p.banStart()
	if from.IsZero() { // one of before may not be cleared yet
		from = p.clock.Now()
	}
	return outagesIn(ctx, p.in, domain.Interval{Start: from})
}

func outagesIn(ctx context.Context, in *installation.Installation, during domain.Interval) ([]outageOf, error) {
	found, err := projections.Outages{DB: in.Views}.Page(ctx, projections.OutageFilter{
		Provider: banned, During: during,
	}, readmodel.Cursor{}, 20)
	slices.Reverse(found)
	return slices.DeleteFunc(found, func(one outageOf) bool {
		return one.State == "cleared" && one.DetectedAt.IsZero() // a suspicion that came to nothing, or to a smaller cell
	}), err
}

func firstConfirmed(found []outageOf) (outageOf, bool) {
	for _, one := range found {
		if !one.DetectedAt.IsZero() {
			return one, true
		}
	}
	return outageOf{}, false
}

func windowOf(found []outageOf) string {
	for _, one := range found {
		if one.Window != "" {
			return one.Window
		}
	}
	return ""
}

// figures returns what the read models know of the play.
func (p *play) figures(ctx context.Context) (figures httpapi.DemoFigures, err error) {
	from := p.banStart()
	if from.IsZero() {
		return figures, nil
	}
	found, err := p.outages(ctx)
	if err != nil {
		return figures, err
	}
	now := p.clock.Now()
	for _, one := range found {
		if one.DetectedAt.IsZero() {
			continue
		}
		lost, err := projections.Outages{DB: p.in.Views}.Affected(ctx, one)
		if err != nil {
			return figures, err
		}
		figures.Lost += lost
		if figures.Texts, err = p.texts(ctx, one, figures.Texts); err != nil {
			return figures, err
		}
	}
	if err := p.addAlerts(ctx, &figures, domain.Interval{Start: from, End: now.Add(time.Minute)}); err != nil {
		return figures, err
	}
	for _, of := range p.places {
		calls, err := projections.CallSheet{DB: p.in.Views}.Of(ctx, of.account, now)
		if err != nil {
			return figures, err
		}
		for _, call := range calls {
			if slices.ContainsFunc(found, func(one outageOf) bool { return one.ID == call.Outage }) {
				figures.Calls++
			}
		}
		lines, err := projections.Ledger{DB: p.in.Views}.Find(ctx, of.account, projections.LineFilter{
			Kinds: []string{"refund"}, Recorded: domain.Interval{Start: from, End: now.Add(time.Minute)}, Limit: maxRows,
		})
		if err != nil {
			return figures, err
		}
		for _, line := range lines {
			if ofWindow(found, line) {
				figures.Refunded += line.Amount
			}
		}
	}
	return figures, nil
}

// ofWindow reports whether a line gives credits back for one of the outages.
func ofWindow(found []outageOf, line projections.Line) bool {
	return slices.ContainsFunc(found, func(one outageOf) bool {
		return one.Window != "" && line.Reason == "window:"+one.Window
	})
}

// maxRows bounds what the figures count.
const maxRows = 5000

// texts adds the texts that the banned provider accepted in an outage.
func (p *play) texts(ctx context.Context, of outageOf, count int) (int, error) {
	end := of.ClearedAt
	if end.IsZero() {
		end = p.clock.Now()
	}
	sent, err := projections.Messages{DB: p.in.Views}.FindAll(ctx, projections.MessageFilter{
		Queued: domain.Interval{Start: of.ChangePoint.Add(-12 * time.Hour), End: end}, Channel: "sms", Provider: banned,
		Limit: maxRows,
	})
	for _, one := range sent {
		if !one.SentAt.Before(of.ChangePoint) && one.SentAt.Before(end) {
			count++
		}
	}
	return count, err
}

// addAlerts counts the emails about trouble, and their accounts.
func (p *play) addAlerts(ctx context.Context, figures *httpapi.DemoFigures, during domain.Interval) error {
	alerts, err := projections.Messages{DB: p.in.Views}.FindAll(ctx, projections.MessageFilter{
		Queued: during, Kind: "alert", Limit: maxRows,
	})
	accounts := make(map[domain.AccountID]bool)
	for _, one := range alerts {
		accounts[one.Account] = true
	}
	figures.Emails, figures.Accounts = len(alerts), len(accounts)
	return err
}

// approve approves the refund windows that the outages of a period proposed, as an admin would. Windows that somebody
// has approved already stay as they are, and count.
func approve(
	ctx context.Context, in *installation.Installation, during domain.Interval,
) (all window.Totals, err error) {
	found, err := outagesIn(ctx, in, during)
	if err != nil {
		return all, err
	}
	for _, one := range found {
		if one.Window == "" || one.ClearedAt.IsZero() || one.Cause == outage.ReceiptsOnly {
			continue
		}
		state, _, err := commands.Load(ctx, in.Engine, window.Decider, domain.StreamOf(window.Category, one.Window))
		if err != nil {
			return all, err
		}
		totals := state.Signed.Preview
		if !state.Exists() {
			declared := window.RefundWindowDeclared{Window: one.Window, Terms: state.Proposal.Terms}
			if totals, err = in.Bookkeeper.Preview(ctx, declared); err != nil {
				return all, err
			}
			approval := window.Approve{Window: one.Window, Until: one.ClearedAt, Signed: window.Signed{
				Preview: totals, By: simulation.ID, Reason: "simulated: " + one.Cell.Label() + " lost the texts of an outage",
			}}
			if _, err := in.Engine.Do(ctx, operate("approve", one.Window), approval); err != nil {
				return all, err
			}
		}
		all = all.Plus(totals)
	}
	return all, nil
}

// credits writes micro-credits for people.
func credits(micro int64) string {
	text := new(big.Rat).SetFrac64(micro, 1_000_000).FloatString(2)
	return strings.TrimSuffix(text, ".00")
}

func are(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return fmt.Sprintf("%d %ss are", n, what)
}

func were(n int, what string) string {
	if n == 1 {
		return "1 " + what + " was"
	}
	return fmt.Sprintf("%d %ss were", n, what)
}
