package outages

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/outagedetect"
	"github.com/clickbook/clickbook/domain/window"
)

// Proposals proposes a refund window for each confirmed outage, from its change point to its end. An admin approves
// it. A window that refunds little can be approved by itself, once the outage is over and the amount is known.
type Proposals struct {
	Engine *commands.Engine
	// Preview returns what a change of a window would move.
	Preview func(context.Context, window.Event) (window.Totals, error)
	// Automatic is how many micro-credits a window may refund without an approval; 0 means none.
	Automatic int64
}

// Handlers returns the handler that proposes windows.
func (p *Proposals) Handlers() []commands.Handler {
	return []commands.Handler{{
		Name: "proposing windows", React: p.react,
		Types: domain.NamesOf(outage.OutageDetected{}, outage.OutageCleared{}),
	}}
}

func (p *Proposals) react(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case outage.OutageDetected:
		return p.propose(ctx, origin, e)
	case outage.OutageCleared:
		return p.close(ctx, origin, e)
	default:
		return domain.Unexpected(r)
	}
}

// propose proposes a window. Texts whose receipts are lost have arrived, and are paid for. A region without countries
// has texts that no window can name: an admin must decide about them.
func (p *Proposals) propose(ctx context.Context, origin commands.Origin, e outage.OutageDetected) error {
	scope, ok := ScopeOf(e.Cell)
	if e.Cause == outage.ReceiptsOnly || !ok {
		return nil
	}
	_, err := p.Engine.Do(ctx, origin, window.Propose{
		Window: WindowOf(e.ID).String(), Outage: e.ID, Scope: scope, From: e.ChangePoint,
	})
	return err
}

func (p *Proposals) close(ctx context.Context, origin commands.Origin, e outage.OutageCleared) error {
	id := WindowOf(e.ID).String()
	_, err := p.Engine.Do(ctx, origin, window.Close{
		Window: id, At: e.At, Signed: window.Signed{By: "detector", Reason: "the outage is over"},
	})
	if err != nil || p.Automatic <= 0 {
		return err
	}
	state, _, err := commands.Load(ctx, p.Engine, window.Decider, domain.StreamOf(window.Category, id))
	if err != nil || state.Exists() || state.Proposal.IsZero() {
		return err
	}
	totals, err := p.Preview(ctx, window.RefundWindowDeclared{Window: id, Terms: state.Proposal.Terms})
	if err != nil || totals.Refunded > p.Automatic {
		return err
	}
	_, err = p.Engine.Do(ctx, origin, window.Approve{Window: id, Until: e.At, Signed: window.Signed{
		Preview: totals, By: "detector", Reason: "the refunds are below the amount that needs an approval",
	}})
	return err
}

// WindowOf returns the id of the window that is proposed for an outage.
func WindowOf(id domain.OutageID) domain.WindowID {
	return domain.DeriveID[domain.WindowID]("refund window", id)
}

// LongestWindow is how long after its approval a window lasts at most, if the outage has no end before that.
const LongestWindow = 30 * 24 * time.Hour

// ScopeOf returns the scope of a window for an outage: its provider, with the countries of its cell. A window knows no
// networks, so that of a network covers its country. ok is false if the countries of the cell cannot be listed.
func ScopeOf(cell outage.Cell) (scope window.Scope, ok bool) {
	scope.Providers = []string{cell.Provider}
	switch {
	case cell.Country != "":
		scope.Countries = []string{cell.Country}
	case cell.Region != "":
		scope.Countries = outagedetect.Countries(cell.Region)
		return scope, len(scope.Countries) > 0
	}
	return scope, true
}
