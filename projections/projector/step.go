package projector

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// apply is one transaction: a batch for views that stand at one place, and their checkpoints.
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
		// The transaction may have been kept all the same: the checkpoints know.
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

// purge does so after an erasure. Where it fails, or is killed, the next step begins with it.
func (p *Projector) purge(ctx context.Context) error {
	err := p.db.Purge(ctx)
	if err == nil {
		err = p.db.Write(ctx, func(tx readmodel.Tx) error { return learn(ctx, tx, aboutPurge, "") })
	}
	if err != nil {
		p.views = nil
	}
	return err
}

// maxRetries bounds how often a batch is tried again when it is certain that it was not kept. Each time the database
// has tried for a while itself.
const maxRetries = 2

// reached reports whether all views stand behind a batch.
func reached(views []*view, batch []domain.Entry) bool {
	end := batch[len(batch)-1].Position
	return !slices.ContainsFunc(views, func(v *view) bool { return v.at != end })
}

func (p *Projector) write(ctx context.Context, views []*view, batch []domain.Entry, events []domain.Recorded) error {
	to := batch[len(batch)-1].Position
	err := p.db.Write(ctx, func(tx readmodel.Tx) error {
		for _, v := range views {
			if heard := v.heard(events); len(heard) > 0 {
				if err := v.Apply(ctx, tx, heard); err != nil {
					return fmt.Errorf("read model %s: %w", v.Name, err)
				}
			}
		}
		if erasure := lastErasure(batch); !erasure.IsZero() {
			if err := errors.Join(p.forget(ctx, tx, erasure), learn(ctx, tx, aboutPurge, "due")); err != nil {
				return err
			}
		}
		return checkpoint(ctx, tx, views, to, len(batch))
	})
	if err == nil {
		for _, v := range views {
			v.at, v.seen = to, v.seen+len(batch)
		}
	}
	return err
}

// forget drops what is kept of replaced editions that have not heard of an erasure: nobody keeps them true, so they
// would name that person for ever.
func (p *Projector) forget(ctx context.Context, tx readmodel.Tx, erasure domain.Position) error {
	_, err := dropThose(ctx, tx, func(e edition) bool { return e.replaced(p.views) && e.at.Before(erasure) })
	return err
}

// lastErasure is where in a batch a client was erased last, zero when none was.
func lastErasure(batch []domain.Entry) (at domain.Position) {
	for _, entry := range batch {
		if entry.Type == erased {
			at = entry.Position
		}
	}
	return at
}

var erased = client.ClientErased{}.EventType()

// decode reads the events that somebody listens to.
func (p *Projector) decode(views []*view, batch []domain.Entry) ([]domain.Recorded, error) {
	events := make([]domain.Recorded, 0, len(batch))
	for _, entry := range batch {
		if !slices.ContainsFunc(views, func(v *view) bool { return v.listens[entry.Type] }) {
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

func (v *view) heard(events []domain.Recorded) []domain.Recorded {
	var heard []domain.Recorded
	for _, event := range events {
		if v.listens[event.Event.EventType()] {
			heard = append(heard, event)
		}
	}
	return heard
}

func earliest(views []*view) domain.Position {
	at := views[0].at
	for _, v := range views[1:] {
		if v.at.Before(at) {
			at = v.at
		}
	}
	return at
}
