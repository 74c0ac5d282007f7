package simulation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// scratchModels are read models in a scratch database. They begin and end with the simulation, so nothing but memory
// keeps how far they have come.
type scratchModels struct {
	log    domain.LogReader
	codec  *domain.Codec
	db     *views.Scratch
	models []readmodel.Projection
	filter domain.Filter

	mu sync.Mutex // held while they catch up
	at domain.Position
}

// maxBatch bounds the events in memory.
const maxBatch = 1000

func newScratchModels(
	ctx context.Context, in *installation.Installation, models []readmodel.Projection,
) (*scratchModels, error) {
	db, err := views.NewScratch()
	if err != nil {
		return nil, err
	}
	s := &scratchModels{log: in.Events, codec: in.Codec, db: db, models: models}
	err = db.Write(ctx, func(tx readmodel.Tx) error {
		for _, p := range models {
			s.filter.Types = append(s.filter.Types, p.Types...)
			for _, table := range p.Tables {
				if err := tx.Create(ctx, table); err != nil {
					return err
				}
			}
		}
		return nil
	})
	slices.Sort(s.filter.Types)
	s.filter.Types = slices.Compact(s.filter.Types)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// catchUp applies all events up to the head of the log.
func (s *scratchModels) catchUp(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	head, err := s.log.Head(ctx)
	if err != nil || !s.at.Before(head) {
		return err
	}
	var batch []domain.Recorded
	for entry, err := range s.log.ReadAll(ctx, s.at, s.filter) {
		if err != nil {
			return err
		}
		recorded, err := s.codec.Decode(entry)
		if err != nil {
			return err
		}
		if batch = append(batch, recorded); len(batch) == maxBatch {
			if err := s.apply(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	if len(batch) > 0 {
		err = s.apply(ctx, batch)
	}
	if err == nil && s.at.Before(head) { // events that no model subscribes to are not read again
		s.at = head
	}
	return err
}

// apply applies a batch to each read model that subscribes to some of it.
func (s *scratchModels) apply(ctx context.Context, batch []domain.Recorded) error {
	err := s.db.Write(ctx, func(tx readmodel.Tx) error {
		for _, p := range s.models {
			var own []domain.Recorded
			for _, r := range batch {
				if slices.Contains(p.Types, r.Event.EventType()) {
					own = append(own, r)
				}
			}
			if len(own) == 0 {
				continue
			}
			if err := p.Apply(ctx, tx, own); err != nil {
				return fmt.Errorf("read model %s: %w", p.Name, err)
			}
		}
		return nil
	})
	if err == nil {
		s.at = batch[len(batch)-1].Position
	}
	return err
}
