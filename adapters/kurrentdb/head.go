package kurrentdb

import (
	"context"
	"fmt"
	"sync"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/domain"
)

// Head implements domain.LogReader. It returns the position of the last event of the log, and ignores the events the
// node writes for its own use.
func (s *Store) Head(ctx context.Context) (domain.Position, error) {
	last, err := s.lastEvent(ctx)
	if err != nil {
		return domain.Position{}, fmt.Errorf("head: %w", err)
	}
	return last.Position, nil
}

// headCache remembers the last event that was found and how far the log was searched. The next search stops there,
// and does not read the node's own events twice.
type headCache struct {
	mu sync.Mutex
	knownHead
}

type knownHead struct {
	last        domain.Entry // without data and metadata
	searched    domain.Position
	truncations int // how often the log was found to be shorter
}

func (h *headCache) get() knownHead {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.knownHead
}

// update stores what a search found that began from a known head. It keeps the present one if another search has
// meanwhile found more, or a truncation.
func (h *headCache) update(from knownHead, last domain.Entry, end domain.Position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if from.truncations > h.truncations || from.truncations == h.truncations && h.searched.Before(end) {
		h.knownHead = knownHead{last, end, from.truncations}
	}
}

// lastEvent finds the last event of the log. It reads backwards from the end, page by page, to where the last search
// began.
func (s *Store) lastEvent(ctx context.Context) (domain.Entry, error) {
	from := s.head.get()
	var at esdb.AllPosition = esdb.End{}
	var end domain.Position
	for rows := uint64(1); ; rows = min(rows*16, pageRows) {
		found, err := s.logPage(ctx, esdb.Backwards, at, rows)
		if err != nil {
			return domain.Entry{}, err
		}
		for _, r := range found.records {
			if end.IsZero() {
				if end = r.Position; end.Before(from.searched) {
					s.log.Warn("kurrentdb: the log is shorter than it was", "was", from.searched, "is", end)
					from = knownHead{truncations: from.truncations + 1}
					s.progress.truncate(end)
				}
			}
			if !from.searched.Before(r.Position) {
				s.head.update(from, from.last, end)
				return from.last, nil
			}
			if r.ours {
				r.Data, r.Meta = nil, nil
				s.head.update(from, r.Entry, end)
				s.progress.advance(r.Position)
				return r.Entry, nil
			}
			at = esdbPosition(r.Position)
		}
		if !found.more {
			s.head.update(from, domain.Entry{}, end)
			return domain.Entry{}, nil
		}
	}
}
