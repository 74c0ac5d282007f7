package projector

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// longLog is the number of events from which building in scratch databases is faster than applying batches.
const longLog = 20_000

// buffered is how many batches the reader of the log may be ahead of a slow projection. It bounds the memory.
const buffered = 4

// isLong reports whether views that have no event yet have a long log before them. A build starts again after a kill,
// so a short log is applied batch by batch.
func (p *Projector) isLong(ctx context.Context, views []*view, until domain.Position) (bool, error) {
	if !views[0].at.IsZero() {
		return false, nil
	}
	n := 0
	for entry, err := range p.log.ReadAll(ctx, domain.Position{}, domain.Filter{}) {
		if err != nil {
			return false, fmt.Errorf("read models: %w", err)
		}
		if n++; n >= longLog {
			return true, nil
		}
		if !until.IsZero() && !entry.Position.Before(until) {
			break
		}
	}
	return false, nil
}

// buildFirst builds views from the first event to until, or to the head of the log, and installs them. It returns how
// many events that were.
func (p *Projector) buildFirst(ctx context.Context, views []*view, until domain.Position, done func(int)) (int, error) {
	b := &building{views: views}
	err := p.build(ctx, b, until, done)
	if err == nil {
		err = p.install(ctx, b)
	}
	return b.seen, errors.Join(err, b.close())
}

// building is read models under construction, each in its own scratch database, so that several cores work.
type building struct {
	views     []*view
	scratches []readmodel.Scratch // one for each view
	results   []Rebuilt           // for each view; nil if nobody asked for them
	hashed    func() error        // waits until the results have the hashes of the old rows
	at        domain.Position     // of the last event applied
	seen      int
	erasure   domain.Position // of the last erasure of a client
}

func (b *building) close() error {
	errs := make([]error, len(b.scratches))
	for i := range b.scratches {
		errs[i] = b.free(i)
	}
	return errors.Join(errs...)
}

// free gives back the memory of the i-th build.
func (b *building) free(i int) error {
	scratch := b.scratches[i]
	b.scratches[i] = nil
	if scratch == nil {
		return nil
	}
	return scratch.Close()
}

// build builds read models from the first event of the log to until, or to its head when until is zero. The caller
// must close b, also after an error.
func (p *Projector) build(ctx context.Context, b *building, until domain.Position, done func(int)) error {
	for range b.views {
		scratch, err := p.db.Scratch()
		if err != nil {
			return fmt.Errorf("read models: %w", err)
		}
		b.scratches = append(b.scratches, scratch)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var builders sync.WaitGroup
	feeds := make([]chan []domain.Recorded, len(b.views))
	for i, v := range b.views {
		feeds[i] = make(chan []domain.Recorded, buffered)
		builders.Go(func() {
			err := v.buildIn(ctx, b.scratches[i], feeds[i])
			if err == nil && b.results != nil {
				b.results[i].After, b.results[i].Rows, err = Hash(ctx, b.scratches[i], v.Projection)
			}
			if err != nil {
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
	return err
}

// buildIn applies the batches of feed, which it all subscribes to, in one transaction.
func (v *view) buildIn(ctx context.Context, scratch readmodel.Scratch, feed <-chan []domain.Recorded) error {
	return scratch.Write(ctx, func(tx readmodel.Tx) error {
		for _, table := range v.Tables {
			table.Indexes = nil // no query reads a scratch database
			if err := tx.Create(ctx, table); err != nil {
				return err
			}
		}
		for events := range feed {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := v.Apply(ctx, tx, events); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

// feed reads and decodes each event once and sends it to the builders that subscribe to it.
func (p *Projector) feed(
	ctx context.Context, b *building, until domain.Position, feeds []chan []domain.Recorded, done func(int),
) error {
	batch := make([]domain.Entry, 0, maxBatch)
	subscribers := make(map[string][]int) // views by event type
	for i, v := range b.views {
		for name := range v.subscribed {
			subscribers[name] = append(subscribers[name], i)
		}
	}
	flush := func() error {
		events, err := p.decode(b.views, batch)
		if err != nil {
			return fmt.Errorf("read models: %w", err)
		}
		own := make([][]domain.Recorded, len(feeds))
		for _, event := range events {
			for _, i := range subscribers[event.Event.EventType()] {
				own[i] = append(own[i], event)
			}
		}
		for i, feed := range feeds {
			if len(own[i]) == 0 {
				continue
			}
			select {
			case feed <- own[i]:
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

// install replaces the current tables by those that were built, in one transaction: queries see the old rows or the
// new ones, also after a kill. It keeps the replaced editions of a rebuild and drops others, which are empty.
func (p *Projector) install(ctx context.Context, b *building) error {
	rebuilt := b.results != nil
	err := p.db.Write(ctx, func(tx readmodel.Tx) error {
		suffix, err := nextSuffix(ctx, tx)
		if err != nil {
			return err
		}
		if rebuilt { // first, to make space for the new rows
			_, err = dropMatching(ctx, tx, func(e edition) bool { return e.replaced(b.views) })
		}
		for i := 0; i < len(b.views) && err == nil; i++ {
			err = b.fill(ctx, tx, i, suffix)
		}
		if rebuilt && err == nil {
			err = b.hashed()
		}
		for i := 0; i < len(b.views) && err == nil; i++ { // last, because queries wait from here on
			err = b.views[i].replace(ctx, tx, suffix, rebuilt)
		}
		if err != nil {
			return fmt.Errorf("read models: %w", err)
		}
		return p.dropUnaware(ctx, tx, b.erasure)
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

// fill copies the i-th build into a new edition. It creates indexes after the rows, which is faster.
func (b *building) fill(ctx context.Context, tx readmodel.Tx, i int, suffix string) error {
	v := b.views[i]
	for _, table := range v.Tables {
		rows := b.scratches[i].Query(ctx, "SELECT * FROM "+table.Name+" ORDER BY "+table.Key)
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
	// All builds together are much of the memory of the process, and most views are still to be copied.
	if err := b.free(i); err != nil {
		return err
	}
	return edition{name: v.String() + suffix, at: b.at, seen: b.seen, tables: v.TableNames(suffix)}.insert(ctx, tx)
}

// replace makes the edition with a suffix the current one. It keeps the one before as old, or drops it.
func (v *view) replace(ctx context.Context, tx readmodel.Tx, suffix string, keep bool) error {
	var err error
	if keep {
		err = rename(ctx, tx, v.Projection, current, old)
	} else {
		_, err = dropMatching(ctx, tx, v.isCurrent)
	}
	if err != nil {
		return err
	}
	return rename(ctx, tx, v.Projection, suffix, current)
}
