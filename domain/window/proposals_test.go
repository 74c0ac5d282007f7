package window_test

import (
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/window"
)

// proposals are the examples of windows that an outage proposes.
func proposals() []example {
	id := domain.DeriveID[domain.OutageID]("outage", "alpha")
	scope := window.Scope{Countries: []string{"US"}, Providers: []string{"alpha"}}
	from, end, later := instant("2010-03-18T09:00:00Z"), instant("2010-04-01T12:00:00Z"), instant("2010-05-01T00:00:00Z")
	terms := window.Terms{Scope: scope, Bounds: window.Bounds{Kind: window.Instants, Start: from}}
	over := window.Terms{Scope: scope, Bounds: window.Bounds{Kind: window.Instants, Start: from, End: end}}
	long := window.Terms{Scope: scope, Bounds: window.Bounds{Kind: window.Instants, Start: from, End: later}}
	propose := window.Propose{Window: "W1", Outage: id, Scope: scope, From: from}
	proposed := window.RefundWindowProposed{Window: "W1", Outage: id, Terms: terms}
	ended := window.RefundWindowProposed{Window: "W1", Outage: id, Terms: over}
	closing := window.Close{Window: "W1", At: end}
	ann := window.Signed{By: "ann"}
	declaredLong := window.RefundWindowDeclared{Window: "W1", Terms: long, Signed: ann}
	with := func(change func(*window.Propose)) window.Propose {
		other := propose
		change(&other)
		return other
	}
	given := func(events ...window.Event) []window.Event { return events }
	return []example{
		{Name: "proposed", When: propose, Then: given(proposed)},
		{Name: "proposed again after its end", Given: given(proposed, ended), When: propose},
		{Name: "proposed without an outage", When: with(func(c *window.Propose) { c.Outage = domain.OutageID{} }), Refused: window.ErrOutageRequired},
		{Name: "proposed without an id", When: with(func(c *window.Propose) { c.Window = "" }), Refused: window.ErrWindowIDMissing},
		{Name: "a proposal ends with its outage", Given: given(proposed), When: closing, Then: given(ended)},
		{Name: "nothing ends", When: closing},
		{
			Name: "approved after the outage", Given: given(proposed, ended),
			When: window.Approve{Window: "W1", Until: later, Signed: ann},
			Then: given(window.RefundWindowDeclared{Window: "W1", Terms: over, Signed: ann}),
		},
		{
			Name: "approved in the outage", Given: given(proposed),
			When: window.Approve{Window: "W1", Until: later, Signed: ann}, Then: given(declaredLong),
		},
		{
			Name: "approved by one where two are needed", Given: given(proposed, ended), Refused: window.ErrApprovalRequired,
			When: window.Approve{Window: "W1", Signed: window.Signed{Preview: large, By: "ann"}, ApprovalAbove: 10},
		},
		{Name: "approved without a proposal", When: window.Approve{Window: "W1", Until: later}, Refused: window.ErrNotProposed},
		{
			Name: "an approved window ends with its outage", Given: given(proposed, declaredLong), When: closing,
			Then: given(window.RefundWindowAmended{Window: "W1", Terms: over}),
		},
		{
			Name: "an amended window keeps its end", When: closing,
			Given: given(proposed, declaredLong, window.RefundWindowAmended{Window: "W1", Terms: march}),
		},
		{Name: "a revoked window stays so", Given: given(proposed, declaredLong, revoked), When: closing},
	}
}
