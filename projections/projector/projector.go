// Package projector keeps projections current: it follows the log, builds and rebuilds their tables, and lets readers
// wait for a position. It knows no projection by name.
package projector

import (
	"context"
	"fmt"
	"sync"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// maxBatch bounds the events of one transaction: enough to make commits cheap, few enough to need little memory.
const maxBatch = 1000

// Log is the part of an event store that projections need.
type Log interface {
	domain.LogReader
	domain.Subscriber
}

// Projector keeps projections at the head of the log. It reads and decodes each event once for all that subscribe to
// it. A batch and the checkpoint after it are one transaction, so a crash neither loses an event nor applies it
// twice. Projections that lag, as a new version does, first catch up with the others. Projections that have a long
// log before them are built in scratch databases and installed at once.
type Projector struct {
	log   Log
	codec *domain.Codec
	db    readmodel.Database
	step  sync.Mutex // held during a batch, a rebuild or a rollback
	views []*view    // nil until the first step, and after a failure
	wired []readmodel.Projection
	gate  gate
	logID string
	moves moves // of all views, once there was a step

	unstored unstored
	trimmed  bool // dropExtra has run
}

// view is a projection and its checkpoint.
type view struct {
	readmodel.Projection
	subscribed map[string]bool // event types
	at         domain.Position // of the last event
	seen       int             // events of the log up to there, of any type
}

func newView(projection readmodel.Projection) *view {
	v := &view{Projection: projection, subscribed: make(map[string]bool)}
	for _, name := range projection.Types {
		v.subscribed[name] = true
	}
	return v
}

// isCurrent reports whether an edition is the current one of this projection.
func (v *view) isCurrent(e edition) bool { return e.name == v.String() }

// New returns a projector of projections over a log, with their tables in a database.
func New(log Log, codec *domain.Codec, db readmodel.Database, projections ...readmodel.Projection) *Projector {
	return &Projector{log: log, codec: codec, db: db, wired: projections, gate: newGate()}
}

// CatchUp applies all events up to the head of the log and returns their number. With names it brings only these
// projections there; the others can follow later, in larger batches.
func (p *Projector) CatchUp(ctx context.Context, names ...string) (int, error) {
	p.step.Lock()
	defer p.step.Unlock()
	if err := p.openStored(ctx); err != nil {
		return 0, err
	}
	views, err := p.named(names)
	if err != nil {
		return 0, err
	}
	return p.catchUp(ctx, views, nil)
}

// Run catches up and then follows the log until ctx ends. It returns at the first event that cannot be applied: a
// read model that skipped one would stay wrong.
func (p *Projector) Run(ctx context.Context) error {
	p.gate.start()
	_, err := p.CatchUp(ctx)
	if err == nil {
		err = p.log.Subscribe(ctx, p.gate.position(), domain.Filter{}, p.applyNext)
	}
	if ctx.Err() != nil {
		err = nil
	}
	p.gate.stop(err)
	return err
}

// applyNext applies a batch of the subscription to all projections.
func (p *Projector) applyNext(ctx context.Context, batch []domain.Entry) error {
	p.step.Lock()
	defer p.step.Unlock()
	if err := p.open(ctx); err != nil {
		return err
	}
	if passed, err := p.pass(batch); passed || err != nil {
		return err
	}
	return p.apply(ctx, p.views, batch)
}

// Wait returns when every projection has applied the event at a position, so a writer can read its own write. It
// needs Run, or calls of CatchUp, in another goroutine. It returns the error that stopped Run.
func (p *Projector) Wait(ctx context.Context, position domain.Position) error {
	return p.gate.wait(ctx, position)
}

func (p *Projector) catchUp(ctx context.Context, views []*view, progress func(done int)) (int, error) {
	total := 0
	for {
		group, until := slowest(views)
		n, err := p.advance(ctx, group, until, func(done int) {
			if progress != nil {
				progress(total + done)
			}
		})
		total += n
		if err != nil {
			return total, err
		}
		if len(group) < len(views) {
			continue
		}
		if len(views) < len(p.views) {
			return total, nil
		}
		return total, p.dropExtra(ctx)
	}
}

// slowest returns the views with the earliest checkpoint, and the next checkpoint of the others, zero if there is
// none.
func slowest(views []*view) (group []*view, until domain.Position) {
	for _, v := range views {
		switch {
		case len(group) == 0 || v.at == group[0].at:
			group = append(group, v)
		case v.at.Before(group[0].at):
			group, until = []*view{v}, group[0].at
		case until.IsZero() || v.at.Before(until):
			until = v.at
		}
	}
	return group, until
}

// advance brings views with the same checkpoint to until, or to the head of the log when until is zero.
func (p *Projector) advance(ctx context.Context, views []*view, until domain.Position, done func(int)) (int, error) {
	if len(views) == 0 {
		return 0, nil
	}
	if long, err := p.isLong(ctx, views, until); err != nil {
		return 0, err
	} else if long {
		return p.buildFirst(ctx, views, until, done)
	}
	total, batch := 0, make([]domain.Entry, 0, maxBatch)
	flush := func() error {
		if err := p.apply(ctx, views, batch); err != nil {
			return err
		}
		total += len(batch)
		batch = batch[:0]
		done(total)
		return nil
	}
	for entry, err := range p.log.ReadAll(ctx, views[0].at, domain.Filter{}) {
		if err != nil {
			return total, fmt.Errorf("read models: %w", err)
		}
		batch = append(batch, entry)
		last := !until.IsZero() && !entry.Position.Before(until)
		if len(batch) == maxBatch || last {
			if err := flush(); err != nil || last {
				return total, err
			}
		}
	}
	return total, flush()
}
