package commandstest

import (
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
)

// History returns the event types of a stream, in order.
func (w *World) History(stream domain.Stream) (types []string) {
	w.T.Helper()
	for entry, err := range w.Log.ReadStream(w.T.Context(), stream, 0) {
		w.Ok(err)
		types = append(types, entry.Type)
	}
	return types
}

// Message returns the state of a message.
func (w *World) Message(id domain.MessageID) message.State {
	w.T.Helper()
	state, _, err := commands.Load(w.T.Context(), w.Engine, message.Decider, message.Stream(id))
	w.Ok(err)
	return state
}

// Free returns the clock times, in UTC, of the free starts in the 24 hours from day.
func (w *World) Free(day time.Time) (starts []string) {
	w.T.Helper()
	free, err := w.Openings.Between(w.T.Context(), w.Question(), hours24(day))
	w.Ok(err)
	for _, start := range free {
		starts = append(starts, start.At.Format("15:04"))
	}
	return starts
}

// Charge returns what the account's credits say about a message.
func (w *World) Charge(id domain.MessageID) credit.Charge {
	w.T.Helper()
	charge, _ := w.credits().Charge(id.String())
	return charge
}

// Owned returns the credits that the account owns, in micro-credits.
func (w *World) Owned() int64 {
	w.T.Helper()
	return w.credits().Owned()
}

func (w *World) credits() credit.State {
	w.T.Helper()
	state, _, err := commands.Load(w.T.Context(), w.Engine, credit.Decider, credit.StreamOf(w.Account))
	w.Ok(err)
	return state
}

// Charges counts how often a message was charged.
func (w *World) Charges(id domain.MessageID) (count int) {
	w.T.Helper()
	filter := domain.Filter{Types: domain.NamesOf(credit.CreditsCharged{})}
	for entry, err := range w.Log.ReadAll(w.T.Context(), domain.Position{}, filter) {
		w.Ok(err)
		recorded, err := w.Codec.Decode(entry)
		w.Ok(err)
		if recorded.Event.(credit.CreditsCharged).Message == id.String() {
			count++
		}
	}
	return count
}
