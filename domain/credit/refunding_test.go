package credit_test

import (
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
)

func covered(cause string, d int) credit.Recover {
	return credit.Recover{Because: why(cause, d), Message: "M1", Window: "W1", IsCovered: true, GraceDays: 10}
}

func uncovered(cause string, d int, clawback bool) credit.Recover {
	return credit.Recover{
		Because: why(cause, d), Message: "M1", Window: "W1", WasCovered: true, Clawback: clawback, GraceDays: 10,
	}
}

func manually(key string, amount int64) credit.RefundManually {
	return credit.RefundManually{
		Because: why("m1", 8), Message: "M1", RefundKey: key, Amount: amount, Note: domain.Secret("support"), GraceDays: 10,
	}
}

func mustPay(key string, amount int64) credit.RefundManually {
	refund := manually(key, amount)
	refund.MustPay = true
	return refund
}

func promised(key string, amount int64) credit.Event {
	return credit.ManualRefundIssued{at("m1", 8), "M1", key, amount, domain.Secret("support")}
}

func adjusted(k int, reason string) credit.Adjustment { return credit.Adjustment{"M1", k, reason} }

func refunded(cause string, k int, reason string, postings ...credit.Posting) credit.Event {
	return credit.CreditRefunded{since(cause, 6, 8, postings...), adjusted(k, reason)}
}

func reversed(cause string, k int, postings ...credit.Posting) credit.Event {
	return credit.RefundReversed{since(cause, 6, 8, postings...), adjusted(k, "window:W1")}
}

var (
	paid     = []credit.Event{bought(2 * one), heldPaid, paidOne}
	backPaid = move(credit.RefundsPaid, credit.Paid, one)
	byWindow = refunded("w1", 1, "window:W1", backPaid)
	allMixed = refunded("w1", 1, "window:W1", backPaid, move(credit.RefundsGranted, credit.Granted, 3*one/2, "G2"),
		move(credit.RefundsGranted, credit.Granted, one/2, "G1"))
	expiredG2 = credit.GrantExpired{at("x2", 7), "G2"}
)

func after(events []credit.Event, more ...credit.Event) []credit.Event {
	return append(append([]credit.Event{}, events...), more...)
}

var giving = []example{
	{
		Name: "a window covers it: all back, true since the charge", Given: paid, When: covered("w1", 8),
		Then: []credit.Event{byWindow},
	},
	{Name: "a second window changes nothing", Given: after(paid, byWindow), When: covered("w2", 9)},
	{
		Name: "a person gives part back, last taken first", Given: mixed, When: manually("RF1", 2*one),
		Then: []credit.Event{promised("RF1", 2*one), refunded("m1", 1, "manual", backPaid,
			move(credit.RefundsGranted, credit.Granted, one, "G2"))},
	},
	{
		Name: "the same key promises once", Given: after(paid, promised("RF1", one/2)), When: manually("RF1", one),
	},
	{
		Name: "two keys add up, to the price at most",
		Given: after(paid, promised("RF1", one*3/4),
			refunded("m1", 1, "manual", move(credit.RefundsPaid, credit.Paid, one*3/4))),
		When: manually("RF2", one),
		Then: []credit.Event{
			promised("RF2", one),
			refunded("m1", 2, "manual", move(credit.RefundsPaid, credit.Paid, one/4)),
		},
	},
	{
		Name: "a promise on top of a full refund is kept in mind", Given: after(paid, byWindow), When: manually("RF1", one),
		Then: []credit.Event{promised("RF1", one)},
	},
	{
		Name: "a refund that must pay, of what is refunded", Given: after(paid, byWindow), When: mustPay("RF1", one),
		Refused: credit.ErrAlreadyRefunded,
	},
	{
		Name: "a refund that must pay, again with its key", Given: after(paid, byWindow, promised("RF1", one)),
		When: mustPay("RF1", one),
	},
	{
		Name: "a refund that must pay the rest",
		Given: after(paid, promised("RF1", one/2),
			refunded("m1", 1, "manual", move(credit.RefundsPaid, credit.Paid, one/2))),
		When: mustPay("RF2", one),
		Then: []credit.Event{
			promised("RF2", one), refunded("m1", 2, "manual", move(credit.RefundsPaid, credit.Paid, one/2)),
		},
	},
	{
		Name: "receipts prove non-delivery", Given: paid,
		When: credit.ProveNonDelivery{why("d1", 8), "M1", 10},
		Then: []credit.Event{credit.NonDeliveryProven{at("d1", 8), "M1"}, refunded("d1", 1, "dlr", backPaid)},
	},
	{
		Name: "receipts of a message that cost nothing", Given: []credit.Event{unheld},
		When: credit.ProveNonDelivery{why("d1", 8), "M1", 10},
	},
	{
		Name: "what came from an expired lot opens a new one", Given: after(mixed, expiredG2), When: covered("w1", 8),
		Then: []credit.Event{refunded("w1", 1, "window:W1", backPaid,
			reopened(credit.RefundsGranted, 3*one/2, "G2+r1|M1", 18),
			move(credit.RefundsGranted, credit.Granted, one/2, "G1"))},
	},
	{
		Name: "what came from a lot that is over opens a new one, although the old one is still listed",
		Given: []credit.Event{
			given("G1", one, 8), held(move(credit.Granted, credit.HeldGranted, one, "G1")),
			charged(move(credit.HeldGranted, credit.RevenueGranted, one, "G1")),
		},
		When: covered("w1", 8),
		Then: []credit.Event{refunded("w1", 1, "window:W1", reopened(credit.RefundsGranted, one, "G1+r1|M1", 18))},
	},
	{Name: "no amount", Given: paid, When: manually("RF1", 0), Refused: credit.ErrAmountNotPositive},
	{Name: "no key", Given: paid, When: manually("", one), Refused: credit.ErrRefundKeyMissing},
	{Name: "no such message", When: manually("RF1", one), Refused: credit.ErrNothingCharged},
	{Name: "still held", Given: []credit.Event{bought(one), heldPaid}, When: manually("RF1", one), Refused: credit.ErrNothingCharged},
	{Name: "not covered and never was", Given: paid, When: uncoveredNever},
	{Name: "a window and no such message", When: covered("w1", 8), Refused: credit.ErrUnknownMessage},
}

