package simulation

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// follower keeps the read models of a simulation. The driver asks at every tick what is due and what waits, so those
// few read models are kept in a scratch database and are always current. All read models follow in views.db, on
// another core and in large batches.
type follower struct {
	scratch *views.Scratch
	current *projector.Projector // of scratch
	all     *projector.Projector

	ticks  int
	events atomic.Int64 // of the log, that all read models have passed
	signal chan struct{}
	ended  sync.WaitGroup
	err    error // of the background; read it after ended
}

// ticksPerCatchUp is how many ticks all read models may lag behind.
const ticksPerCatchUp = 64

// scratchProjections returns the read models that the driver queries at every tick. It looks for waiting messages
// only, so messages have just the indexes for those, and the table of clients, which would give them names, stays
// empty.
func scratchProjections() (wanted []readmodel.Projection) {
	for _, p := range projections.All() {
		switch p.Name {
		case "messages":
			p.Tables = slices.Clone(p.Tables)
			p.Tables[0].Indexes = slices.DeleteFunc(slices.Clone(p.Tables[0].Indexes), func(index string) bool {
				return !strings.Contains(index, "WHERE")
			})
		case "clients":
			p.Types = nil
		case "due", "resources":
		default:
			continue
		}
		wanted = append(wanted, p)
	}
	return wanted
}

func newFollower(in *installation.Installation) (*follower, error) {
	scratch, err := views.NewScratch()
	if err != nil {
		return nil, err
	}
	f := &follower{
		scratch: scratch, current: projector.New(in.Events, in.Codec, scratch, scratchProjections()...),
		all: in.Projector, signal: make(chan struct{}, 1),
	}
	in.Reminders.Due = installation.DueRows{Due: projections.Due{DB: scratch}}
	staff := installation.StaffRows{Resources: directory.Resources{DB: scratch}}
	in.Agendas.Read = currentAgenda{in.Agendas.Read, staff, f}
	in.Attention.Ahead = currentAhead{in.Attention.Ahead, f}
	return f, nil
}

// start catches up in the background, when it is signalled, until stop.
func (f *follower) start(ctx context.Context) {
	f.ended.Go(func() {
		for range f.signal {
			if f.err == nil {
				f.err = f.catchUp(ctx)
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

// tick brings the scratch database up to date, and now and then signals the background.
func (f *follower) tick(ctx context.Context) error {
	if f.ticks++; f.ticks%ticksPerCatchUp == 0 {
		select {
		case f.signal <- struct{}{}:
		default: // it is busy
		}
	}
	_, err := f.current.CatchUp(ctx)
	return err
}

// stop brings all read models up to date and ends the background.
func (f *follower) stop(ctx context.Context) error {
	close(f.signal)
	f.ended.Wait()
	return errors.Join(f.err, f.catchUp(ctx), f.scratch.Close())
}

func (f *follower) due() projections.Due { return projections.Due{DB: f.scratch} }

func (f *follower) waiting() installation.WaitingRows {
	return installation.WaitingRows{Messages: projections.Messages{DB: f.scratch}}
}

// currentAhead brings all read models up to date before it looks for booked appointments. A simulation changes hours
// only before the first booking.
type currentAhead struct {
	booked booking.Ahead
	models *follower
}

func (a currentAhead) Ahead(
	ctx context.Context, account domain.AccountID, what booking.Touching,
) ([]domain.AppointmentID, error) {
	if err := a.models.catchUp(ctx); err != nil {
		return nil, err
	}
	return a.booked.Ahead(ctx, account, what)
}

// currentAgenda brings all read models up to date before it reads an agenda.
type currentAgenda struct {
	messaging.AgendaReader
	staff  installation.StaffRows
	models *follower
}

// Staff is asked at every tick, so it reads the scratch database.
func (a currentAgenda) Staff(ctx context.Context, account domain.AccountID) ([]messaging.AgendaPerson, error) {
	return a.staff.Staff(ctx, account)
}

func (a currentAgenda) On(ctx context.Context, account domain.AccountID, date string) ([]messaging.AgendaLine, error) {
	if err := a.models.catchUp(ctx); err != nil {
		return nil, err
	}
	return a.AgendaReader.On(ctx, account, date)
}
