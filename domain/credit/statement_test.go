package credit_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain/credit"
)

func TestStatements(t *testing.T) {
	s := credit.Statements{Account: "A1"}
	post := func(kind string, amount int64, effective string) {
		at, err := time.Parse(time.RFC3339, effective)
		if err != nil {
			t.Fatal(err)
		}
		s.Post(credit.Line{Kind: kind, Amount: amount, EffectiveAt: at})
	}
	closeMonth := func(period string) {
		if err := s.Close(period, "Europe/Berlin"); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.All(); got != nil {
		t.Fatalf("nothing is closed, yet there is %+v", got)
	}
	post("purchase", 100, "2026-01-31T22:59:59Z") // January in Berlin
	post("grant", 50, "2026-02-10T00:00:00Z")
	post("hold", 7, "2026-02-11T00:00:00Z")
	post("capture", 10, "2026-02-28T23:00:00Z") // March in Berlin
	closeMonth("2026-02")                       // and January with it
	post("refund", 3, "2026-02-28T22:59:59Z")   // of a closed month
	post("refund", 2, "2026-02-28T23:00:00Z")
	post("reversal", 1, "2026-01-01T00:00:00Z")
	closeMonth("2026-01") // closed already
	want := []credit.Statement{
		{Account: "A1", Period: "2026-01", Zone: "Europe/Berlin", Purchased: 100, Closing: 100},
		{Account: "A1", Period: "2026-02", Zone: "Europe/Berlin", Opening: 100, Granted: 50, Closing: 150},
		{
			Account: "A1", Period: "2026-03", Zone: "Europe/Berlin", Opening: 150, Captured: 10, Refunded: 2,
			RefundedPriorPeriod: 3, Reversed: 1, Closing: 144,
		},
	}
	if got := s.All(); !reflect.DeepEqual(got, want) {
		t.Fatalf("statements\n got: %+v\nwant: %+v", got, want)
	}
	post("expire", 40, "2026-04-02T00:00:00Z") // not of the open month
	closeMonth("2026-03")
	april := credit.Statement{Account: "A1", Period: "2026-04", Zone: "Europe/Berlin", Opening: 144, Expired: 40, Closing: 104}
	if got := s.All(); !reflect.DeepEqual(got, append(want, april)) {
		t.Fatalf("statements\n got: %+v\nwant: %+v", got, append(want, april))
	}
	if err := s.Close("2026-04", "Local"); err == nil {
		t.Fatal("a month without a zone was closed")
	}
}

func TestMonthBeginsAtItsFirstInstant(t *testing.T) {
	s := credit.Statements{Account: "A1"}
	at := func(text string) time.Time {
		instant, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return instant
	}
	// In Havana the first hour of November 2026 happens twice.
	s.Post(credit.Line{Kind: "purchase", Amount: 1, EffectiveAt: at("2026-11-01T03:59:59Z")})
	s.Post(credit.Line{Kind: "purchase", Amount: 2, EffectiveAt: at("2026-11-01T04:00:00Z")})
	if err := s.Close("2026-10", "America/Havana"); err != nil {
		t.Fatal(err)
	}
	if all := s.All(); all[0].Purchased != 1 || all[1].Purchased != 2 {
		t.Fatalf("statements: %+v", all)
	}
}
