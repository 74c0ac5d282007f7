package credit_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/domaintest"
)

const one = int64(1_000_000) // a credit

type example = domaintest.Example[credit.Command, credit.Event]

func day(d int) time.Time { return time.Date(2026, 3, d, 12, 0, 0, 0, time.UTC) }

func why(cause string, d int) credit.Because {
	return credit.Because{Account: "A1", Cause: cause, RecordedAt: day(d)}
}

// at returns what is posted when a fact is recorded, effective at the same time.
func at(cause string, d int, postings ...credit.Posting) credit.Posted {
	return since(cause, d, d, postings...)
}

func since(cause string, effective, recorded int, postings ...credit.Posting) credit.Posted {
	return credit.Posted{
		Account: "A1", Cause: cause, EffectiveAt: day(effective), RecordedAt: day(recorded), Postings: postings,
	}
}

func move(from, to credit.Pocket, amount int64, lot ...string) credit.Posting {
	p := credit.Posting{From: from, To: to, Amount: amount}
	if len(lot) > 0 {
		p.Lot = lot[0]
	}
	return p
}

func reopened(from credit.Pocket, amount int64, lot string, expires int) credit.Posting {
	p := move(from, credit.Granted, amount, lot)
	p.LotExpiresAt = day(expires)
	return p
}

func bought(amount int64) credit.Event {
	return credit.CreditsPurchased{at("e1", 1, move(credit.IssuedPaid, credit.Paid, amount)), "P1"}
}

func given(id string, amount int64, expires int) credit.Event {
	return credit.CreditsGranted{at("e2", 1, move(credit.IssuedGranted, credit.Granted, amount, id)), id, day(expires)}
}

func quote(price int64) credit.Quote { return credit.Quote{"M1", price, "AU", "UTC"} }

func held(postings ...credit.Posting) credit.Event {
	return credit.CreditsHeld{at("q1", 5, postings...), quote(sum(postings))}
}

func charged(postings ...credit.Posting) credit.Event {
	return credit.CreditsCharged{at("s1", 6, postings...), took}
}

func sum(postings []credit.Posting) (total int64) {
	for _, p := range postings {
		total += p.Amount
	}
	return total
}

var (
	took     = credit.Acceptance{"M1", 1, "prov-a"}
	heldPaid = held(move(credit.Paid, credit.HeldPaid, one))
	paidOne  = charged(move(credit.HeldPaid, credit.RevenuePaid, one))
	mixed    = []credit.Event{ // a charge of three: half of G1, one and a half of G2, one paid
		bought(5 * one), given("G1", one/2, 20), given("G2", 3*one/2, 25),
		held(move(credit.Granted, credit.HeldGranted, one/2, "G1"),
			move(credit.Granted, credit.HeldGranted, 3*one/2, "G2"), move(credit.Paid, credit.HeldPaid, one)),
		charged(move(credit.HeldGranted, credit.RevenueGranted, one/2, "G1"),
			move(credit.HeldGranted, credit.RevenueGranted, 3*one/2, "G2"), move(credit.HeldPaid, credit.RevenuePaid, one)),
	}
)

func hold(segments, price int64, windows ...string) credit.Hold {
	return credit.Hold{
		Because: why("q1", 5), Message: "M1", Segments: segments, UnitPrice: price, Country: "AU", Home: "UTC",
		CoveredBy: windows,
	}
}

func accept(windows ...string) credit.Accept {
	return credit.Accept{
		Because: why("s1", 6), Message: "M1", Attempt: 1, Provider: "prov-a", SentAt: day(6), CoveredBy: windows,
		GraceDays: 10,
	}
}

func TestDecisions(t *testing.T) {
	domaintest.Run(t, credit.Decider, slices.Concat(adding, holding, accepting, giving, taking, warning))
}

