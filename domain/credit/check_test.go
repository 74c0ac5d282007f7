package credit_test

import (
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain/credit"
)

func TestFaults(t *testing.T) {
	everywhere := func(credit.Charge) bool { return true }
	nowhere := func(credit.Charge) bool { return false }
	for _, c := range []struct {
		name    string
		given   []credit.Event
		covered func(credit.Charge) bool
		want    string
	}{
		{"whole books", after(mixed, allMixed), everywhere, ""},
		{"an expired lot is not a fault", after(mixed, expiredG2), nil, ""},
		{"not refunded yet", mixed, everywhere, "message M1 has 0 back and is due 3000000"},
		{"refunded and no window left", after(paid, byWindow), nowhere, "message M1 has 1000000 back and is due 0"},
		{"refunded twice", after(paid, byWindow, byWindow), nil, "message M1 has 2000000 of 1000000 back"},
		{"held twice", after([]credit.Event{bought(2 * one)}, heldPaid, heldPaid), nil, "2000000 is held, open holds are 1000000"},
		{"spent from an empty lot", []credit.Event{
			given("G1", 1, 9), held(move(credit.Granted, credit.HeldGranted, 2, "G1")),
		}, nil, "lot G1 has -1"},
		{"more than was added", []credit.Event{credit.CreditsCharged{
			at("s1", 6, move(credit.RevenuePaid, credit.Paid, one)), took,
		}}, nil, "0 was added, 1000000 is owned and 0 was paid for messages"},
	} {
		if got := strings.Join(credit.Decider.Fold(c.given...).Faults(c.covered), "; "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
