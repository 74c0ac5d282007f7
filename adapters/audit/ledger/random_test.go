package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/adapters/audit/ledger"
	windows "github.com/clickbook/clickbook/domain/window"
)

// randomFacts draws logs of facts in unlikely combinations: receipts before acceptances, failures after them, windows
// declared late, amended and revoked, lots that expire during holds, months that close in between, facts recorded out
// of order, and a few that the rules refuse.
type randomFacts struct {
	*rand.Rand
	tame  bool // only what property P5 is about: no grants, amendments or revocations, and enough credits
	facts []ledger.Fact
	at    time.Time
}

// drawFacts draws facts from a seed. Rapid's own numbers tend to be small, which makes for monotonous logs.
func drawFacts(t *rapid.T, tame bool) []ledger.Fact {
	seed := func(name string) uint64 { return rapid.Uint64().Draw(t, name)*31 + rapid.Uint64().Draw(t, name) }
	f := &randomFacts{
		Rand: rand.New(rand.NewPCG(seed("seed"), seed("seed"))), tame: tame,
		at: time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC),
	}
	f.add(ledger.Fact{Type: "AccountOpened", Account: "A1", HomeZone: "Pacific/Auckland"})
	f.add(ledger.Fact{Type: "AccountOpened", Account: "A2", HomeZone: "UTC"})
	for i, account := range []string{"A1", "A2"} {
		amount := f.whole(1, 30)
		if tame {
			amount = new(ledger.Whole(1000))
		} else {
			f.add(ledger.Fact{
				Type: "CreditsGranted", Account: account, Grant: fmt.Sprintf("G%d", i+1), Amount: f.whole(1, 12), ExpiresAt: f.moment(),
			})
		}
		f.add(ledger.Fact{
			Type: "CreditsPurchased", Account: account, Purchase: fmt.Sprintf("P%d", i+1), Amount: amount,
		})
	}
	for range rapid.IntRange(1, 60).Draw(t, "facts") {
		f.at = f.at.Add(time.Duration(f.IntN(24)-2) * time.Hour)
		f.next()
	}
	return f.facts
}

func (f *randomFacts) add(fact ledger.Fact) {
	fact.EventID = fmt.Sprintf("e%d", len(f.facts)+1)
	fact.RecordedAt = ledger.Instant{Time: f.at}
	f.facts = append(f.facts, fact)
}

func (f *randomFacts) one(kind string, n int) string { return fmt.Sprintf("%s%d", kind, 1+f.IntN(n)) }

func (f *randomFacts) of(values ...string) string { return values[f.IntN(len(values))] }

func (f *randomFacts) whole(low, high int) *ledger.Whole {
	return new(ledger.Whole(low + f.IntN(high-low+1)))
}

func (f *randomFacts) flip() bool { return f.IntN(2) == 0 }

// moment returns one of 25 instants in six days, so that many facts meet at the edges of windows.
func (f *randomFacts) moment() ledger.Instant {
	hours := f.IntN(25) * 6
	return ledger.Instant{Time: time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC).Add(time.Duration(hours) * time.Hour)}
}

func (f *randomFacts) next() {
	message, account := f.one("M", 6), f.one("A", 2)
	provider := f.of("prov-a", "prov-b")
	number := ledger.Whole(1 + f.IntN(3)*f.IntN(2))
	switch draw := f.IntN(100); {
	case draw < 24:
		f.add(ledger.Fact{
			Type: "ReminderQueued", Message: message, Account: account, Segments: f.whole(1, 3), UnitPrice: f.whole(1, 4),
			ScheduledFor: f.moment(), ToCountry: f.of("AU", "BR"),
		})
		if f.flip() {
			return
		}
		fallthrough
	case draw < 38:
		f.add(ledger.Fact{Type: "SmsSent", Message: message, Attempt: number, Provider: provider, SentAt: f.moment()})
	case draw < 41:
		f.add(ledger.Fact{Type: "SmsFailed", Message: message, Attempt: number, Final: new(f.flip())})
	case draw < 56:
		f.add(ledger.Fact{
			Type: "DeliveryReported", Message: message, Attempt: number,
			State: f.of("delivered", "undelivered", "expired", "unknown"),
		})
	case draw < 63:
		f.add(ledger.Fact{
			Type: "ManualRefundIssued", Message: message, RefundKey: f.one("RF", 4), Amount: f.whole(0, 8),
		})
	case draw < 74 || f.tame:
		f.window("RefundWindowDeclared")
	default:
		f.nextUntamed(draw, account)
	}
}

func (f *randomFacts) nextUntamed(draw int, account string) {
	switch {
	case draw < 80:
		f.window("RefundWindowAmended")
	case draw < 89:
		f.add(ledger.Fact{Type: "RefundWindowRevoked", Window: f.one("W", 3), Clawback: f.flip()})
	case draw < 91:
		f.add(ledger.Fact{
			Type: "CreditsPurchased", Account: account, Purchase: f.one("P", 9), Amount: f.whole(-1, 20),
		})
	case draw < 94:
		f.add(ledger.Fact{
			Type: "CreditsGranted", Account: account, Grant: f.one("G", 5), Amount: f.whole(1, 12),
			ExpiresAt: f.moment(),
		})
	case draw < 98:
		grant := f.one("G", 5)
		if f.flip() {
			grant += f.of("+r1|", "+r2|", "+r3|", "+h|") + f.one("M", 6)
		}
		f.add(ledger.Fact{Type: "GrantExpired", Grant: grant})
	default:
		f.add(ledger.Fact{
			Type: "PeriodClosed", Period: f.of("2026-02", "2026-03", "2026-04"),
			Zone: f.of("UTC", "Pacific/Auckland"),
		})
	}
}

func (f *randomFacts) window(kind string) {
	fact := ledger.Fact{Type: kind, Window: f.one("W", 3), Clawback: f.flip()}
	fact.Scope = &windows.Scope{}
	for _, narrow := range []struct {
		list   *[]string
		values []string
	}{
		{&fact.Scope.Countries, []string{"AU", "BR"}},
		{&fact.Scope.Providers, []string{"prov-a", "prov-b"}},
		{&fact.Scope.Accounts, []string{"A1", "A2"}},
	} {
		if f.IntN(8) == 0 {
			*narrow.list = []string{f.of(narrow.values...)}
		}
	}
	switch f.IntN(4) {
	case 0:
		fact.Bounds = &ledger.FactBounds{
			Kind: "local_dates", ZoneMode: "account_home", StartDate: "2026-03-29", Days: *f.whole(1, 5),
		}
	case 1:
		fact.Bounds = &ledger.FactBounds{Kind: "instants", Start: f.moment(), End: f.moment()}
	default: // half of the moments
		start := f.moment()
		fact.Bounds = &ledger.FactBounds{
			Kind: "instants", Start: start, End: ledger.Instant{Time: start.Add(3 * 24 * time.Hour)},
		}
	}
	if f.tame && !fact.Bounds.Start.IsZero() && !fact.Bounds.Start.Before(fact.Bounds.End.Time) {
		fact.Bounds.End = ledger.Instant{Time: fact.Bounds.Start.Add(time.Hour)}
	}
	f.add(fact)
}
