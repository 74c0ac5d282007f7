package kurrentdb

import (
	"context"
	"fmt"
	"sync"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/domain"
)

// Head implements domain.LogReader. It is the last event of the log, whatever the node has written of its own since.
func (s *Store) Head(ctx context.Context) (domain.Position, error) {
	tip, err := s.tip(ctx)
	if err != nil {
		return domain.Position{}, fmt.Errorf("head: %w", err)
	}
	return tip.Position, nil
}

// tips remembers the last event that was found, and up to which record of any kind was looked, so that nobody looks
// twice at what a node writes of its own.
type tips struct {
	mu sync.Mutex
	known
}

type known struct {
	last   domain.Entry // without its bytes
	looked domain.Position
	cuts   int // how often the log was found shorter
}

func (t *tips) recall() known {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.known
}

// learn keeps what a look found that began with what was known then. One that ran beside it may have seen more, or
// that the log was cut off.
func (t *tips) learn(then known, last domain.Entry, end domain.Position) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if then.cuts > t.cuts || then.cuts == t.cuts && t.looked.Before(end) {
		t.known = known{last, end, then.cuts}
	}
}

// tip looks for the last event of the log, backwards from its end, page by page, down to where the last look began.
func (s *Store) tip(ctx context.Context) (domain.Entry, error) {
	then := s.tips.recall()
	var at esdb.AllPosition = esdb.End{}
	var end domain.Position
	for rows := uint64(1); ; rows = min(rows*16, pageRows) {
		found, err := s.logPage(ctx, esdb.Backwards, at, rows)
		if err != nil {
			return domain.Entry{}, err
		}
		for _, r := range found.records {
			if end.IsZero() {
				if end = r.Position; end.Before(then.looked) {
					s.log.Warn("kurrentdb: the log is shorter than it was", "was", then.looked, "is", end)
					then = known{cuts: then.cuts + 1}
					s.horizon.recede(end)
				}
			}
			if !then.looked.Before(r.Position) {
				s.tips.learn(then, then.last, end)
				return then.last, nil
			}
			if r.ours {
				r.Data, r.Meta = nil, nil
				s.tips.learn(then, r.Entry, end)
				s.horizon.reach(r.Position)
				return r.Entry, nil
			}
			at = place(r.Position)
		}
		if !found.more {
			s.tips.learn(then, domain.Entry{}, end)
			return domain.Entry{}, nil
		}
	}
}
