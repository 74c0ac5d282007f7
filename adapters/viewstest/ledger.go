package viewstest

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// wishes draws what people, carriers and windows want of an account's books.
func wishes(rt *rapid.T, of domain.AccountID) []credit.Command {
	var commands []credit.Command
	for range rapid.IntRange(1, 20).Draw(rt, "wishes") {
		why := credit.Because{Account: of.String(), Cause: "cause", RecordedAt: monday}
		m := rapid.SampledFrom([]string{"m1", "m2", "m3"}).Draw(rt, "message")
		var covered []string
		if rapid.IntRange(0, 3).Draw(rt, "covered") == 0 {
			covered = []string{"w1", "w2"}
		}
		commands = append(commands, rapid.SampledFrom([]credit.Command{
			credit.Purchase{Because: why, Purchase: m, Amount: 2_500_000},
			credit.Grant{Because: why, Grant: m, Amount: 1_500_000, ExpiresAt: monday.Add(time.Hour)},
			credit.ExpireGrant{Because: why, Grant: m},
			credit.Hold{Because: why, Message: m, Segments: 2, UnitPrice: 1_000_000, Country: "BR", Home: "UTC", CoveredBy: covered},
			credit.Accept{Because: why, Message: m, Attempt: 1, Provider: "alpha", SentAt: monday, CoveredBy: covered, GraceDays: 30},
			credit.Release{Because: why, Message: m, GraceDays: 30},
			credit.ProveNonDelivery{Because: why, Message: m},
			credit.RefundManually{Because: why, Message: m, RefundKey: "key", Amount: 700_000, GraceDays: 30},
		}).Draw(rt, "wish"))
	}
	return commands
}

func theLedgerIsTheBooks(t *testing.T, s Suite) {
	w := newWorld(t, s)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		of := domain.DeriveID[domain.AccountID]("books", run)
		state, lines := credit.Decider.Initial, []credit.Line(nil)
		for _, wish := range wishes(rt, of) {
			events, err := credit.Decide(state, wish)
			if err != nil {
				continue
			}
			for _, event := range events {
				state = credit.Evolve(state, event)
				lines = append(lines, credit.Lines(event)...)
				w.happened(of, monday, credit.StreamOf(of), event)
			}
		}
		w.catchUp()
		ledger := projections.Ledger{DB: w.db}
		balance, err := ledger.Balance(t.Context(), of)
		w.ok(err)
		got := []int64{balance.Paid, balance.Granted, balance.Held(), balance.Available(), balance.Owned()}
		want := []int64{state.Paid(), state.Granted(), state.Held(), state.Available(), state.Owned()}
		if !reflect.DeepEqual(got, want) {
			rt.Fatalf("the balance is %v, in the books %v", got, want)
		}
		sameLedger(rt, w, of, lines)
		proof, err := ledger.Prove(t.Context(), of)
		w.ok(err)
		if !proof.Holds() {
			rt.Fatalf("the proof fails: %+v", proof)
		}
	})
	results, err := w.projector.Rebuild(t.Context(), nil, "ledger")
	w.ok(err)
	if !results[0].Same() {
		t.Fatal("made anew the ledger is another one")
	}
}

