package outages_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/outages"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/window"
)

// propose runs the handler of proposals over what the log has.
func propose(w *commandstest.World, automatic int64) {
	w.T.Helper()
	proposals := &outages.Proposals{Engine: w.Engine, Preview: w.Books.Preview, Automatic: automatic}
	_, err := w.Reactor("proposals", proposals.Handlers()...).Step(w.T.Context())
	w.Ok(err)
}

// found records an outage of alpha in Brazil, which began an hour ago.
func found(w *commandstest.World, cause outage.Cause) (id string) {
	w.T.Helper()
	change := w.Now.Add(-time.Hour)
	w.Operate(outage.Detect{Cell: brazil, ChangePoint: change, At: w.Now, Cause: cause})
	return outages.WindowOf(outage.IDOf(brazil, change)).String()
}

func state(w *commandstest.World, id string) window.State {
	w.T.Helper()
	found, _, err := commands.Load(w.T.Context(), w.Engine, window.Decider, domain.StreamOf(window.Category, id))
	w.Ok(err)
	return found
}

func TestOutageProposesAWindowFromItsChangePointToItsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		automatic int64
		declared  bool
	}{
		"an admin approves":          {0, false},
		"the refunds are too high":   {commandstest.Price - 1, false},
		"the refunds are low enough": {commandstest.Price, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			w.Remind(w.Book("a", commandstest.Tuesday))
			w.Settle()
			w.Now = w.Now.Add(30 * time.Minute)
			id := found(w, outage.Silent)
			propose(w, c.automatic)
			if got := state(w, id); got.Exists() || got.Proposal.Terms.Scope.Countries[0] != "BR" ||
				!got.Proposal.Terms.Bounds.Start.Equal(w.Now.Add(-time.Hour)) {
				t.Fatalf("while it lasts: %+v", got)
			}
			w.Now = w.Now.Add(time.Hour)
			w.Operate(outage.Clear{Cell: brazil, At: w.Now})
			propose(w, c.automatic)
			if got := state(w, id); got.Exists() != c.declared || !got.Proposal.Terms.Bounds.End.Equal(w.Now) {
				t.Fatalf("when it is over: %+v", got)
			}
			w.Settle()
			if refunded := w.Owned() == commandstest.Balance; refunded != c.declared {
				t.Errorf("%d are owned", w.Owned())
			}
		})
	}
}

// An approved window of an outage that lasts ends with the outage.
func TestApprovedWindowEndsWithItsOutage(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := found(w, outage.Blocked)
	propose(w, 0)
	w.Operate(window.Approve{Window: id, Until: w.Now.Add(outages.LongestWindow)})
	w.Now = w.Now.Add(time.Hour)
	w.Operate(outage.Clear{Cell: brazil, At: w.Now})
	propose(w, 0)
	if got := state(w, id).Terms.Bounds.End; !got.Equal(w.Now) {
		t.Errorf("the window ends at %s, want %s", got, w.Now)
	}
}

func TestLostReceiptsProposeNothing(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := found(w, outage.ReceiptsOnly)
	propose(w, 1_000_000_000)
	w.Operate(outage.Clear{Cell: brazil, At: w.Now})
	propose(w, 1_000_000_000)
	if got := state(w, id); got.Exists() || !got.Proposal.IsZero() {
		t.Errorf("lost receipts proposed %+v", got)
	}
}

func TestScopeOfAWindow(t *testing.T) {
	for cell, want := range map[outage.Cell]int{
		{Provider: "alpha"}: 0, brazil: 1, {Provider: "alpha", Region: "NA"}: 11,
		{Provider: "alpha", Country: "US", Network: "310-410"}: 1,
	} {
		if scope, ok := outages.ScopeOf(cell); !ok || len(scope.Countries) != want || scope.Providers[0] != "alpha" {
			t.Errorf("%s: %+v, %v; want %d countries", cell.Label(), scope, ok, want)
		}
	}
	if _, ok := outages.ScopeOf(outage.Cell{Provider: "alpha", Region: "ZZ"}); ok {
		t.Error("a region without countries has a scope")
	}
}

func TestProposalsHandleTheirTypes(t *testing.T) {
	w := commandstest.NewWorld(t)
	proposals := &outages.Proposals{Engine: w.Engine, Preview: w.Books.Preview}
	for _, gap := range w.Gaps(proposals.Handlers()...) {
		t.Error(gap)
	}
}
