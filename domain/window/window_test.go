package window_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/window"
)

type example = domaintest.Example[window.Command, window.Event]

func instant(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return at
}

func instants(start, end string) window.Bounds {
	return window.Bounds{Kind: window.Instants, Start: instant(start), End: instant(end)}
}

func dates(zone, start string, days int) window.Bounds {
	return window.Bounds{Kind: window.LocalDates, Zone: zone, StartDate: start, Days: days}
}

var (
	march    = window.Terms{Bounds: dates("Europe/Berlin", "2026-03-18", 14)}
	brazil   = window.Terms{Scope: window.Scope{Countries: []string{"BR"}}, Bounds: march.Bounds}
	declared = window.RefundWindowDeclared{Window: "W1", Terms: march}
	amended  = window.RefundWindowAmended{Window: "W1", Terms: brazil, Clawback: true}
	revoked  = window.RefundWindowRevoked{Window: "W1"}
	reversed = window.RefundWindowRevoked{Window: "W1", Clawback: true}
	large    = window.Totals{Accounts: 2, Messages: 3, Refunded: 11}
)

func TestWindow(t *testing.T) {
	domaintest.Run(t, window.Decider, append([]example{
		{
			Name: "declared", When: window.Declare{Window: "W1", Terms: march}, Then: []window.Event{declared},
		},
		{
			Name: "declared in any order of words and in any offset",
			When: window.Declare{Window: "W1", Terms: window.Terms{
				Scope:  window.Scope{Countries: []string{"US", "BR", "US"}, Accounts: []string{}},
				Bounds: instants("2026-03-18T11:00:00.0000009+11:00", "2026-03-31T23:59:59.9999999Z"),
			}},
			Then: []window.Event{window.RefundWindowDeclared{Window: "W1", Terms: window.Terms{
				Scope:  window.Scope{Countries: []string{"BR", "US"}},
				Bounds: instants("2026-03-18T00:00:00Z", "2026-03-31T23:59:59.999999Z"),
			}}},
		},
		{
			Name: "the same declaration again is one", Given: []window.Event{declared},
			When: window.Declare{Window: "W1", Terms: march},
		},
		{
			Name: "the same declaration again is one, even after it was amended", Given: []window.Event{declared, amended},
			When: window.Declare{Window: "W1", Terms: march},
		},
		{
			Name: "the id of another window", Given: []window.Event{declared},
			When: window.Declare{Window: "W1", Terms: brazil}, Refused: window.ErrWindowIDReused,
		},
		{Name: "no id", When: window.Declare{Terms: march}, Refused: window.ErrWindowIDMissing},
		{
			Name:    "a large one needs two people",
			When:    window.Declare{Window: "W1", Terms: march, Signed: window.Signed{Preview: large, By: "ann", ApprovedBy: "ann"}, ApprovalAbove: 10},
			Refused: window.ErrApprovalRequired,
		},
		{
			Name: "a large one of two people",
			When: window.Declare{Window: "W1", Terms: march, Signed: window.Signed{Preview: large, By: "ann", ApprovedBy: "bob"}, ApprovalAbove: 10},
			Then: []window.Event{window.RefundWindowDeclared{"W1", march, window.Signed{Preview: large, By: "ann", ApprovedBy: "bob"}}},
		},
		{
			Name: "amended", Given: []window.Event{declared},
			When: window.Amend{Window: "W1", Terms: brazil, Clawback: true}, Then: []window.Event{amended},
		},
		{
			Name: "amended to what it is", Given: []window.Event{declared, amended},
			When: window.Amend{Window: "W1", Terms: brazil},
		},
		{Name: "amended and never declared", When: window.Amend{Window: "W1", Terms: march}, Refused: window.ErrUnknownWindow},
		{
			Name: "amended after it was revoked", Given: []window.Event{declared, revoked},
			When: window.Amend{Window: "W1", Terms: march}, Refused: window.ErrWindowRevoked,
		},
		{
			Name: "revoked", Given: []window.Event{declared}, When: window.Revoke{Window: "W1"},
			Then: []window.Event{revoked},
		},
		{Name: "revoked twice", Given: []window.Event{declared, revoked}, When: window.Revoke{Window: "W1"}},
		{
			Name: "revoked twice with clawback", Given: []window.Event{declared, reversed},
			When: window.Revoke{Window: "W1", Clawback: true},
		},
		{
			Name: "a clawback after its refunds were kept", Given: []window.Event{declared, revoked},
			When: window.Revoke{Window: "W1", Clawback: true}, Refused: window.ErrRefundsKept,
		},
		{
			Name: "revoked without clawback after its refunds were taken back", Given: []window.Event{declared, reversed},
			When: window.Revoke{Window: "W1"}, Refused: window.ErrRefundsReversed,
		},
		{Name: "revoked and never declared", When: window.Revoke{Window: "W1"}, Refused: window.ErrUnknownWindow},
		{
			Name: "a clawback needs two people as well", Given: []window.Event{declared},
			When: window.Revoke{
				Window: "W1", Clawback: true, Signed: window.Signed{Preview: window.Totals{Reversed: 11}, By: "ann"},
				ApprovalAbove: 10,
			},
			Refused: window.ErrApprovalRequired,
		},
	}, proposals()...))
}

