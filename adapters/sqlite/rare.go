package sqlite

import (
	"context"
	"fmt"
	"slices"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/domain"
)

// Limits of a read by prefix that finds its events through the streams. Above them it scans the log.
const (
	rareStreams = 10_000
	rareEvents  = 100_000 // of any type, in all these streams
)

// rare returns the positions of all events in a range whose streams have one of the prefixes, in order. It looks for
// the streams by name and for their events by stream, so it takes as long for a large log as for a small one. ok is
// false if the filter has no prefixes, or if there are too many such events.
func (s *Store) rare(ctx context.Context, seen, end uint64, prefixes []string) (found []uint64, ok bool, err error) {
	endless := func(prefix string) bool { return successor(prefix) == "" }
	if len(prefixes) == 0 || seen >= end || slices.ContainsFunc(prefixes, endless) {
		return nil, false, nil
	}
	err = s.withReader(ctx, func(r *reader) error {
		var streams []int64
		if streams, ok, err = r.withPrefix(prefixes); !ok || err != nil {
			return err
		}
		found, ok, err = r.places(streams, seen, end)
		return err
	})
	slices.Sort(found)
	return found, ok && err == nil, err
}

// withPrefix returns the streams whose names have one of the prefixes, or false if there are more than rareStreams.
func (r *reader) withPrefix(prefixes []string) (streams []int64, ok bool, err error) {
	for _, prefix := range prefixes {
		r.named.BindText(1, prefix)
		r.named.BindText(2, successor(prefix))
		r.named.BindInt64(3, int64(rareStreams+1-len(streams)))
		err := query(r.named, func(stmt *sqlite.Stmt) error {
			streams = append(streams, stmt.ColumnInt64(0))
			return nil
		})
		if err != nil || len(streams) > rareStreams {
			return nil, false, err
		}
	}
	slices.Sort(streams) // a stream may have several of the prefixes
	return slices.Compact(streams), true, nil
}

// places returns where in a range the events of streams are, or false if the streams have more than rareEvents. It
// checks that no revision is missing.
func (r *reader) places(streams []int64, seen, end uint64) (found []uint64, ok bool, err error) {
	left := rareEvents
	for _, stream := range streams {
		next := int64(0)
		r.ofStream.BindInt64(1, stream)
		r.ofStream.BindInt64(2, int64(left+1))
		err := query(r.ofStream, func(stmt *sqlite.Stmt) error {
			at := uint64(stmt.ColumnInt64(0))
			if stmt.ColumnInt64(1) != next {
				return r.store.file.Damaged(fmt.Sprintf("revision %d of stream %d is missing", next, stream))
			}
			next++
			if at > seen && at <= end {
				found = append(found, at)
			}
			return nil
		})
		if left -= int(next); err != nil || left < 0 {
			return nil, false, err
		}
	}
	return found, true, nil
}

// readAt reads the events at the first positions of at, which are in order, up to a page. It returns the positions that
// are left.
func (r *reader) readAt(
	at []uint64, types []string, rows int, entries []domain.Entry,
) (_ []domain.Entry, left []uint64, err error) {
	size := 0
	for range min(rows, len(at)) {
		place := at[0]
		at = at[1:]
		before := len(entries)
		r.all.BindInt64(1, int64(place-1))
		r.all.BindInt64(2, int64(place))
		if entries, _, _, err = r.page(r.all, before+1, "", nil, entries); err != nil {
			return entries, at, err
		}
		if len(entries) == before {
			return entries, at, r.store.file.Damaged(fmt.Sprintf("the event at position %d is missing", place))
		}
		if entry := entries[before]; len(types) > 0 && !slices.Contains(types, entry.Type) {
			entries = entries[:before]
		} else if size += len(entry.Data) + len(entry.Meta); size >= pageBytes {
			break
		}
	}
	return entries, at, nil
}

// successor returns the least text that is greater than every text with a prefix. It returns "" for no prefix, and for
// one that no text in UTF-8 has.
func successor(prefix string) string {
	last := len(prefix) - 1
	if last < 0 || prefix[last] == 0xff {
		return ""
	}
	return prefix[:last] + string([]byte{prefix[last] + 1})
}
