package simulation

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// follower keeps the read models of a simulation. While it runs, the driver asks for few of them: at every tick what is
// due and what waits, and every morning for the calendar. Those are kept in scratch databases. All read models are
// built in views.db at the end, at once, which costs a third of following the log.
type follower struct {
	current *scratchModels // what the driver asks for at every tick; always up to date
	daily   *scratchModels // what the agendas show; it follows on another core
	all     *projector.Projector

	ticks  int
	events atomic.Int64 // of the log, that all read models have passed
	signal chan struct{}
	ended  sync.WaitGroup
	err    error // of the background; read it after ended
}

// ticksPerCatchUp is how many ticks the daily read models may lag behind: few enough that the log still has the events
// in memory.
const ticksPerCatchUp = 16

// currentProjections returns the read models that the driver queries at every tick. It looks for waiting messages
// only, so messages have just the indexes for those, and the table of clients, which would give them names, stays
// empty.
func currentProjections() []readmodel.Projection {
	wanted := chosenProjections("due", "resources", "messages", "clients")
	for i, p := range wanted {
		switch p.Name {
		case "messages":
			wanted[i].Tables = slices.Clone(p.Tables)
			wanted[i].Tables[0].Indexes = slices.DeleteFunc(slices.Clone(p.Tables[0].Indexes), func(index string) bool {
				return !strings.Contains(index, "WHERE")
			})
		case "clients":
			wanted[i].Types = nil
		}
	}
	return wanted
}

// chosenProjections returns the projections with these names.
func chosenProjections(names ...string) []readmodel.Projection {
	return slices.DeleteFunc(projections.All(), func(p readmodel.Projection) bool {
		return !slices.Contains(names, p.Name)
	})
}

func newFollower(ctx context.Context, in *installation.Installation) (f *follower, err error) {
	f = &follower{all: in.Projector, signal: make(chan struct{}, 1)}
	if f.current, err = newScratchModels(ctx, in, currentProjections()); err != nil {
		return nil, err
	}
	f.daily, err = newScratchModels(ctx, in, chosenProjections("calendar", "clients", "services", "resources"))
	if err != nil {
		return nil, errors.Join(err, f.current.db.Close())
	}
	in.Reminders.Due = installation.DueRows{Due: projections.Due{DB: f.current.db}}
	in.Agendas.Read = currentAgenda{
		installation.NewAgendaRows(f.daily.db), installation.StaffRows{Resources: directory.Resources{DB: f.current.db}}, f,
	}
	in.Attention.Ahead = nothingAhead{}
	return f, nil
}

// start brings the daily read models up to date in the background, when it is signalled, until stop.
func (f *follower) start(ctx context.Context) {
	f.ended.Go(func() {
		for range f.signal {
			if f.err == nil {
				f.err = f.daily.catchUp(ctx)
			}
		}
	})
}

// catchUp brings all read models up to date.
func (f *follower) catchUp(ctx context.Context) error {
	n, err := f.all.CatchUp(ctx)
	f.events.Add(int64(n))
	return err
}

// tick brings the current read models up to date, and now and then signals the background.
func (f *follower) tick(ctx context.Context) error {
	if f.ticks++; f.ticks%ticksPerCatchUp == 0 {
		select {
		case f.signal <- struct{}{}:
		default: // it is busy
		}
	}
	return f.current.catchUp(ctx)
}

// stop ends the background, frees the scratch databases and brings all read models up to date.
func (f *follower) stop(ctx context.Context) error {
	close(f.signal)
	f.ended.Wait()
	return errors.Join(f.err, f.current.db.Close(), f.daily.db.Close(), f.catchUp(ctx))
}

func (f *follower) due() projections.Due { return projections.Due{DB: f.current.db} }

func (f *follower) waiting() installation.WaitingRows {
	return installation.WaitingRows{Messages: projections.Messages{DB: f.current.db}}
}

// nothingAhead is a booking.Ahead without appointments: a simulation changes hours only before the first booking.
type nothingAhead struct{}

func (nothingAhead) Ahead(context.Context, domain.AccountID, booking.Touching) ([]domain.AppointmentID, error) {
	return nil, nil
}

// currentAgenda brings the daily read models up to date before it reads an agenda.
type currentAgenda struct {
	messaging.AgendaReader
	staff  installation.StaffRows
	models *follower
}

// Staff is asked at every tick.
func (a currentAgenda) Staff(ctx context.Context, account domain.AccountID) ([]messaging.AgendaPerson, error) {
	return a.staff.Staff(ctx, account)
}

func (a currentAgenda) On(ctx context.Context, account domain.AccountID, date string) ([]messaging.AgendaLine, error) {
	if err := a.models.daily.catchUp(ctx); err != nil {
		return nil, err
	}
	return a.AgendaReader.On(ctx, account, date)
}
