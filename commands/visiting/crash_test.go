package visiting_test

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// errCrash is what every call of a store returns after the crash.
var errCrash = errors.New("the server was killed")

// stopping returns an engine whose process is killed right after an event of a type is appended.
func (w *world) stopping(after string) *commands.Engine {
	return commands.NewEngine(&crashing{Store: w.Log, after: after}, w.Codec, func() time.Time { return w.Now },
		aggregates.All()...)
}

type crashing struct {
	commands.Store
	after   string
	crashed bool
}

func (s *crashing) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	if s.crashed {
		return domain.Appended{}, errCrash
	}
	appended, err := s.Store.Append(ctx, stream, expected, events)
	if s.crashed = events[0].Type == s.after; s.crashed {
		return domain.Appended{}, errCrash
	}
	return appended, err
}

func (s *crashing) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	if s.crashed {
		return func(yield func(domain.Entry, error) bool) { yield(domain.Entry{}, errCrash) }
	}
	return s.Store.ReadStream(ctx, stream, from)
}

// begun returns the appointments that visitors have begun, as the sweeper finds them in the log.
func (w *world) begun() (ids []domain.AppointmentID) {
	w.T.Helper()
	filter := domain.Filter{Types: domain.NamesOf(appointment.StartHeld{})}
	for entry, err := range w.Log.ReadAll(w.T.Context(), domain.Position{}, filter) {
		w.Ok(err)
		recorded, err := w.Codec.Decode(entry)
		w.Ok(err)
		ids = append(ids, recorded.Event.(appointment.StartHeld).Appointment)
	}
	return ids
}
