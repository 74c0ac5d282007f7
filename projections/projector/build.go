package projector

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// much is how many events make it worth while to build beside what is asked, rather than step by step in its place.
const much = 20_000

// ahead is how many batches a view may lie behind the reader of the log, so that a slow one costs no memory.
const ahead = 4

// isMuch reports whether views that stand before the first event have a long way to go. Who builds beside begins anew
// after a kill, so a short way is gone step by step.
func (p *Projector) isMuch(ctx context.Context, views []*view, until domain.Position) (bool, error) {
	if !views[0].at.IsZero() {
		return false, nil
	}
	n := 0
	for entry, err := range p.log.ReadAll(ctx, domain.Position{}, domain.Filter{}) {
		if err != nil {
			return false, fmt.Errorf("read models: %w", err)
		}
		if n++; n >= much {
			return true, nil
		}
		if !until.IsZero() && !entry.Position.Before(until) {
			break
		}
	}
	return false, nil
}

// raise brings views from before the first event to until, or to the head of the log, in one transaction.
func (p *Projector) raise(ctx context.Context, views []*view, until domain.Position, done func(int)) (int, error) {
	b, err := p.build(ctx, views, until, done)
	if err == nil {
		err = p.install(ctx, b, nil)
	}
	return b.seen, errors.Join(err, b.close())
}

// building is read models made anew, each in a scratch of its own, so that several cores are at work.
type building struct {
	views   []*view
	sites   []readmodel.Scratch
	at      domain.Position // of the last event they know
	seen    int
	erasure domain.Position // of the last client who was erased
}

func (b *building) close() error {
	errs := make([]error, len(b.sites))
	for i, site := range b.sites {
		errs[i] = site.Close()
	}
	return errors.Join(errs...)
}

// build makes read models from the first event of the log until that position, or to its head when that is zero. What
// it answers must be closed, also with an error.
func (p *Projector) build(
	ctx context.Context, views []*view, until domain.Position, done func(int),
) (*building, error) {
	b := &building{views: views}
	for range views {
		site, err := p.db.Scratch()
		if err != nil {
			return b, fmt.Errorf("read models: %w", err)
		}
		b.sites = append(b.sites, site)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var builders sync.WaitGroup
	feeds := make([]chan []domain.Recorded, len(views))
	for i, v := range views {
		feeds[i] = make(chan []domain.Recorded, ahead)
		builders.Go(func() {
			if err := v.buildIn(ctx, b.sites[i], feeds[i]); err != nil {
				stop(fmt.Errorf("read model %s: %w", v.Name, err))
			}
		})
	}
	err := p.feed(ctx, b, until, feeds, done)
	for _, feed := range feeds {
		close(feed)
	}
	builders.Wait()
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return b, err
}

// buildIn applies what it is fed, in one transaction.
func (v *view) buildIn(ctx context.Context, site readmodel.Scratch, feed <-chan []domain.Recorded) error {
	return site.Write(ctx, func(tx readmodel.Tx) error {
		for _, table := range v.Tables {
			table.Indexes = nil // they serve those who ask, and nobody asks here
			if err := tx.Create(ctx, table); err != nil {
				return err
			}
		}
		for events := range feed {
			if err := ctx.Err(); err != nil {
				return err
			}
			if heard := v.heard(events); len(heard) > 0 {
				if err := v.Apply(ctx, tx, heard); err != nil {
					return err
				}
			}
		}
		return ctx.Err()
	})
}

// feed reads and decodes each event once and hands it to all builders.
func (p *Projector) feed(
	ctx context.Context, b *building, until domain.Position, feeds []chan []domain.Recorded, done func(int),
) error {
	batch := make([]domain.Entry, 0, maxBatch)
	flush := func() error {
		events, err := p.decode(b.views, batch)
		if err != nil {
			return fmt.Errorf("read models: %w", err)
		}
		for _, feed := range feeds {
			select {
			case feed <- events:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if len(batch) > 0 {
			b.at, b.seen = batch[len(batch)-1].Position, b.seen+len(batch)
		}
		if at := lastErasure(batch); !at.IsZero() {
			b.erasure = at
		}
		done(b.seen)
		batch = batch[:0]
		return nil
	}
	for entry, err := range p.log.ReadAll(ctx, domain.Position{}, domain.Filter{}) {
		if err != nil {
			return fmt.Errorf("read models: %w", err)
		}
		batch = append(batch, entry)
		last := !until.IsZero() && !entry.Position.Before(until)
		if len(batch) == maxBatch || last {
			if err := flush(); err != nil || last {
				return err
			}
		}
	}
	return flush()
}

// install puts what was built in the place of what is asked, in one transaction: whoever asks sees the old rows or
// the new ones, and so does who looks after a kill. With results it keeps what it replaces, and says in them what the
// new rows are; without, what it replaces holds nothing and is dropped.
func (p *Projector) install(ctx context.Context, b *building, results []Rebuilt) error {
	err := p.db.Write(ctx, func(tx readmodel.Tx) error {
		suffix, err := generation(ctx, tx)
		if err != nil {
			return err
		}
		if results != nil { // what was kept goes first: it leaves its place to the new rows
			_, err = dropThose(ctx, tx, func(e edition) bool { return e.replaced(b.views) })
		}
		for i := 0; i < len(b.views) && err == nil; i++ {
			if err = b.fill(ctx, tx, i, suffix); err == nil && results != nil {
				results[i].After, results[i].Rows, err = hashOf(ctx, tx, b.views[i].Projection, suffix)
			}
		}
		for i := 0; i < len(b.views) && err == nil; i++ { // at the end, because whoever asks must wait from here on
			err = b.views[i].replace(ctx, tx, suffix, results != nil)
		}
		if err != nil {
			return fmt.Errorf("read models: %w", err)
		}
		return p.forget(ctx, tx, b.erasure)
	})
	if err != nil {
		p.views = nil
		return err
	}
	for _, v := range b.views {
		v.at, v.seen = b.at, b.seen
	}
	p.gate.open(earliest(p.views))
	return p.db.Purge(ctx)
}

// fill makes an edition of what was built. Indexes are made after the rows, which is faster.
func (b *building) fill(ctx context.Context, tx readmodel.Tx, i int, suffix string) error {
	v := b.views[i]
	for _, table := range v.Tables {
		rows := b.sites[i].Query(ctx, "SELECT * FROM "+table.Name+" ORDER BY "+table.Key)
		table.Name += suffix
		bare := table
		bare.Indexes, bare.WriteIndexes = nil, nil
		if err := tx.Create(ctx, bare); err != nil {
			return err
		}
		if err := tx.Fill(ctx, bare, rows); err != nil {
			return err
		}
		if err := tx.Create(ctx, table); err != nil {
			return err
		}
	}
	return enter(ctx, tx, v.Projection, suffix, b.at, b.seen)
}

// replace makes an edition the current one. The one before is kept or dropped.
func (v *view) replace(ctx context.Context, tx readmodel.Tx, suffix string, keep bool) error {
	var err error
	if keep {
		err = rename(ctx, tx, v.Projection, current, old)
	} else {
		_, err = dropThose(ctx, tx, v.isCurrent)
	}
	if err != nil {
		return err
	}
	return rename(ctx, tx, v.Projection, suffix, current)
}
