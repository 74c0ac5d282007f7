package sqlite

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/domain"
)

// Append implements domain.Appender. It returns when the events are durable.
func (s *Store) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (appended domain.Appended, err error) {
	if err := domain.CheckAppend(stream, expected, events); err != nil {
		return domain.Appended{}, err
	}
	if err := ctx.Err(); err != nil {
		return domain.Appended{}, fmt.Errorf("append to %s: %w", stream, err)
	}
	size := 0
	for i := range events {
		size += len(events[i].Data) + len(events[i].Meta)
	}
	var refused error
	err = s.writer.ask(ctx, size, func(w *writer) (fault error) {
		appended, refused, fault = w.append(stream, expected, events)
		return fault
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return domain.Appended{}, fmt.Errorf("append to %s: %w", stream, err)
	}
	return appended, nil
}

// append writes the events if the stream is at its expected revision.
func (w *writer) append(
	stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (appended domain.Appended, refused, fault error) {
	at, err := w.tip(stream)
	if err != nil {
		return appended, nil, err
	}
	if at.head != int64(expected) {
		return w.again(at, expected, events)
	}
	if at.id == 0 {
		w.store.known.Add(string(stream))
		w.addStream.BindText(1, string(stream))
		if err := exec(w.addStream); err != nil {
			return appended, nil, err
		}
		at.id = w.conn.LastInsertRowID()
		w.lastStream = at.id
	}
	category, err := w.word(category(stream))
	if err != nil {
		return appended, nil, err
	}
	w.insert.BindInt64(2, at.id)
	w.insert.BindInt64(4, category)
	for i := range events {
		at.head++
		if err := w.write(at.head, len(events)-1-i, &events[i]); err != nil {
			return appended, nil, err
		}
		w.fresh = append(w.fresh, domain.Entry{
			Position: position(w.next), Stream: stream, Revision: domain.Revision(at.head), Stored: events[i],
			Rest: len(events) - 1 - i,
		})
		w.next++
	}
	own(w.fresh[len(w.fresh)-len(events):]) // the caller may reuse its bytes
	w.store.tips.keep(stream, at)
	return domain.Appended{Revision: domain.Revision(at.head), Position: position(w.next - 1)}, nil, nil
}

func (w *writer) write(revision int64, rest int, event *domain.Stored) error {
	kind, err := w.word(event.Type)
	if err != nil {
		return err
	}
	w.insert.BindInt64(1, int64(w.next))
	w.insert.BindInt64(3, revision)
	w.insert.BindInt64(5, kind)
	w.insert.BindInt64(6, int64(rest))
	w.insert.BindBytes(7, event.ID[:])
	w.insert.BindBytes(8, event.Data)
	w.insert.BindBytes(9, event.Meta)
	return exec(w.insert)
}

// again handles an append whose expected revision is not the head of the stream. It returns the position of the same
// append if it is stored already, and a conflict otherwise.
func (w *writer) again(
	at tip, expected domain.Revision, events []domain.Stored,
) (appended domain.Appended, refused, fault error) {
	conflict := fmt.Errorf("at revision %d, not %d: %w", at.head, expected, domain.ErrConflict)
	if at.head < int64(expected)+int64(len(events)) {
		return appended, conflict, nil
	}
	w.stored.BindInt64(1, at.id)
	w.stored.BindInt64(2, int64(expected)) // the event before must be the last of its append
	w.stored.BindInt64(3, int64(expected)+int64(len(events)))
	same, last := true, uint64(0)
	err := query(w.stored, func(stmt *sqlite.Stmt) error {
		i, rest := int(stmt.ColumnInt64(0)-int64(expected))-1, stmt.ColumnInt(1)
		if i < 0 {
			same = rest == 0
			return nil
		}
		var id uuid.UUID
		stmt.ColumnBytes(3, id[:])
		same = same && id == events[i].ID && rest == len(events)-1-i
		last = uint64(stmt.ColumnInt64(2))
		return nil
	})
	if err != nil || !same {
		return appended, conflict, err
	}
	return domain.Appended{Revision: expected + domain.Revision(len(events)), Position: position(last)}, nil, nil
}

// tip returns the end of a stream: id 0 and head -1 if the stream does not exist.
func (w *writer) tip(stream domain.Stream) (tip, error) {
	if at, ok := w.store.tips.find(stream); ok {
		return at, nil
	}
	at := tip{head: int64(domain.NoStream)}
	if w.store.known.Lacks(string(stream)) {
		return at, nil
	}
	w.streamID.BindText(1, string(stream))
	if err := query(w.streamID, func(stmt *sqlite.Stmt) error {
		at.id = stmt.ColumnInt64(0)
		return nil
	}); err != nil || at.id == 0 {
		w.mustLearn = w.mustLearn || w.store.known.Missed()
		return at, err
	}
	w.headOf.BindInt64(1, at.id)
	err := query(w.headOf, func(stmt *sqlite.Stmt) error {
		at.head = stmt.ColumnInt64(0)
		return nil
	})
	if err == nil {
		w.store.tips.keep(stream, at)
	}
	return at, err
}

// word returns the number of an event type or category. A new one gets its number in the current transaction.
func (w *writer) word(text string) (int64, error) {
	if id, ok := w.words.ids[text]; ok {
		return id, nil
	}
	w.addWord.BindText(1, text)
	if err := exec(w.addWord); err != nil {
		return 0, err
	}
	if w.words == w.store.words.Load() {
		w.words = w.words.clone()
	}
	w.words.add(w.conn.LastInsertRowID(), text)
	return w.words.ids[text], nil
}