func TestWindowRefusesBadTerms(t *testing.T) {
	given := window.Evolve(window.State{}, declared)
	for _, c := range []struct {
		code   string
		bounds window.Bounds
		scope  window.Scope
	}{
		{"zone_required", window.Bounds{Kind: window.LocalDates, StartDate: "2026-03-18", Days: 14}, window.Scope{}},
		{"zone_required", dates("", "2026-03-18", 14), window.Scope{}},
		{"unknown_zone", dates("Local", "2026-03-18", 14), window.Scope{}},
		{"unknown_zone", dates("AEST", "2026-03-18", 14), window.Scope{}},
		{"unknown_zone", dates("EST", "2026-03-18", 14), window.Scope{}},
		{"empty_window", dates("UTC", "2026-03-18", 0), window.Scope{}},
		{"empty_window", dates("UTC", "2026-03-18", -1), window.Scope{}},
		{"window_too_long", dates("UTC", "2026-03-18", 1<<40), window.Scope{}},
		{"date_malformed", dates("UTC", "2026-02-30", 1), window.Scope{}},
		{"empty_window", instants("2026-04-01T00:00:00Z", "2026-04-01T00:00:00Z"), window.Scope{}},
		{"empty_window", instants("2026-04-01T00:00:00Z", "2026-04-01T00:00:00.0000009Z"), window.Scope{}},
		{"empty_window", instants("2026-04-01T00:00:00Z", "2026-03-18T00:00:00Z"), window.Scope{}},
		{"bounds_incomplete", window.Bounds{}, window.Scope{}},
		{"bounds_incomplete", window.Bounds{Kind: window.Instants, Start: instant("2026-04-01T00:00:00Z")}, window.Scope{}},
		{"unknown_country", march.Bounds, window.Scope{Countries: []string{"UK"}}},
		{"unknown_country", window.Bounds{}, window.Scope{Countries: []string{"GB", "uk"}}},
	} {
		want := domain.Refuse(domain.Invalid, c.code, "")
		terms := window.Terms{Scope: c.scope, Bounds: c.bounds}
		for _, ask := range []window.Command{window.Declare{Window: "W1", Terms: terms}, window.Amend{Window: "W1", Terms: terms}} {
			events, err := window.Decide(given, ask)
			if refusal, ok := domain.AsRefusal(err); !ok || !refusal.Is(want) || len(events) > 0 {
				t.Errorf("%+v: %v, want %s", ask, err, c.code)
			}
		}
	}
}
