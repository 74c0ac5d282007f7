package projector

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/team"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// unstored are events after the stored checkpoints that all views have passed, because none subscribes to them. Half of
// the appends of a booking are of that kind, and need no transaction. After a restart they are read again.
type unstored struct {
	from   domain.Position // where the stored checkpoints are
	events int             // fewer than maxBatch
}

// pass moves all views past a batch without a transaction. It reports false if the batch needs one.
func (p *Projector) pass(batch []domain.Entry) (bool, error) {
	if p.unstored.events+len(batch) >= maxBatch {
		return false, nil
	}
	for _, entry := range batch {
		if !p.views[0].at.Before(entry.Position) || slices.ContainsFunc(p.views, func(v *view) bool {
			return v.at != p.views[0].at || v.subscribed[entry.Type]
		}) {
			return false, nil
		}
	}
	if _, err := p.decode(p.views, batch); err != nil {
		return false, err
	}
	if p.unstored.events == 0 {
		p.unstored.from = p.views[0].at
	}
	p.unstored.events += len(batch)
	moveTo(p.views, batch)
	p.gate.open(p.views[0].at)
	return true, nil
}

// store moves the stored checkpoints past what pass has passed.
func (p *Projector) store(ctx context.Context) error {
	if p.unstored.events == 0 {
		return nil
	}
	moves := p.movesOf(p.views)
	err := p.db.Write(ctx, func(tx readmodel.Tx) error {
		if err := moves.checkFrom(ctx, tx, p.unstored.from); err != nil {
			return err
		}
		return tx.Exec(ctx, moves.move, p.views[0].at, p.unstored.events, p.unstored.from)
	})
	if err != nil {
		p.views = nil
	}
	p.unstored = unstored{}
	return err
}

// moveTo moves views past a batch.
func moveTo(views []*view, batch []domain.Entry) {
	for _, v := range views {
		v.at, v.seen = batch[len(batch)-1].Position, v.seen+len(batch)
	}
}

// apply applies a batch to views with the same checkpoint, in one transaction.
func (p *Projector) apply(ctx context.Context, views []*view, batch []domain.Entry) error {
	at := views[0].at
	batch = slices.DeleteFunc(batch, func(entry domain.Entry) bool { return !at.Before(entry.Position) })
	if len(batch) == 0 {
		return nil
	}
	events, err := p.decode(views, batch)
	if err != nil {
		return fmt.Errorf("read models: %w", err)
	}
	err = p.write(ctx, views, batch, events)
	for retries := 0; errors.Is(err, domain.ErrUnavailable) && retries < maxRetries; retries++ {
		// The checkpoints tell whether the transaction was committed all the same.
		if p.reread(ctx) != nil || at.Before(views[0].at) {
			break
		}
		err = p.write(ctx, views, batch, events)
	}
	if err != nil && !reached(views, batch) {
		p.views = nil
		return err
	}
	p.gate.open(earliest(p.views))
	if !lastErasure(batch).IsZero() {
		return p.purge(ctx)
	}
	return nil
}

// purge removes erased text from the files. If it fails or is interrupted, the next step repeats it.
func (p *Projector) purge(ctx context.Context) error {
	err := p.db.Purge(ctx)
	if err == nil {
		err = p.db.Write(ctx, func(tx readmodel.Tx) error { return writeAbout(ctx, tx, aboutPurge, "") })
	}
	if err != nil {
		p.views = nil
	}
	return err
}

// maxRetries bounds the retries of a batch that was certainly not committed. Each time the database itself has
// already tried for a while.
const maxRetries = 2

// reached reports whether all views have applied a batch.
func reached(views []*view, batch []domain.Entry) bool {
	end := batch[len(batch)-1].Position
	return !slices.ContainsFunc(views, func(v *view) bool { return v.at != end })
}

// write applies a batch and moves the checkpoints, in one transaction.
func (p *Projector) write(ctx context.Context, views []*view, batch []domain.Entry, events []domain.Recorded) error {
	to := batch[len(batch)-1].Position
	from, more, moves := views[0].at, len(batch), p.movesOf(views)
	if p.unstored.events > 0 {
		from, more = p.unstored.from, more+p.unstored.events
	}
	err := p.db.Write(ctx, func(tx readmodel.Tx) error {
		if err := moves.checkFrom(ctx, tx, from); err != nil {
			return err
		}
		for _, v := range views {
			if own := v.own(events); len(own) > 0 {
				if err := v.Apply(ctx, tx, own); err != nil {
					return fmt.Errorf("read model %s: %w", v.Name, err)
				}
			}
		}
		if erasure := lastErasure(batch); !erasure.IsZero() {
			if err := errors.Join(p.dropUnaware(ctx, tx, erasure), writeAbout(ctx, tx, aboutPurge, "due")); err != nil {
				return err
			}
		}
		return tx.Exec(ctx, moves.move, to, more, from)
	})
	if err == nil {
		p.unstored = unstored{}
		moveTo(views, batch)
	}
	return err
}

// dropUnaware drops the replaced editions that have not applied an erasure. Nothing keeps them current, so they would
// keep that person's name.
func (p *Projector) dropUnaware(ctx context.Context, tx readmodel.Tx, erasure domain.Position) error {
	_, err := dropMatching(ctx, tx, func(e edition) bool { return e.replaced(p.views) && e.at.Before(erasure) })
	return err
}

// lastErasure returns the position of the last erasure of a client or a member in a batch, zero when there is none.
func lastErasure(batch []domain.Entry) (at domain.Position) {
	for _, entry := range batch {
		if slices.Contains(erased, entry.Type) {
			at = entry.Position
		}
	}
	return at
}

var erased = domain.NamesOf(client.ClientErased{}, team.MemberErased{})

// decode decodes the events that one of the views subscribes to. It compares the others with their checksums too,
// because the type of an event may be damaged.
func (p *Projector) decode(views []*view, batch []domain.Entry) ([]domain.Recorded, error) {
	events := make([]domain.Recorded, 0, len(batch))
	for _, entry := range batch {
		if !slices.ContainsFunc(views, func(v *view) bool { return v.subscribed[entry.Type] }) {
			if _, err := entry.Check(); err != nil {
				return nil, err
			}
			continue
		}
		event, err := p.codec.Decode(entry)
		if err != nil {
			return nil, err
		}
		events = append(events, event)
	}
	return events, nil
}

// own returns the events that the projection subscribes to.
func (v *view) own(events []domain.Recorded) []domain.Recorded {
	var own []domain.Recorded
	for _, event := range events {
		if v.subscribed[event.Event.EventType()] {
			own = append(own, event)
		}
	}
	return own
}

// earliest returns the earliest checkpoint.
func earliest(views []*view) domain.Position {
	at := views[0].at
	for _, v := range views[1:] {
		if v.at.Before(at) {
			at = v.at
		}
	}
	return at
}
