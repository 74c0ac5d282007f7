package commands_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/window"
)

// brazil is a window over the whole of a Monday, for one country.
func brazil(id string, day time.Time) window.Declare {
	return window.Declare{Window: id, Terms: window.Terms{
		Scope: window.Scope{Countries: []string{"BR"}},
		Bounds: window.Bounds{
			Kind: window.LocalDates, Zone: "America/Sao_Paulo", StartDate: day.Format(time.DateOnly), Days: 1,
		},
	}}
}

func (w *world) operator(wish domain.Command) {
	w.t.Helper()
	_, err := w.engine.Do(w.t.Context(), anyone, wish)
	w.ok(err)
	w.settle()
}

func (w *world) owned() int64 {
	w.t.Helper()
	books, _, err := commands.Load(w.t.Context(), w.engine, credit.Decider, credit.StreamOf(w.account))
	w.ok(err)
	return books.Owned()
}

const start, price = 10_000_000, 800_000

func TestAWindowDeclaredLaterRefundsWhatItCovers(t *testing.T) {
	w := newWorld(t)
	id := w.remind(w.book("a", tuesday))
	w.settle()
	if w.owned() != start-price {
		t.Fatalf("after one text %d are owned", w.owned())
	}
	declare := brazil("w1", monday)
	preview, err := w.books.Preview(t.Context(), window.RefundWindowDeclared{Window: "w1", Terms: declare.Terms})
	if want := (window.Totals{Accounts: 1, Messages: 1, Refunded: price}); err != nil || preview != want {
		t.Fatalf("the preview is %+v, %v; want %+v", preview, err, want)
	}
	if w.owned() != start-price {
		t.Fatal("a preview moved credits")
	}
	w.operator(declare)
	if w.owned() != start {
		t.Fatalf("after the window %d are owned", w.owned())
	}
	w.operator(window.Revoke{Window: "w1", Clawback: true})
	if w.owned() != start-price || w.charge(id).Stage != credit.Captured {
		t.Fatalf("after taking it back %d are owned", w.owned())
	}
}

func TestAWindowKnownBeforeWaivesTheCharge(t *testing.T) {
	w := newWorld(t)
	w.operator(brazil("w1", monday))
	id := w.remind(w.book("a", tuesday))
	w.settle()
	if stage := w.charge(id).Stage; stage != credit.Waived || len(w.alpha.sent) != 1 || w.owned() != start {
		t.Fatalf("stage %v, %d texts, %d owned", stage, len(w.alpha.sent), w.owned())
	}
}

func TestAReceiptThatProvesNonDeliveryRefundsOnce(t *testing.T) {
	w := newWorld(t)
	id := w.remind(w.book("a", tuesday))
	w.settle()
	for _, state := range []string{"undelivered", "undelivered", "delivered"} { // the first final word counts
		_, err := commands.Receive(t.Context(), w.engine, commands.Receipt{
			Reference: commands.ReferenceOf(id, 1), State: state, At: w.now.Add(time.Minute),
		})
		w.ok(err)
		w.settle()
		if w.owned() != start {
			t.Fatalf("after %s %d are owned", state, w.owned())
		}
	}
}

// Losing every checkpoint costs time only: the whole log is reacted to again and nothing is appended.
func TestReactingToTheWholeLogAgainChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.alpha.answers = []error{refused("provider"), nil, refused("permanent"), errLost}
	for i := range 5 {
		w.now = monday.Add(time.Duration(i*7*24) * time.Hour)
		id := w.remind(w.book(string(rune('a'+i)), w.now.Add(24*time.Hour)))
		w.settle()
		if i == 1 {
			_, err := commands.Receive(t.Context(), w.engine, commands.Receipt{
				Reference: commands.ReferenceOf(id, 1), State: "undelivered", At: w.now,
			})
			w.ok(err)
		}
	}
	w.operator(brazil("w1", monday))
	w.operator(brazil("w2", monday.Add(7*24*time.Hour)))
	w.operator(window.Revoke{Window: "w1"})
	before, err := w.log.Head(t.Context())
	w.ok(err)
	texts, mails := len(w.alpha.sent)+len(w.beta.sent), len(w.mails)
	clear(w.saved)
	w.restart()
	w.settle()
	after, err := w.log.Head(t.Context())
	w.ok(err)
	if after != before || len(w.alpha.sent)+len(w.beta.sent) != texts || len(w.mails) != mails {
		t.Fatalf("the log went from %s to %s, texts from %d to %d, emails from %d to %d", before, after,
			texts, len(w.alpha.sent)+len(w.beta.sent), mails, len(w.mails))
	}
}

func TestAGrantEndsWhenItsTimeHasCome(t *testing.T) {
	w := newWorld(t)
	w.do(credit.Grant{
		Because: credit.Because{Account: w.account.String(), Cause: "c", RecordedAt: w.now},
		Grant:   "gift", Amount: 5_000_000, ExpiresAt: w.now.Add(time.Hour),
	})
	for _, step := range []struct {
		later time.Duration
		want  int64
	}{{0, start + 5_000_000}, {time.Hour, start}, {time.Hour, start}} {
		w.now = w.now.Add(step.later)
		w.ok(w.books.ExpireGrants(t.Context(), w.account))
		if w.owned() != step.want {
			t.Fatalf("at %s %d are owned, not %d", w.now, w.owned(), step.want)
		}
	}
}
