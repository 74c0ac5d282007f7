package credit_test

import (
	"math"

	"github.com/clickbook/clickbook/domain/credit"
)

var unheld = credit.HoldWaived{at("q1", 5), quote(one), []string{"W1"}}

var holding = []example{
	{
		Name: "a queued text holds its price", Given: []credit.Event{bought(one)}, When: hold(1, one),
		Then: []credit.Event{heldPaid},
	},
	{
		Name:  "lots first, the earliest to expire before the others, then paid",
		Given: []credit.Event{bought(one), given("G2", one, 25), given("G1", one, 20), given("G3", one, 25)},
		When:  hold(7, one/2),
		Then: []credit.Event{held(
			move(credit.Granted, credit.HeldGranted, one, "G1"), move(credit.Granted, credit.HeldGranted, one, "G2"),
			move(credit.Granted, credit.HeldGranted, one, "G3"), move(credit.Paid, credit.HeldPaid, one/2))},
	},
	{
		Name: "a known window covers the plan: no hold", When: hold(1, one, "W1"), Then: []credit.Event{unheld},
	},
	{
		Name: "too little, by one micro-credit", Given: []credit.Event{bought(one - 1), given("G1", one, 9)}, When: hold(2, one),
		Then: []credit.Event{credit.HoldRefused{at("q1", 5), quote(2 * one), 2*one - 1}},
	},
	{
		Name:  "a lot that expires at the instant of the hold pays for nothing, although it is still listed",
		Given: []credit.Event{bought(one), given("G1", one, 5)}, When: hold(1, one),
		Then: []credit.Event{heldPaid},
	},
	{
		Name: "too little once expired lots are left out", Given: []credit.Event{bought(one), given("G1", one, 4)},
		When: hold(2, one), Then: []credit.Event{credit.HoldRefused{at("q1", 5), quote(2 * one), one}},
	},
	{
		Name: "a debt does not block what lots cover",
		Given: []credit.Event{
			credit.HoldWaived{at("q0", 1), credit.Quote{"M0", one, "AU", "UTC"}, []string{"W1"}},
			credit.CreditsCharged{at("s0", 2, move(credit.Paid, credit.RevenuePaid, one)), credit.Acceptance{"M0", 1, "prov-a"}},
			given("G1", one, 9),
		},
		When: hold(1, one), Then: []credit.Event{held(move(credit.Granted, credit.HeldGranted, one, "G1"))},
	},
	{Name: "no segments", When: hold(0, one), Refused: credit.ErrAmountNotPositive},
	{Name: "no price", When: hold(1, 0), Refused: credit.ErrAmountNotPositive},
	{Name: "a price beyond 64 bits", When: hold(10, 922337203685477581), Refused: credit.ErrAmountOverflow},
	{
		Name: "the largest price there is", When: hold(1, math.MaxInt64),
		Then: []credit.Event{credit.HoldRefused{at("q1", 5), quote(math.MaxInt64), 0}},
	},
}