var adding = []example{
	{
		Name: "a purchase adds paid credits",
		When: credit.Purchase{why("e1", 1), "P1", 5 * one}, Then: []credit.Event{bought(5 * one)},
	},
	{
		Name: "the same purchase again is one", Given: []credit.Event{bought(one)},
		When: credit.Purchase{why("e9", 9), "P1", one},
	},
	{
		Name: "a purchase of that id and another amount", Given: []credit.Event{bought(one)},
		When: credit.Purchase{why("e9", 9), "P1", 2 * one}, Refused: credit.ErrPurchaseIDReused,
	},
	{Name: "nothing", When: credit.Purchase{why("e1", 1), "P1", 0}, Refused: credit.ErrAmountNotPositive},
	{Name: "less than nothing", When: credit.Grant{why("e1", 1), "G1", -1, day(9)}, Refused: credit.ErrAmountNotPositive},
	{
		Name: "more than the books can hold", Given: []credit.Event{bought(math.MaxInt64 - 1)},
		When: credit.Purchase{why("e9", 9), "P2", 2}, Refused: credit.ErrAmountOverflow,
	},
	{
		Name: "a grant opens a lot",
		When: credit.Grant{why("e2", 1), "G1", one, day(9)}, Then: []credit.Event{given("G1", one, 9)},
	},
	{
		Name: "a grant that is over already",
		When: credit.Grant{why("e2", 9), "G1", one, day(9)}, Refused: credit.ErrGrantOver,
	},
	{Name: "a grant without an end", When: credit.Grant{why("e2", 1), "G1", one, time.Time{}}, Then: []credit.Event{
		credit.CreditsGranted{
			at("e2", 1, move(credit.IssuedGranted, credit.Granted, one, "G1")), "G1", time.Time{},
		},
	}},
	{
		Name:  "the same grant again is one, even after it expired",
		Given: []credit.Event{given("G1", one, 9), credit.GrantExpired{at("e3", 9), "G1"}},
		When:  credit.Grant{why("e4", 10), "G1", one, day(9)},
	},
	{
		Name: "a grant of that id and another amount", Given: []credit.Event{given("G1", one, 9)},
		When: credit.Grant{why("e4", 10), "G1", 2, day(9)}, Refused: credit.ErrGrantIDReused,
	},
	{
		Name: "a lot expires with what is left in it", Given: []credit.Event{given("G1", one, 9)},
		When: credit.ExpireGrant{why("e3", 9), "G1"},
		Then: []credit.Event{credit.GrantExpired{
			at("e3", 9, move(credit.Granted, credit.ExpiredPocket, one, "G1")), "G1",
		}},
	},
	{
		Name: "an empty lot expires without a line", Given: []credit.Event{given("G1", one, 9), credit.CreditsHeld{
			at("q1", 5, move(credit.Granted, credit.HeldGranted, one, "G1")), quote(one),
		}},
		When: credit.ExpireGrant{why("e3", 9), "G1"}, Then: []credit.Event{credit.GrantExpired{at("e3", 9), "G1"}},
	},
	{Name: "an unknown lot", When: credit.ExpireGrant{why("e3", 9), "G1"}, Refused: credit.ErrUnknownGrant},
	{
		Name: "a month closes", When: credit.ClosePeriod{why("e3", 9), "2026-02", "Europe/Berlin"},
		Then: []credit.Event{credit.PeriodClosed{at("e3", 9), "2026-02", "Europe/Berlin"}},
	},
	{
		Name:  "a month before a closed one is closed already",
		Given: []credit.Event{credit.PeriodClosed{at("e3", 9), "2026-02", "UTC"}},
		When:  credit.ClosePeriod{why("e4", 9), "2026-01", "UTC"},
	},
	{Name: "no month", When: credit.ClosePeriod{why("e3", 9), "2026-13", "UTC"}, Refused: credit.ErrPeriodMalformed},
	{
		Name: "no zone", When: credit.ClosePeriod{why("e3", 9), "2026-02", ""},
		Refused: domain.Refuse(domain.Invalid, "zone_required", ""),
	},
}
