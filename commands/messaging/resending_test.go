package messaging_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/commands/outages"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/route"
)

// sentBy is a read model with the texts that a provider accepted without reporting on them.
type sentBy map[string][]messaging.WaitingMessage

func (q sentBy) SentWithoutReceipt(
	_ context.Context, provider string, _ time.Time, _ int,
) ([]messaging.WaitingMessage, error) {
	return q[provider], nil
}

// A text that alpha accepted in an outage goes out again through beta, marked, if the account accepts that. Otherwise,
// or if only receipts are lost, it does not.
func TestTextsOfAnOutageAreSentAgainOnlyIfAllowed(t *testing.T) {
	for _, c := range []struct {
		name  string
		allow bool
		cause outage.Cause
		texts int
	}{
		{"allowed", true, outage.Silent, 1},
		{"not allowed", false, outage.Silent, 0},
		{"only receipts are lost", true, outage.ReceiptsOnly, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			w.Do(account.SetTextLimits{Account: w.Account, Limits: account.TextLimits{PossibleDuplicates: c.allow}})
			id := w.Remind(w.Book("a", commandstest.Tuesday))
			w.Settle()
			w.Dispatch.Cells = outages.Cells{Engine: w.Engine}
			w.Dispatch.Unreceipted = sentBy{"alpha": {{Message: id, Account: w.Account, Attempts: 1, Since: w.Now}}}
			w.Now = w.Now.Add(10 * time.Minute)
			w.Operate(outage.Detect{
				Cell: outage.Cell{Provider: "alpha"}, ChangePoint: w.Now.Add(-10 * time.Minute), At: w.Now, Cause: c.cause,
			})
			w.Settle()
			if len(w.Beta.Sent) != c.texts {
				t.Fatalf("beta got %d texts, want %d", len(w.Beta.Sent), c.texts)
			}
			if attempts := w.Message(id).Attempts; len(attempts) != 1+c.texts {
				t.Errorf("the text has %d attempts, want %d", len(attempts), 1+c.texts)
			}
			if charges := w.Charges(id); charges != 1 {
				t.Errorf("the text was charged %d times, want once", charges)
			}
			if marked := marks(w, id); marked != c.texts {
				t.Errorf("%d attempts are marked as possible duplicates, want %d", marked, c.texts)
			}
		})
	}
}

// marks counts the attempts at a text that are marked as possible duplicates.
func marks(w *commandstest.World, id domain.MessageID) (count int) {
	w.T.Helper()
	for entry, err := range w.Log.ReadStream(w.T.Context(), message.Stream(id), 0) {
		w.Ok(err)
		recorded, err := w.Codec.Decode(entry)
		w.Ok(err)
		if e, ok := recorded.Event.(message.SmsAttempted); ok && e.PossibleDuplicate {
			count++
		}
	}
	return count
}

// A switch by another node is in force for the next text of this one, which remembers the route as it was.
func TestSwitchByAnotherNodeIsInForceForTheNextText(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Remind(w.Book("a", commandstest.Tuesday))
	w.Settle()
	other := commands.NewEngine(w.Log, w.Codec, func() time.Time { return w.Now }, aggregates.All()...)
	_, err := other.Do(t.Context(), commandstest.Anyone, route.Switch{
		Country: "BR", Provider: "beta", By: "operator", Reason: "ban",
	})
	w.Ok(err)
	w.Now = w.Now.AddDate(0, 0, 7)
	w.Remind(w.Book("b", w.Now.AddDate(0, 0, 1)))
	w.Settle()
	if len(w.Alpha.Sent) != 1 || len(w.Beta.Sent) != 1 {
		t.Fatalf("alpha got %d texts and beta %d, want 1 each", len(w.Alpha.Sent), len(w.Beta.Sent))
	}
}

// failing is a store that cannot read the streams of a category.
type failing struct {
	commands.Store
	category string
}

func (f failing) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	if stream.Category() == f.category {
		return func(yield func(domain.Entry, error) bool) { yield(domain.Entry{}, domain.ErrUnavailable) }
	}
	return f.Store.ReadStream(ctx, stream, from)
}

// While nobody can tell whether the client opted out, the text is neither sent nor suppressed.
func TestTextWaitsWhileItsOptOutCannotBeRead(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := w.Remind(w.Book("a", commandstest.Tuesday))
	engine := commands.NewEngine(failing{w.Log, "optout"}, w.Codec, func() time.Time { return w.Now }, aggregates.All()...)
	w.Dispatch.OptOuts = commands.OptOuts{Engine: engine, Keys: w.Vault}
	_, err := w.Reactor("books", w.Books.Handlers()...).Step(t.Context())
	w.Ok(err)
	if err := w.Dispatch.Send(t.Context(), w.Origin(), id); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("the error is %v, want that of the store", err)
	}
	if got := w.Message(id).Status(); got != message.Queued || len(w.Alpha.Sent) != 0 {
		t.Errorf("the text is %s after %d texts, want queued after none", got, len(w.Alpha.Sent))
	}
}
