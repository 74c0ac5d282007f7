package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/clickbook/clickbook/domain"
)

// Subscribe implements domain.Subscriber. Catching up and following are the same: both read pages of the log up to a
// head that was loaded before, and wait only if nothing is left. After Close it returns domain.ErrStoreClosed.
func (s *Store) Subscribe(
	ctx context.Context, after domain.Position, filter domain.Filter,
	handle func(context.Context, []domain.Entry) error,
) error {
	seen, _ := after.Pair()
	for ctx.Err() == nil {
		grown := s.grown.Next()
		end := s.head.Load()
		if seen >= end {
			select {
			case <-grown:
			case <-ctx.Done():
			case <-s.ended:
				return fmt.Errorf("subscribe: %w", domain.ErrStoreClosed)
			}
			continue
		}
		var batch []domain.Entry
		err := s.closing()
		if err == nil {
			batch, seen, err = s.readRange(ctx, seen, end, filter, domain.MaxBatch, nil)
		}
		if err != nil {
			err = fmt.Errorf("subscribe: %w", err)
		} else if len(batch) > 0 {
			err = handle(ctx, batch)
		}
		if err != nil {
			if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return nil
			}
			return err
		}
	}
	return nil
}
