package readmodel

import (
	"context"
	"fmt"

	"github.com/clickbook/clickbook/domain"
)

// Projection makes tables from events, to answer one question. Its rows depend on the events alone, and Apply reads
// no tables but its own, so a rebuild gives the same rows byte for byte. To change its tables or what Apply writes,
// give it a new version and its tables new names: the new version is built next to the old one and then replaces it.
type Projection struct {
	Name    string
	Version int
	Tables  []Table
	Types   []string // the event types it subscribes to
	// Apply applies a batch of those events, in the order of the log. It returns domain.Unexpected for an event that
	// it has no case for.
	Apply func(ctx context.Context, tx Tx, events []domain.Recorded) error
}

// String returns the name with the version. The checkpoint is stored under it.
func (p Projection) String() string { return fmt.Sprintf("%s_v%d", p.Name, p.Version) }

// TableNames returns the names of the projection's tables in the edition with this suffix.
func (p Projection) TableNames(suffix string) []string {
	names := make([]string, len(p.Tables))
	for i, table := range p.Tables {
		names[i] = table.Name + suffix
	}
	return names
}

// Writer is a transaction together with its context, so that applying an event reads as one line.
type Writer struct {
	Ctx context.Context
	Tx  Tx
}

// Exec runs Tx.Exec with the writer's context.
func (w Writer) Exec(sql string, args ...any) error { return w.Tx.Exec(w.Ctx, sql, args...) }

// ApplyEach returns an Apply that calls apply for one event after the other. An error names the event.
func ApplyEach(apply func(w Writer, r domain.Recorded) error) func(context.Context, Tx, []domain.Recorded) error {
	return func(ctx context.Context, tx Tx, events []domain.Recorded) error {
		w := Writer{ctx, tx}
		for _, r := range events {
			if err := apply(w, r); err != nil {
				return fmt.Errorf("%s at revision %d of %s: %w", r.Event.EventType(), r.Revision, r.Stream, err)
			}
		}
		return nil
	}
}