// sameLedger reads the ledger page by page and compares what moves something with the lines of the books.
func sameLedger(rt *rapid.T, w *world, of domain.AccountID, want []credit.Line) {
	var got []credit.Line
	var after projections.LineCursor
	for {
		page, err := projections.Ledger{DB: w.db}.Find(w.t.Context(), of, projections.LineFilter{After: after, Limit: 3})
		w.ok(err)
		for _, line := range page {
			if line.Amount == 0 {
				continue
			}
			own := func(pocket string) string {
				if slices.Contains([]string{"paid", "granted", "held:paid", "held:granted"}, pocket) {
					return "acct:" + of.String() + ":" + pocket
				}
				return "sys:" + pocket
			}
			got = append(got, credit.Line{
				Cause: line.Cause, Kind: line.Kind, Tx: line.Tx, From: own(line.From), To: own(line.To), Amount: line.Amount,
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
		want[i].LotExpiresAt = time.Time{} // for auditors; the ledger names the lot
	}
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		rt.Fatalf("the ledger reads\n got: %+v\nwant: %+v", got, want)
	}
}

func aFreeMessageSaysWhy(t *testing.T, s Suite) {
	w := newWorld(t, s)
	opened(w)
	w.happened(acme, monday, credit.StreamOf(acme), credit.HoldWaived{
		Posted:  credit.Posted{Account: acme.String(), Cause: "queued", EffectiveAt: monday, RecordedAt: monday},
		Quote:   credit.Quote{Message: "m1", Price: 1_000_000, Country: "BR", Home: "UTC"},
		Windows: []string{"w1", "w2"},
	})
	w.catchUp()
	got, err := projections.Ledger{DB: w.db}.Find(t.Context(), acme, projections.LineFilter{Message: "m1"})
	w.ok(err)
	want := []projections.Line{{
		Entry: 1, Kind: "hold_waived", EffectiveAt: monday, RecordedAt: monday, Message: "m1", Windows: []string{"w1", "w2"},
		Cause: "queued",
	}}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("the ledger reads\n got: %+v\nwant: %+v", got, want)
	}
}

func aWrongPocketFailsTheProof(t *testing.T, s Suite) {
	w := newWorld(t, s)
	opened(w)
	w.happened(acme, monday, credit.StreamOf(acme), credit.CreditsPurchased{Purchase: "p1", Posted: credit.Posted{
		Account: acme.String(), EffectiveAt: monday, RecordedAt: monday,
		Postings: []credit.Posting{{From: credit.IssuedPaid, To: credit.Paid, Amount: 5}},
	}})
	w.catchUp()
	for _, spoil := range []string{
		"UPDATE ledger_pockets_v1 SET amount_micro = 6 WHERE pocket = 'paid'", "UPDATE ledger_v1 SET amount_micro = 4",
	} {
		w.ok(w.db.Write(t.Context(), func(tx readmodel.Tx) error { return tx.Exec(t.Context(), spoil) }))
		proof, err := projections.Ledger{DB: w.db}.Prove(t.Context(), acme)
		w.ok(err)
		if proof.Holds() {
			t.Fatalf("the proof holds after %s", spoil)
		}
		_, err = w.projector.Rebuild(t.Context(), nil, "ledger")
		w.ok(err)
	}
}

func marksAreReadBack(t *testing.T, _ Suite) {
	rapid.Check(t, func(rt *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(1, 1<<50).Draw(rt, "at")).UTC()
		mark := readmodel.Cursor{At: at, ID: uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(rt, "id"))}
		written, _ := mark.MarshalText()
		var read readmodel.Cursor
		if err := read.UnmarshalText(written); err != nil || read != mark {
			rt.Fatalf("%s is read as %v, %v, was %v", written, read, err, mark)
		}
		line := projections.LineCursor{Entry: rapid.IntRange(1, 1<<40).Draw(rt, "entry"), Place: rapid.IntRange(0, 9).Draw(rt, "place")}
		written, _ = line.MarshalText()
		var back projections.LineCursor
		if err := back.UnmarshalText(written); err != nil || back != line {
			rt.Fatalf("%s is read as %v, %v, was %v", written, back, err, line)
		}
	})
	for _, text := range []string{"", "x", strings.Repeat("z", 48), strings.Repeat("0", 47), "1-2-3", "01-2", "1-"} {
		var mark readmodel.Cursor
		var line projections.LineCursor
		if err := mark.UnmarshalText([]byte(text)); !isRefusal(err) {
			t.Errorf("%q is read as %v (%v)", text, mark, err)
		}
		if err := line.UnmarshalText([]byte(text)); !isRefusal(err) {
			t.Errorf("%q is read as %v (%v)", text, line, err)
		}
	}
}
