package kurrentdb

import (
	"context"

	"github.com/clickbook/clickbook/domain"
)

// OpenIn opens one of several logs that share a node.
func OpenIn(ctx context.Context, url, name string, origin domain.Position, options Options) (*Store, error) {
	return openIn(ctx, url, space(name), origin, options)
}

// Abandoned is how many calls nobody waits for and have not come back.
func (s *Store) Abandoned() int64 { return s.abandoned.Load() }

// Made is how many clients there have been.
func (s *Store) Made() int64 { return s.made.Load() }

// Unknown is how many streams have an append of unknown outcome.
func (s *Store) Unknown() int {
	s.horizon.mu.Lock()
	defer s.horizon.mu.Unlock()
	return s.horizon.unknown
}

// Forget is what an append does when there are too many of them.
func (s *Store) Forget() { s.horizon.forget() }

// Looked is up to where the log was looked at for its last event.
func (s *Store) Looked() domain.Position { return s.tips.recall().looked }
