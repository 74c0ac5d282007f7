package installation

import (
	"context"
	"testing"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
)

// savedCheckpoints are checkpoints in memory.
type savedCheckpoints map[string]domain.Position

func (s savedCheckpoints) LoadCheckpoint(_ context.Context, name string) (domain.Position, error) {
	return s[name], nil
}

func (s savedCheckpoints) SaveCheckpoint(_ context.Context, name string, position domain.Position) error {
	s[name] = position
	return nil
}

// storedEvents is a subscription that ends where the log ends. It notes what was delivered.
type storedEvents struct {
	domain.LogReader
	delivered int
}

func (s *storedEvents) Subscribe(
	ctx context.Context, after domain.Position, filter domain.Filter, handle func(context.Context, []domain.Entry) error,
) error {
	for entry, err := range s.ReadAll(ctx, after, filter) {
		if err == nil {
			err = handle(ctx, []domain.Entry{entry})
		}
		if err != nil {
			return err
		}
		s.delivered++
	}
	return nil
}

// A server reads the log from where the oldest unfinished booking began.
func TestStartReadsTheLogFromTheOldestUnfinishedBooking(t *testing.T) {
	w, saved := commandstest.NewWorld(t), savedCheckpoints{}
	start := func(want int) {
		t.Helper()
		log, p := &storedEvents{LogReader: w.Log}, newPendingBookings(saved)
		w.Ok(p.follow(t.Context(), log, w.Codec))
		if log.delivered != want {
			t.Errorf("the start read %d events, want %d", log.delivered, want)
		}
		w.Ok(p.sweep(t.Context(), &booking.Protocol{Engine: w.Engine}, w.Now))
	}
	w.Book("a", commandstest.Tuesday)
	start(3) // requested, held, booked
	start(0)
	w.Book("b", commandstest.Tuesday.AddDate(0, 0, 1))
	start(3)
	start(0)
}
