package memory

import (
	"context"
	"errors"

	"github.com/clickbook/clickbook/domain"
)

// Subscribe implements domain.Subscriber. It checks for new events under the lock that returns the channel to wait
// on, so that no event is missed between the check and the wait.
func (s *Store) Subscribe(
	ctx context.Context, after domain.Position, filter domain.Filter,
	handle func(context.Context, []domain.Entry) error,
) error {
	seen, _ := after.Pair()
	for ctx.Err() == nil {
		s.mu.RLock()
		log, grown := s.log, s.grown
		s.mu.RUnlock()
		if seen >= uint64(len(log)) {
			select {
			case <-grown:
			case <-ctx.Done():
			}
			continue
		}
		batch := make([]domain.Entry, 0, min(uint64(domain.MaxBatch), uint64(len(log))-seen))
		for ; seen < uint64(len(log)) && len(batch) < domain.MaxBatch; seen++ {
			if r := log[seen]; filter.Passes(r) {
				r.Stored = owned(r.Stored)
				batch = append(batch, r)
			}
		}
		if len(batch) == 0 {
			continue
		}
		if err := handle(ctx, batch); err != nil {
			if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return nil
			}
			return err
		}
	}
	return nil
}
