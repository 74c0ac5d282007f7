package projections_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// purchased buys five micro-credits.
func purchased() []Append {
	return []Append{On(credit.StreamOf(Acme), Monday, credit.CreditsPurchased{Purchase: "p1", Posted: credit.Posted{
		Account: Acme.String(), EffectiveAt: Monday, RecordedAt: Monday,
		Postings: []credit.Posting{{From: credit.IssuedPaid, To: credit.Paid, Amount: 5}},
	}})}
}

func TestLedgerExplainsAFreeMessage(t *testing.T) {
	given := append(purchased(), On(credit.StreamOf(Acme), Monday, credit.HoldWaived{
		Posted:  credit.Posted{Account: Acme.String(), Cause: "queued", EffectiveAt: Monday, RecordedAt: Monday},
		Quote:   credit.Quote{Message: "m1", Price: 1_000_000, Country: "BR", Home: "UTC"},
		Windows: []string{"w1", "w2"},
	}))
	free := projections.Line{
		Entry: 2, Kind: "hold_waived", EffectiveAt: Monday, RecordedAt: Monday, Message: "m1", Windows: []string{"w1", "w2"},
		Cause: "queued",
	}
	find := func(account domain.AccountID, in projections.LineFilter) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return read.Ledger.Find(ctx, account, in)
		}
	}
	hour := domain.Interval{Start: Monday, End: Monday.Add(time.Hour)}
	Run(t, given, []Example{
		{Name: "of a message", Query: find(Acme, projections.LineFilter{Message: "m1"}), Want: []projections.Line{free}},
		{
			Name: "of a kind, when it took effect and was recorded",
			Query: find(Acme, projections.LineFilter{
				Kinds: []string{"hold_waived"}, Effective: hour, Recorded: hour,
			}),
			Want: []projections.Line{free},
		},
		{Name: "recorded later", Query: find(Acme, projections.LineFilter{Recorded: domain.Interval{Start: hour.End}})},
		{Name: "effective earlier", Query: find(Acme, projections.LineFilter{Effective: domain.Interval{End: Monday}})},
		{Name: "of another account", Query: find(Other, projections.LineFilter{})},
		{
			Name: "sums by kind",
			Query: func(ctx context.Context, read projections.Reader) (any, error) {
				return read.Ledger.Kinds(ctx, Acme)
			},
			Want: []projections.Kind{{Kind: "hold_waived", Lines: 1}, {Kind: "purchase", Lines: 1, Amount: 5}},
		},
		{
			Name: "the balance",
			Query: func(ctx context.Context, read projections.Reader) (any, error) {
				return read.Ledger.Balance(ctx, Acme)
			},
			Want: projections.Balance{Paid: 5},
		},
	})
}

func TestLedgerShowsWhatAPriceConsistsOf(t *testing.T) {
	text, mail := domain.DeriveID[domain.MessageID]("text"), domain.DeriveID[domain.MessageID]("mail")
	letter := message.Letter{
		Account: Acme, Channel: message.SMS, Country: "BR", Segments: 2, UnitPrice: 800_000, PriceList: 3,
	}
	first := letter
	first.PriceList = 0
	before := domain.DeriveID[domain.MessageID]("before there was a second list")
	held := func(id domain.MessageID, at time.Time) Append {
		return On(credit.StreamOf(Acme), at, credit.CreditsHeld{
			Posted: credit.Posted{
				Account: Acme.String(), Cause: "queued", EffectiveAt: at, RecordedAt: at,
				Postings: []credit.Posting{{From: credit.Paid, To: credit.HeldPaid, Amount: 1_600_000}},
			},
			Quote: credit.Quote{Message: id.String(), Price: 1_600_000, Country: "BR", Home: "UTC"},
		})
	}
	given := append(purchased(),
		On(message.Stream(text), Monday, message.ReminderQueued{Message: text, Letter: letter, Rule: "day"}),
		On(message.Stream(mail), Monday, message.NoticeQueued{
			Message: mail, Letter: message.Letter{Account: Acme, Channel: message.Email}, Kind: "move",
		}),
		On(message.Stream(before), Monday, message.NoticeQueued{Message: before, Letter: first, Kind: "move"}),
		held(text, Monday), held(before, Monday))
	w := New(t, Story(Opened(), given)...)
	for id, list := range map[domain.MessageID]int{text: 3, before: 1, mail: 0} {
		lines, err := w.Read.Ledger.Find(t.Context(), Acme, projections.LineFilter{Message: id.String()})
		if err != nil {
			t.Fatal(err)
		}
		want := []projections.Price{}
		if list > 0 {
			want = append(want, projections.Price{Country: "BR", Segments: 2, UnitPrice: 800_000, PriceList: list})
		}
		got := []projections.Price{}
		for _, line := range lines {
			got = append(got, line.Price)
		}
		if !slices.Equal(got, want) {
			t.Errorf("prices are %+v, want %+v", got, want)
		}
	}
}

func TestLedgerProofFindsAWrongPocket(t *testing.T) {
	w := New(t, Story(Opened(), purchased())...)
	for _, statement := range []string{
		"UPDATE ledger_pockets_v2 SET amount_micro = 6 WHERE pocket = 'paid'", "UPDATE ledger_v2 SET amount_micro = 4",
	} {
		err := w.DB.Write(t.Context(), func(tx readmodel.Tx) error { return tx.Exec(t.Context(), statement) })
		if err != nil {
			t.Fatal(err)
		}
		proof, err := w.Read.Ledger.Prove(t.Context(), Acme)
		if err != nil {
			t.Fatal(err)
		}
		if proof.Holds() {
			t.Fatalf("the proof holds after %s", statement)
		}
		if _, err := w.Projector.Rebuild(t.Context(), nil, "ledger"); err != nil {
			t.Fatal(err)
		}
		if proof, err = w.Read.Ledger.Prove(t.Context(), Acme); err != nil || !proof.Holds() {
			t.Fatalf("after a rebuild the proof is %+v (error %v)", proof, err)
		}
	}
}

