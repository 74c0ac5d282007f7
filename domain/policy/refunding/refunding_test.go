package refunding_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/refunding"
	"github.com/clickbook/clickbook/domain/window"
)

var (
	noon = time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)
	why  = credit.Because{Account: "A1", Cause: "c1", RecordedAt: noon}
)

func TestFactsProveNonDelivery(t *testing.T) {
	sent := func(attempt int) message.SmsSent { return message.SmsSent{Attempt: attempt} }
	said := func(attempt int, state string) message.DeliveryReported {
		return message.DeliveryReported{Attempt: attempt, State: state}
	}
	onlyUndelivered := credit.AuditTerms
	onlyUndelivered.Receipts.Undelivered = credit.Refund
	unknownRefunds := credit.AuditTerms
	unknownRefunds.Receipts.Unknown = credit.Refund
	for name, c := range map[string]struct {
		terms credit.Terms
		log   []domain.Event
		want  bool
	}{
		"nothing yet":                 {credit.ProductTerms, nil, false},
		"a receipt alone":             {credit.ProductTerms, []domain.Event{said(1, "undelivered")}, false},
		"before its acceptance":       {credit.ProductTerms, []domain.Event{said(1, "expired"), sent(1)}, true},
		"one of two":                  {credit.ProductTerms, []domain.Event{sent(1), sent(2), said(2, "expired")}, false},
		"both":                        {credit.ProductTerms, []domain.Event{sent(1), sent(2), said(2, "expired"), said(1, "undelivered")}, true},
		"the first final one wins":    {credit.ProductTerms, []domain.Event{sent(1), said(1, "delivered"), said(1, "undelivered")}, false},
		"unknown is not final":        {credit.ProductTerms, []domain.Event{sent(1), said(1, "unknown"), said(1, "undelivered")}, true},
		"unknown alone never refunds": {unknownRefunds, []domain.Event{sent(1), said(1, "unknown")}, false},
		"a receipt that is kept":      {onlyUndelivered, []domain.Event{sent(1), said(1, "expired")}, false},
		"other events are ignored":    {credit.ProductTerms, []domain.Event{message.SmsAttempted{Attempt: 1}, said(1, "expired")}, false},
	} {
		var facts refunding.Facts
		for _, event := range c.log {
			before := facts
			facts = facts.With(event)
			if !reflect.DeepEqual(before.With(event), facts) {
				t.Errorf("%s: facts were changed", name)
			}
		}
		ask, ok := refunding.OnAttempt(c.terms, why, "M1", facts)
		if ok != c.want || ok != (ask == credit.ProveNonDelivery{Because: why, Message: "M1", GraceDays: 30}) {
			t.Errorf("%s: %+v, %t", name, ask, ok)
		}
	}
}

// charged returns books of three messages: M2 and M3 at noon, M1 an hour later, at two each.
func charged(t *testing.T) (books credit.State) {
	t.Helper()
	books = do(t, books, credit.Purchase{Because: why, Purchase: "P1", Amount: 9})
	for message, at := range map[string]time.Time{"M1": noon.Add(time.Hour), "M2": noon, "M3": noon} {
		books = do(t, books, credit.Hold{Because: why, Message: message, Segments: 1, UnitPrice: 2, Country: "BR", Home: "UTC"})
		books = do(t, books, credit.Accept{Because: why, Message: message, Attempt: 1, Provider: "alpha", SentAt: at})
	}
	return books
}

func do(t *testing.T, books credit.State, command credit.Command) credit.State {
	t.Helper()
	events, err := credit.Decide(books, command)
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range events {
		books = credit.Evolve(books, event)
	}
	return books
}

func declared(id string, start, end time.Time) window.RefundWindowDeclared {
	return window.RefundWindowDeclared{Window: id, Terms: window.Terms{
		Bounds: window.Bounds{Kind: window.Instants, Start: start, End: end},
	}}
}

func TestOnWindowReturnsNeededCommandsInOrder(t *testing.T) {
	books := charged(t)
	ask := func(message, window string, was, is, clawback bool) credit.Command {
		return credit.Recover{
			Because: why, Message: message, Window: window, WasCovered: was, IsCovered: is, Clawback: clawback, GraceDays: 30,
		}
	}
	declare := refunding.After(window.Set{}, declared("W1", noon, noon.Add(2*time.Hour)))
	preview := refunding.Preview(declare, credit.ProductTerms, why, books)
	if want := (window.Totals{Accounts: 1, Messages: 3, Refunded: 6}); preview != want {
		t.Errorf("preview %+v, want %+v", preview, want)
	}
	asks := refunding.OnWindow(declare, credit.ProductTerms, why, books)
	want := []credit.Command{
		ask("M2", "W1", false, true, false), ask("M3", "W1", false, true, false), ask("M1", "W1", false, true, false),
	}
	if !reflect.DeepEqual(asks, want) {
		t.Fatalf("asks\n got: %+v\nwant: %+v", asks, want)
	}
	for i, command := range asks { // after a crash the rest is left, and nothing is repeated
		if left := refunding.OnWindow(declare, credit.ProductTerms, why, books); !reflect.DeepEqual(left, want[i:]) {
			t.Fatalf("after %d of them: %+v", i, left)
		}
		books = do(t, books, command)
	}
	if left := refunding.OnWindow(declare, credit.ProductTerms, why, books); len(left) > 0 {
		t.Fatalf("commands after all is done: %+v", left)
	}
	later := refunding.After(declare.After, declared("W2", noon.Add(time.Hour), noon.Add(2*time.Hour)))
	if asks := refunding.OnWindow(later, credit.ProductTerms, why, books); len(asks) > 0 {
		t.Errorf("a second window over the same messages returns commands %+v", asks)
	}
	gone := refunding.After(later.After, window.RefundWindowRevoked{Window: "W1", Clawback: true})
	if totals := refunding.Preview(gone, credit.ProductTerms, why, books); totals != (window.Totals{Accounts: 1, Messages: 2, Reversed: 4}) {
		t.Errorf("the preview of a clawback is %+v", totals)
	}
	asks = refunding.OnWindow(gone, credit.ProductTerms, why, books)
	if want := []credit.Command{ask("M2", "W1", true, false, true), ask("M3", "W1", true, false, true)}; !reflect.DeepEqual(asks, want) {
		t.Errorf("clawback\n got: %+v\nwant: %+v", asks, want)
	}
	kind := refunding.After(later.After, window.RefundWindowRevoked{Window: "W1"})
	if totals := refunding.Preview(kind, credit.ProductTerms, why, books); totals != (window.Totals{}) {
		t.Errorf("a revocation without clawback moves %+v", totals)
	}
	for _, command := range refunding.OnWindow(kind, credit.ProductTerms, why, books) {
		books = do(t, books, command)
	}
	for message, want := range map[string][]string{"M1": {"window:W2"}, "M2": {"goodwill"}} {
		charge, _ := books.Charge(message)
		if got := refunding.Supports(kind.After, "A1", charge); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is supported by %v, want %v", message, got, want)
		}
	}
}