var uncoveredNever = credit.Recover{Because: why("w1", 8), Message: "M1", Window: "W1", Clawback: true, GraceDays: 10}

var taking = []example{
	{
		Name: "a window goes and the customer keeps the refund", Given: after(paid, byWindow), When: uncovered("w2", 8, false),
		Then: []credit.Event{credit.GoodwillKept{at("w2", 8), "M1", "W1"}},
	},
	{
		Name:  "goodwill is kept when other refunds are clawed back",
		Given: after(paid, byWindow, credit.GoodwillKept{at("w2", 8), "M1", "W1"}), When: uncovered("w3", 9, true),
	},
	{
		Name: "a window goes and takes its refund back", Given: after(paid, byWindow), When: uncovered("w2", 8, true),
		Then: []credit.Event{reversed("w2", 2, move(credit.Paid, credit.RefundsPaid, one))},
	},
	{
		Name:  "only down to what a person promised",
		Given: after(paid, byWindow, promised("RF1", one/4)), When: uncovered("w2", 8, true),
		Then: []credit.Event{reversed("w2", 2, move(credit.Paid, credit.RefundsPaid, one*3/4))},
	},
	{
		Name:  "not at all when receipts prove non-delivery",
		Given: after(paid, byWindow, credit.NonDeliveryProven{at("d1", 8), "M1"}), When: uncovered("w2", 9, true),
	},
	{
		Name: "out of the lot as far as it has credits, out of paid for the rest",
		Given: after(mixed, allMixed, credit.CreditsHeld{
			at("q2", 8, move(credit.Granted, credit.HeldGranted, one/2, "G1"), move(credit.Granted, credit.HeldGranted, one, "G2")),
			credit.Quote{"M2", 3 * one / 2, "AU", "UTC"},
		}),
		When: uncovered("w2", 8, true),
		Then: []credit.Event{reversed("w2", 2, move(credit.Paid, credit.RefundsGranted, one/2),
			move(credit.Granted, credit.RefundsGranted, one/2, "G2"), move(credit.Paid, credit.RefundsGranted, one),
			move(credit.Paid, credit.RefundsPaid, one))},
	},
	{
		Name: "a refund after a reversal undoes it first, to where it took from",
		Given: after(mixed, allMixed,
			reversed("w2", 2, move(credit.Paid, credit.RefundsGranted, one/2), move(credit.Granted, credit.RefundsGranted, one/2, "G2")),
			expiredG2),
		When: covered("w3", 8),
		Then: []credit.Event{refunded("w3", 3, "window:W1", reopened(credit.RefundsGranted, one/2, "G2+r3|M1", 18),
			move(credit.RefundsGranted, credit.Paid, one/2))},
	},
}
