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
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// follower keeps the read models of a simulation. The driver asks at every tick what is due and what waits; these
// few are kept in a database of their own, for the driver alone. All read models follow in views.db at the
// second core's leisure, in large batches, until somebody asks.
type follower struct {
	near    *views.Scratch
	nearest *projector.Projector
	all     *projector.Projector

	ticks  int
	Events atomic.Int64 // of the log, that the read models have passed
	nudges chan struct{}
	ended  sync.WaitGroup
	err    error // of the follower in the background; read it when it has ended
}

// nudgeEvery is how many ticks the read models may lie behind.
const nudgeEvery = 64

// asked are the read models that the driver asks at every tick. It asks for waiting messages only, so those are without
// the indexes that find others, and the table of clients, who would give them names, stays empty.
func asked() (wanted []readmodel.Projection) {
	for _, p := range projections.All() {
		switch p.Name {
		case "messages":
			p.Tables = slices.Clone(p.Tables)
			p.Tables[0].Indexes = slices.DeleteFunc(slices.Clone(p.Tables[0].Indexes), func(index string) bool {
				return !strings.Contains(index, "WHERE")
			})
		case "clients":
			p.Types = nil
		case "due":
		default:
			continue
		}
		wanted = append(wanted, p)
	}
	return wanted
}

func newFollower(in *installation.Installation) (*follower, error) {
	near, err := views.NewScratch()
	if err != nil {
		return nil, err
	}
	f := &follower{
		near: near, nearest: projector.New(in.Events, in.Codec, near, asked()...),
		all: in.Projector, nudges: make(chan struct{}, 1),
	}
	in.Reminders.Due = installation.DueRows{Due: projections.Due{DB: near}}
	in.Agendas.Read = upToDate{in.Agendas.Read, f}
	return f, nil
}

// start follows in the background until stop.
func (f *follower) start(ctx context.Context) {
	f.ended.Go(func() {
		for range f.nudges {
			if f.err == nil {
				f.err = f.catchUp(ctx)
			}
		}
	})
}

// catchUp brings all read models to the head.
func (f *follower) catchUp(ctx context.Context) error {
	n, err := f.all.CatchUp(ctx)
	f.Events.Add(int64(n))
	return err
}

// tick brings to the head what the driver asks.
func (f *follower) tick(ctx context.Context) error {
	if f.ticks++; f.ticks%nudgeEvery == 0 {
		select {
		case f.nudges <- struct{}{}:
		default: // it is still at work
		}
	}
	_, err := f.nearest.CatchUp(ctx)
	return err
}

// stop brings everything to the head.
func (f *follower) stop(ctx context.Context) error {
	close(f.nudges)
	f.ended.Wait()
	return errors.Join(f.err, f.catchUp(ctx), f.near.Close())
}

func (f *follower) due() projections.Due { return projections.Due{DB: f.near} }

func (f *follower) waiting() installation.WaitingRows {
	return installation.WaitingRows{Messages: projections.Messages{DB: f.near}}
}

// upToDate lets a page of the agenda wait for the read models that it is written from.
type upToDate struct {
	messaging.AgendaReader
	models *follower
}

func (u upToDate) On(ctx context.Context, account domain.AccountID, date string) ([]messaging.AgendaLine, error) {
	if err := u.models.catchUp(ctx); err != nil {
		return nil, err
	}
	return u.AgendaReader.On(ctx, account, date)
}
