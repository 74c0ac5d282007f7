package jsonlines_test

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/adapters/jsonlines"
	windows "github.com/clickbook/clickbook/domain/window"
)

// fates draws logs of facts that nobody meant to happen together: receipts before acceptances, failures after them,
// windows declared late, moved and taken back, lots that expire under holds, months that close in between, facts
// recorded out of order, and a few that the rules refuse.
type fates struct {
	t     *rapid.T
	tame  bool // only what property P5 speaks of: no grants, no amendments, no revocations, money enough
	facts []jsonlines.Fact
	at    time.Time
}

func drawFacts(t *rapid.T, tame bool) []jsonlines.Fact {
	f := &fates{t: t, tame: tame, at: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	f.add(jsonlines.Fact{Type: "AccountOpened", Account: "A1", HomeZone: "Pacific/Auckland"})
	f.add(jsonlines.Fact{Type: "AccountOpened", Account: "A2", HomeZone: "UTC"})
	if tame {
		f.add(jsonlines.Fact{Type: "CreditsPurchased", Account: "A1", Purchase: "P0", Amount: new(jsonlines.Whole(1000))})
		f.add(jsonlines.Fact{Type: "CreditsPurchased", Account: "A2", Purchase: "P9", Amount: new(jsonlines.Whole(1000))})
	}
	for range rapid.IntRange(1, 45).Draw(t, "facts") {
		f.at = f.at.Add(time.Duration(rapid.IntRange(-6, 48).Draw(t, "hours")) * time.Hour)
		f.next()
	}
	return f.facts
}

func (f *fates) add(fact jsonlines.Fact) {
	fact.EventID = fmt.Sprintf("e%d", len(f.facts)+1)
	fact.RecordedAt = jsonlines.Instant{Time: f.at}
	f.facts = append(f.facts, fact)
}

func (f *fates) one(kind string, n int) string {
	return fmt.Sprintf("%s%d", kind, rapid.IntRange(1, n).Draw(f.t, kind))
}

func (f *fates) whole(name string, low, high int) *jsonlines.Whole {
	return new(jsonlines.Whole(rapid.IntRange(low, high).Draw(f.t, name)))
}

// moment is an hour of six days, so that many things meet at the edges.
func (f *fates) moment() jsonlines.Instant {
	hours := rapid.IntRange(0, 6*4).Draw(f.t, "moment") * 6
	return jsonlines.Instant{Time: time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC).Add(time.Duration(hours) * time.Hour)}
}

func (f *fates) next() {
	message, account := f.one("M", 6), f.one("A", 2)
	provider := rapid.SampledFrom([]string{"prov-a", "prov-b"}).Draw(f.t, "provider")
	number := jsonlines.Whole(rapid.IntRange(1, 3).Draw(f.t, "attempt"))
	switch draw := rapid.IntRange(0, 99).Draw(f.t, "fact"); {
	case draw < 22:
		f.add(jsonlines.Fact{
			Type: "ReminderQueued", Message: message, Account: account, Segments: f.whole("segments", 1, 3),
			UnitPrice: f.whole("price", 1, 4), ScheduledFor: f.moment(),
			ToCountry: rapid.SampledFrom([]string{"AU", "BR"}).Draw(f.t, "country"),
		})
	case draw < 44:
		f.add(jsonlines.Fact{Type: "SmsSent", Message: message, Attempt: number, Provider: provider, SentAt: f.moment()})
	case draw < 49:
		f.add(jsonlines.Fact{Type: "SmsFailed", Message: message, Attempt: number, Final: new(rapid.Bool().Draw(f.t, "final"))})
	case draw < 60:
		f.add(jsonlines.Fact{
			Type: "DeliveryReported", Message: message, Attempt: number,
			State: rapid.SampledFrom([]string{"delivered", "undelivered", "expired", "unknown"}).Draw(f.t, "state"),
		})
	case draw < 66:
		f.add(jsonlines.Fact{
			Type: "ManualRefundIssued", Message: message, RefundKey: f.one("RF", 4), Amount: f.whole("refund", 0, 8),
		})
	case draw < 78 || f.tame:
		f.window("RefundWindowDeclared")
	default:
		f.wild(draw, account)
	}
}

func (f *fates) wild(draw int, account string) {
	switch {
	case draw < 82:
		f.window("RefundWindowAmended")
	case draw < 86:
		f.add(jsonlines.Fact{Type: "RefundWindowRevoked", Window: f.one("W", 4), Clawback: rapid.Bool().Draw(f.t, "clawback")})
	case draw < 90:
		f.add(jsonlines.Fact{
			Type: "CreditsPurchased", Account: account, Purchase: f.one("P", 9), Amount: f.whole("bought", -1, 20),
		})
	case draw < 94:
		f.add(jsonlines.Fact{
			Type: "CreditsGranted", Account: account, Grant: f.one("G", 5), Amount: f.whole("granted", 1, 12),
			ExpiresAt: f.moment(),
		})
	case draw < 98:
		grant := f.one("G", 5)
		if rapid.Bool().Draw(f.t, "anew") {
			grant += rapid.SampledFrom([]string{"+r1|", "+r2|", "+r3|", "+h|"}).Draw(f.t, "lot") + f.one("M", 6)
		}
		f.add(jsonlines.Fact{Type: "GrantExpired", Grant: grant})
	default:
		f.add(jsonlines.Fact{
			Type: "PeriodClosed", Period: rapid.SampledFrom([]string{"2026-02", "2026-03", "2026-04"}).Draw(f.t, "period"),
			Zone: rapid.SampledFrom([]string{"UTC", "Pacific/Auckland"}).Draw(f.t, "zone"),
		})
	}
}

func (f *fates) window(kind string) {
	fact := jsonlines.Fact{Type: kind, Window: f.one("W", 4), Clawback: rapid.Bool().Draw(f.t, "clawback")}
	fact.Scope = &windows.Scope{}
	for _, narrow := range []struct {
		list   *[]string
		values []string
	}{
		{&fact.Scope.Countries, []string{"AU", "BR"}}, {&fact.Scope.Providers, []string{"prov-a", "prov-b"}},
		{&fact.Scope.Accounts, []string{"A1", "A2"}},
	} {
		if rapid.IntRange(0, 3).Draw(f.t, "narrow") == 0 {
			*narrow.list = []string{rapid.SampledFrom(narrow.values).Draw(f.t, "value")}
		}
	}
	switch rapid.IntRange(0, 2).Draw(f.t, "bounds") {
	case 0:
		fact.Bounds = &jsonlines.FactBounds{
			Kind: "local_dates", ZoneMode: "account_home", StartDate: "2026-03-29", Days: *f.whole("days", 1, 5),
		}
	default:
		fact.Bounds = &jsonlines.FactBounds{Kind: "instants", Start: f.moment(), End: f.moment()}
	}
	if f.tame && !fact.Bounds.Start.IsZero() && !fact.Bounds.Start.Before(fact.Bounds.End.Time) {
		fact.Bounds.End = jsonlines.Instant{Time: fact.Bounds.Start.Add(time.Hour)}
	}
	f.add(fact)
}