var accepting = []example{
	{
		Name: "the first acceptance charges", Given: []credit.Event{bought(one), heldPaid}, When: accept(),
		Then: []credit.Event{paidOne},
	},
	{
		Name: "a later acceptance never charges", Given: []credit.Event{bought(one), heldPaid, paidOne},
		When: credit.Accept{Because: why("s2", 7), Message: "M1", Attempt: 2, Provider: "prov-b", SentAt: day(7)},
	},
	{
		Name: "a known window waives and releases", Given: []credit.Event{bought(one), heldPaid}, When: accept("W1", "W2"),
		Then: []credit.Event{credit.ChargeWaived{
			at("s1", 6, move(credit.HeldPaid, credit.Paid, one)), took, []string{"W1", "W2"},
		}},
	},
	{
		Name:  "planned in a window, sent outside: straight from the balance, into debt if need be",
		Given: []credit.Event{unheld, given("G1", one/4, 9)}, When: accept(),
		Then: []credit.Event{charged(
			move(credit.Granted, credit.RevenueGranted, one/4, "G1"), move(credit.Paid, credit.RevenuePaid, one-one/4))},
	},
	{
		Name:  "a lot that expired before the text was sent pays for nothing, although it is still listed",
		Given: []credit.Event{unheld, given("G1", one/4, 6)}, When: accept(),
		Then: []credit.Event{charged(move(credit.Paid, credit.RevenuePaid, one))},
	},
	{Name: "a message that was not queued", When: accept(), Refused: credit.ErrUnknownMessage},
	{
		Name: "failed for good: the hold goes back", Given: []credit.Event{bought(one), heldPaid},
		When: credit.Release{why("f1", 7), "M1", 10},
		Then: []credit.Event{credit.HoldReleased{at("f1", 7, move(credit.HeldPaid, credit.Paid, one)), "M1"}},
	},
	{
		Name: "failed for good without a hold", Given: []credit.Event{unheld},
		When: credit.Release{why("f1", 7), "M1", 10}, Then: []credit.Event{credit.HoldReleased{at("f1", 7), "M1"}},
	},
	{
		Name: "a hold of an expired lot comes back in a new lot",
		Given: []credit.Event{
			given("G1", one, 6), held(move(credit.Granted, credit.HeldGranted, one, "G1")),
			credit.GrantExpired{at("x1", 6), "G1"},
		},
		When: credit.Release{why("f1", 7), "M1", 10},
		Then: []credit.Event{credit.HoldReleased{at("f1", 7, reopened(credit.HeldGranted, one, "G1+h|M1", 17)), "M1"}},
	},
	{
		Name: "a hold of a lot that expired comes back in a new lot, although the old one is still listed",
		Given: []credit.Event{
			given("G1", one, 6), held(move(credit.Granted, credit.HeldGranted, one, "G1")),
		},
		When: credit.Release{why("f1", 7), "M1", 10},
		Then: []credit.Event{credit.HoldReleased{at("f1", 7, reopened(credit.HeldGranted, one, "G1+h|M1", 17)), "M1"}},
	},
	{
		Name:  "failing after it was accepted changes nothing",
		Given: []credit.Event{bought(one), heldPaid, paidOne}, When: credit.Release{why("f1", 7), "M1", 10},
	},
	{
		Name: "failing changes nothing where nothing was held", Given: []credit.Event{
			credit.HoldRefused{at("q1", 5), quote(one), 0},
		}, When: credit.Release{why("f1", 7), "M1", 10},
	},
	{
		Name: "failing needs a message", When: credit.Release{why("f1", 7), "M1", 10}, Refused: credit.ErrUnknownMessage,
	},
	{
		Name: "accepted after it failed: nobody pays", Given: []credit.Event{
			bought(one), heldPaid, credit.HoldReleased{at("f1", 6, move(credit.HeldPaid, credit.Paid, one)), "M1"},
		}, When: accept(), Then: []credit.Event{credit.AcceptanceAbsorbed{at("s1", 6), took}},
	},
	{
		Name:  "accepted although it was blocked: nobody pays",
		Given: []credit.Event{credit.HoldRefused{at("q1", 5), quote(one), 0}},
		When:  accept(), Then: []credit.Event{credit.AcceptanceAbsorbed{at("s1", 6), took}},
	},
	{
		Name: "a debt beyond 64 bits", Given: []credit.Event{
			credit.HoldWaived{at("q0", 1), credit.Quote{"M0", math.MaxInt64, "AU", "UTC"}, []string{"W1"}},
			credit.CreditsCharged{
				at("s0", 2, move(credit.Paid, credit.RevenuePaid, math.MaxInt64)), credit.Acceptance{"M0", 1, "prov-a"},
			},
			credit.HoldWaived{at("q1", 5), quote(2), []string{"W1"}},
		}, When: accept(), Refused: credit.ErrAmountOverflow,
	},
}
