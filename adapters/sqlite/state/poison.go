package state

import (
	"context"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/domain"
)

// Poison is an event that a reactor could not handle, however often it tried. The event itself is in the log.
type Poison struct {
	Reactor  string
	Position domain.Position
	Stream   domain.Stream
	Type     string
	Reason   string
}

// PutAside records an event that a reactor gives up, so that it can continue with the next.
func (f *File) PutAside(ctx context.Context, reactor string, entry domain.Entry, reason string) error {
	return f.run(ctx, `INSERT INTO poison (reactor, position, stream, type, reason) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (reactor, position) DO UPDATE SET reason = excluded.reason`,
		[]any{reactor, entry.Position.String(), string(entry.Stream), entry.Type, reason}, nil)
}

// Poisoned lists the recorded events, in log order, at most limit.
func (f *File) Poisoned(ctx context.Context, limit int) (all []Poison, err error) {
	err = f.read(ctx, "SELECT reactor, position, stream, type, reason FROM poison ORDER BY position, reactor LIMIT ?",
		[]any{limit}, func(stmt *sqlite.Stmt) error {
			position, err := domain.ParsePosition(stmt.ColumnText(1))
			all = append(all, Poison{
				Reactor: stmt.ColumnText(0), Position: position, Stream: domain.Stream(stmt.ColumnText(2)),
				Type: stmt.ColumnText(3), Reason: stmt.ColumnText(4),
			})
			return err
		})
	return all, err
}
