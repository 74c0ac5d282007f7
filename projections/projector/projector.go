// Package projector keeps projections at the head of the log: it follows the log, builds and rebuilds editions,
// and lets readers wait for a position. It asks no question of its own and knows no projection by name.
package projector

import (
	"context"
	"fmt"
	"sync"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// maxBatch bounds the events of one transaction: enough to make a commit cheap, few enough to keep memory flat.
const maxBatch = 1000

// Log is the part of an event store that projections need.
type Log interface {
	domain.LogReader
	domain.Subscriber
}

// Projector keeps projections at the head of the log. It reads and decodes each event once and gives it to all
// that listen; each batch and the checkpoint after it are one transaction, so a crash neither loses an event nor
// applies it twice. Whoever lags behind, as a new version does, is first brought to the others alone. Where much of
// the log lies before the first step of some, they are built beside what is asked, and are there at once when done.
type Projector struct {
	log   Log
	codec *domain.Codec
	db    readmodel.Database
	step  sync.Mutex // one batch at a time
	views []*view    // nil until the first step, and after a failure
	wired []readmodel.Projection
	gate  gate
	logID string

	settled bool // of the editions that were replaced, only what is to be kept is left
}

// view is a projection and how far it has come.
type view struct {
	readmodel.Projection
	listens map[string]bool
	at      domain.Position
	seen    int // events of the log up to there, heard or not
}

func newView(projection readmodel.Projection) *view {
	v := &view{Projection: projection, listens: make(map[string]bool)}
	for _, name := range projection.Types {
		v.listens[name] = true
	}
	return v
}

// isCurrent reports whether an edition is the one that this view speaks of.
func (v *view) isCurrent(e edition) bool { return e.name == v.String() }

// New wires projections to a log and a database.
func New(log Log, codec *domain.Codec, db readmodel.Database, projections ...readmodel.Projection) *Projector {
	return &Projector{log: log, codec: codec, db: db, wired: projections, gate: newGate()}
}

// CatchUp applies everything up to the head of the log and answers how many events that were. With names it does so
// for these projections alone: who needs only some of them at every step lets the others follow in larger batches.
func (p *Projector) CatchUp(ctx context.Context, names ...string) (int, error) {
	p.step.Lock()
	defer p.step.Unlock()
	if err := p.open(ctx); err != nil {
		return 0, err
	}
	views, err := p.named(names)
	if err != nil {
		return 0, err
	}
	return p.catchUp(ctx, views, nil)
}

// Run catches up, then follows the log until ctx ends. An event that cannot be applied stops it: a read model
// that skipped one would be wrong for ever.
func (p *Projector) Run(ctx context.Context) error {
	p.gate.start()
	_, err := p.CatchUp(ctx)
	if err == nil {
		err = p.log.Subscribe(ctx, p.gate.position(), domain.Filter{}, func(ctx context.Context, batch []domain.Entry) error {
			p.step.Lock()
			defer p.step.Unlock()
			if err := p.open(ctx); err != nil {
				return err
			}
			return p.apply(ctx, p.views, batch)
		})
	}
	if ctx.Err() != nil {
		err = nil
	}
	p.gate.stop(err)
	return err
}

// Wait returns when every projection has passed the position, so that a query made now sees its own write. It
// needs a projector that runs, or somebody else who calls CatchUp.
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
		return total, p.settle(ctx)
	}
}

// slowest are the views that have come least far, and the position of the next ones, zero when there are none.
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

// advance brings views that stand at one place to until, or to the head of the log when until is zero.
func (p *Projector) advance(ctx context.Context, views []*view, until domain.Position, done func(int)) (int, error) {
	if len(views) == 0 {
		return 0, nil
	}
	if much, err := p.isMuch(ctx, views, until); err != nil {
		return 0, err
	} else if much {
		return p.raise(ctx, views, until, done)
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
