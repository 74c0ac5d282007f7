package kurrentdb

import (
	"context"
	"fmt"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/domain"
)

// Verify reads the whole log and checks it: positions ascend, no revision is missing, every append is complete, and
// ClickBook has written every event. It keeps the name of every stream in memory.
func (s *Store) Verify(ctx context.Context) error {
	end, err := s.Head(ctx)
	if err != nil {
		return err
	}
	type state struct {
		next domain.Revision
		rest int // events of the last append that must follow
	}
	streams := map[domain.Stream]state{}
	for seen, more := s.origin, true; more; {
		found, err := s.logPage(ctx, esdb.Forwards, startAt(seen), pageRows)
		if err != nil {
			return fmt.Errorf("verify: %w", err)
		}
		before := seen
		for _, r := range found.records {
			if r.Position == before {
				continue // the last record of the page before
			}
			if !seen.Before(r.Position) || end.Before(r.Position) {
				break
			}
			if seen = r.Position; !r.ours {
				continue
			}
			at := streams[r.Stream]
			switch {
			case r.Revision != at.next:
				return fmt.Errorf("verify: %s has revision %d, want %d", r.Stream, r.Revision, at.next)
			case at.rest > 0 && r.Rest != at.rest-1:
				return fmt.Errorf("verify: an append to %s is incomplete before revision %d", r.Stream, r.Revision)
			}
			streams[r.Stream] = state{r.Revision + 1, r.Rest}
		}
		if more = found.more && seen.Before(end); more && seen == before {
			return fmt.Errorf("verify: the log does not continue after %s", seen)
		}
	}
	for stream, at := range streams {
		if at.rest > 0 {
			return fmt.Errorf("verify: the last append to %s is incomplete", stream)
		}
	}
	return nil
}
