package readmodel

import (
	"context"
	"fmt"

	"github.com/clickbook/clickbook/domain"
)

// Projection learns from events what it needs to answer one question. It is a value: the rows it makes depend on
// the events alone, so that made anew they are the same byte for byte. While it learns it looks into its own
// tables only. A change of its tables or of what it learns is a new version with tables of new names, which is
// built beside the old one and then takes over.
type Projection struct {
	Name    string
	Version int
	Tables  []Table
	Types   []string // the events it learns from
	// Apply takes a batch of those events, in the order of the log.
	Apply func(ctx context.Context, tx Tx, events []domain.Recorded) error
}

// String is the name with the version, by which its checkpoint is kept.
func (p Projection) String() string { return fmt.Sprintf("%s_v%d", p.Name, p.Version) }

// each makes an Apply out of what one event teaches.
func Each(learn func(s Session, r domain.Recorded) error) func(context.Context, Tx, []domain.Recorded) error {
	return func(ctx context.Context, tx Tx, events []domain.Recorded) error {
		s := Session{ctx, tx}
		for _, r := range events {
			if err := learn(s, r); err != nil {
				return fmt.Errorf("%s at revision %d of %s: %w", r.Event.EventType(), r.Revision, r.Stream, err)
			}
		}
		return nil
	}
}

// session is a transaction with its context, so that what an event teaches reads as one line.
type Session struct {
	Ctx context.Context
	Tx  Tx
}

func (s Session) Exec(sql string, args ...any) error { return s.Tx.Exec(s.Ctx, sql, args...) }

// called are the names of the projection's tables in an edition.
func (p Projection) TableNames(suffix string) []string {
	names := make([]string, len(p.Tables))
	for i, table := range p.Tables {
		names[i] = table.Name + suffix
	}
	return names
}
