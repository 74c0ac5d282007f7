package books_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/books"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/window"
)

// brazil returns a refund window for Brazil, over one local day.
func brazil(id string, day time.Time) window.Declare {
	return window.Declare{Window: id, Terms: window.Terms{
		Scope: window.Scope{Countries: []string{"BR"}},
		Bounds: window.Bounds{
			Kind: window.LocalDates, Zone: "America/Sao_Paulo", StartDate: day.Format(time.DateOnly), Days: 1,
		},
	}}
}

func TestWindowDeclaredLaterRefundsCoveredTexts(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	if w.Owned() != commandstest.Balance-commandstest.Price {
		t.Fatalf("after one text %d are owned, want the balance less one price", w.Owned())
	}
	declare := brazil("w1", commandstest.Monday)
	preview, err := w.Books.Preview(t.Context(), window.RefundWindowDeclared{Window: "w1", Terms: declare.Terms})
	if want := (window.Totals{Accounts: 1, Messages: 1, Refunded: commandstest.Price}); err != nil || preview != want {
		t.Fatalf("the preview is %+v, %v; want %+v", preview, err, want)
	}
	if w.Owned() != commandstest.Balance-commandstest.Price {
		t.Fatal("the preview moved credits")
	}
	w.Operate(declare)
	w.Settle()
	if w.Owned() != commandstest.Balance {
		t.Fatalf("after the window %d are owned, want the whole balance", w.Owned())
	}
	w.Operate(window.Revoke{Window: "w1", Clawback: true})
	w.Settle()
	if w.Owned() != commandstest.Balance-commandstest.Price || w.Charge(id).Stage != credit.Captured {
		t.Fatalf("after the clawback %d are owned, want the balance less one price", w.Owned())
	}
}

// wholeLog reads the log for every prefix.
type wholeLog struct{ domain.LogReader }

func (l wholeLog) ReadAll(
	ctx context.Context, after domain.Position, filter domain.Filter,
) iter.Seq2[domain.Entry, error] {
	return l.LogReader.ReadAll(ctx, after, domain.Filter{Types: filter.Types})
}

// Windows and accounts are read from their own streams. A scan of the whole log finds the same.
func TestPreviewEqualsThatOfAScan(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	w.Operate(brazil("w1", commandstest.Monday))
	w.Settle()
	w.Operate(window.Revoke{Window: "w1", Clawback: true})
	w.Operate(brazil("w2", commandstest.Tuesday))
	w.Settle()
	preview := func(log domain.LogReader) window.Totals {
		whole := books.Credits{Engine: w.Engine, Log: log, Terms: w.Books.Terms}
		terms := brazil("w3", commandstest.Monday).Terms
		totals, err := whole.Preview(t.Context(), window.RefundWindowDeclared{Window: "w3", Terms: terms})
		w.Ok(err)
		return totals
	}
	if got, want := preview(w.Log), preview(wholeLog{w.Log}); got != want || got.Refunded != commandstest.Price {
		t.Errorf("the preview is %+v; by a scan of the log it is %+v, with one price refunded", got, want)
	}
}

func TestWindowKnownBeforeWaivesCharge(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Operate(brazil("w1", commandstest.Monday))
	w.Settle()
	id := w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	if stage := w.Charge(id).Stage; stage != credit.Waived || len(w.Alpha.Sent) != 1 || w.Owned() != commandstest.Balance {
		t.Fatalf("stage %v, %d texts, %d owned; want waived, 1 text, the whole balance", stage, len(w.Alpha.Sent), w.Owned())
	}
}

func TestReceiptOfNonDeliveryRefundsOnce(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	for _, state := range []string{"undelivered", "undelivered", "delivered"} { // the first final receipt counts
		_, err := messaging.Receive(t.Context(), w.Engine, messaging.Receipt{
			Reference: messaging.ReferenceOf(id, 1), State: state, At: w.Now.Add(time.Minute),
		})
		w.Ok(err)
		w.Settle()
		if w.Owned() != commandstest.Balance {
			t.Fatalf("after %s %d are owned, want the whole balance", state, w.Owned())
		}
	}
}

// Without checkpoints the reactors read the whole log again and append nothing.
func TestHandlingTheWholeLogAgainChangesNothing(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Alpha.Results = []error{
		commandstest.Refused("provider"), nil, commandstest.Refused("permanent"), commandstest.ErrLost,
	}
	for i := range 5 {
		w.Now = commandstest.Monday.Add(time.Duration(i*7*24) * time.Hour)
		id := w.Remind(w.Book(string(rune('a'+i)), w.Now.Add(24*time.Hour)))
		w.Settle()
		if i == 1 {
			_, err := messaging.Receive(t.Context(), w.Engine, messaging.Receipt{
				Reference: messaging.ReferenceOf(id, 1), State: "undelivered", At: w.Now,
			})
			w.Ok(err)
		}
	}
	w.Operate(brazil("w1", commandstest.Monday))
	w.Settle()
	w.Operate(brazil("w2", commandstest.Monday.Add(7*24*time.Hour)))
	w.Settle()
	w.Operate(window.Revoke{Window: "w1"})
	w.Settle()
	before, err := w.Log.Head(t.Context())
	w.Ok(err)
	texts, mails := len(w.Alpha.Sent)+len(w.Beta.Sent), len(w.Mails)
	clear(w.Saved)
	w.Restart()
	w.Settle()
	after, err := w.Log.Head(t.Context())
	w.Ok(err)
	if after != before || len(w.Alpha.Sent)+len(w.Beta.Sent) != texts || len(w.Mails) != mails {
		t.Fatalf("the log went from %s to %s, texts from %d to %d, emails from %d to %d", before, after,
			texts, len(w.Alpha.Sent)+len(w.Beta.Sent), mails, len(w.Mails))
	}
}

func TestGrantExpiresAtItsTime(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Do(credit.Grant{
		Because: credit.Because{Account: w.Account.String(), Cause: "c", RecordedAt: w.Now},
		Grant:   "gift", Amount: 5_000_000, ExpiresAt: w.Now.Add(time.Hour),
	})
	for _, step := range []struct {
		later time.Duration
		want  int64
	}{{0, commandstest.Balance + 5_000_000}, {time.Hour, commandstest.Balance}, {time.Hour, commandstest.Balance}} {
		w.Now = w.Now.Add(step.later)
		w.Ok(w.Books.ExpireGrants(t.Context(), w.Account))
		if w.Owned() != step.want {
			t.Fatalf("at %s %d are owned, want %d", w.Now, w.Owned(), step.want)
		}
	}
}