// TestLedgerEqualsFoldedState decides random commands on the credits of one account after the other. The balance must
// be that of the folded state, the lines those of package credit, and the proof must hold.
func TestLedgerEqualsFoldedState(t *testing.T) {
	w := New(t)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		of := domain.DeriveID[domain.AccountID]("books", run)
		state, lines := credit.Decider.Initial, []credit.Line(nil)
		for range rapid.IntRange(1, 20).Draw(rt, "commands") {
			events, err := credit.Decide(state, drawCreditCommand(rt, of))
			if err != nil {
				continue // refused
			}
			for _, event := range events {
				state = credit.Evolve(state, event)
				lines = append(lines, credit.Lines(event)...)
				w.Append(Append{
					Account: of, At: Monday, Stream: credit.StreamOf(of), Events: []domain.Event{event},
				})
			}
		}
		w.CatchUp()
		balance, err := w.Read.Ledger.Balance(t.Context(), of)
		if err != nil {
			rt.Fatal(err)
		}
		got := []int64{balance.Paid, balance.Granted, balance.Held(), balance.Available(), balance.Owned()}
		want := []int64{state.Paid(), state.Granted(), state.Held(), state.Available(), state.Owned()}
		if !reflect.DeepEqual(got, want) {
			rt.Fatalf("the balance is %v, in the folded state %v", got, want)
		}
		checkLines(t.Context(), rt, w.Read.Ledger, of, lines)
		proof, err := w.Read.Ledger.Prove(t.Context(), of)
		if err != nil {
			rt.Fatal(err)
		}
		if !proof.Holds() {
			rt.Fatalf("the proof fails: %+v", proof)
		}
	})
}

// drawCreditCommand draws what owners, providers and refund windows ask of an account's credits.
func drawCreditCommand(rt *rapid.T, of domain.AccountID) credit.Command {
	why := credit.Because{Account: of.String(), Cause: "cause", RecordedAt: Monday}
	m := rapid.SampledFrom([]string{"m1", "m2", "m3"}).Draw(rt, "message")
	var covered []string
	if rapid.IntRange(0, 3).Draw(rt, "covered") == 0 {
		covered = []string{"w1", "w2"}
	}
	return rapid.SampledFrom([]credit.Command{
		credit.Purchase{Because: why, Purchase: m, Amount: 2_500_000},
		credit.Grant{Because: why, Grant: m, Amount: 1_500_000, ExpiresAt: Monday.Add(time.Hour)},
		credit.ExpireGrant{Because: why, Grant: m},
		credit.Hold{Because: why, Message: m, Segments: 2, UnitPrice: 1_000_000, Country: "BR", Home: "UTC", CoveredBy: covered},
		credit.Accept{Because: why, Message: m, Attempt: 1, Provider: "alpha", SentAt: Monday, CoveredBy: covered, GraceDays: 30},
		credit.Release{Because: why, Message: m, GraceDays: 30},
		credit.ProveNonDelivery{Because: why, Message: m},
		credit.RefundManually{Because: why, Message: m, RefundKey: "key", Amount: 700_000, GraceDays: 30},
	}).Draw(rt, "command")
}

// checkLines reads the ledger page by page and compares the lines that move an amount with those of package credit.
func checkLines(ctx context.Context, rt *rapid.T, ledger projections.Ledger, of domain.AccountID, want []credit.Line) {
	var got []credit.Line
	var after projections.LineCursor
	long := func(pocket string) string {
		if slices.Contains([]string{"paid", "granted", "held:paid", "held:granted"}, pocket) {
			return "acct:" + of.String() + ":" + pocket
		}
		return "sys:" + pocket
	}
	for {
		page, err := ledger.Find(ctx, of, projections.LineFilter{After: after, Limit: 3})
		if err != nil {
			rt.Fatal(err)
		}
		for _, line := range page {
			if line.Amount == 0 {
				continue
			}
			got = append(got, credit.Line{
				Cause: line.Cause, Kind: line.Kind, Tx: line.Tx, From: long(line.From), To: long(line.To), Amount: line.Amount,
				EffectiveAt: line.EffectiveAt, RecordedAt: line.RecordedAt, Account: of.String(), Message: line.Message,
				Reason: line.Reason, Lot: line.Lot,
			})
		}
		if len(page) < 3 {
			break
		}
		after = page[2].Cursor()
	}
	slices.Reverse(got)
	want = slices.Clone(want)
	for i := range want {
		want[i].LotExpiresAt = time.Time{} // the ledger names the lot, not when it expires
	}
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		rt.Fatalf("the ledger returned\n got: %+v\nwant: %+v", got, want)
	}
}

func TestLineCursorReadsBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cursor := projections.LineCursor{
			Entry: rapid.IntRange(1, 1<<40).Draw(rt, "entry"), Place: rapid.IntRange(0, 9).Draw(rt, "place"),
		}
		text, _ := cursor.MarshalText()
		var got projections.LineCursor
		if err := got.UnmarshalText(text); err != nil || got != cursor {
			rt.Fatalf("%s reads back as %v (error %v), want %v", text, got, err, cursor)
		}
	})
	for _, text := range []string{"", "x", strings.Repeat("z", 48), strings.Repeat("0", 47), "1-2-3", "01-2", "1-"} {
		var cursor projections.LineCursor
		if _, refused := domain.AsRefusal(cursor.UnmarshalText([]byte(text))); !refused {
			t.Errorf("%q was read as %v, want a refusal", text, cursor)
		}
	}
}
