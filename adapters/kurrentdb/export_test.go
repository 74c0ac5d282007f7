package kurrentdb

import (
	"context"

	"github.com/clickbook/clickbook/domain"
)

// OpenIn opens one of several logs that share a node.
func OpenIn(ctx context.Context, url, name string, origin domain.Position, options Options) (*Store, error) {
	return openIn(ctx, url, namespace(name), origin, options)
}

// Abandoned returns how many calls have no caller any more and have not returned.
func (s *Store) Abandoned() int64 { return s.abandoned.Load() }

// ClientsCreated returns how many clients the store has created.
func (s *Store) ClientsCreated() int64 { return s.created.Load() }

// UnknownOutcomes returns how many streams have an append of unknown outcome.
func (s *Store) UnknownOutcomes() int {
	s.progress.mu.Lock()
	defer s.progress.mu.Unlock()
	return s.progress.unknown
}
