package projections_test

import (
	"context"
	"errors"
	"iter"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// TestProjectionsHandleExactlyTheTypesTheyList applies one event of every type to every projection. A type that is
// listed without a case, or has a case without being listed, would leave a silent gap.
func TestProjectionsHandleExactlyTheTypesTheyList(t *testing.T) {
	events := domaintest.GoldenEvents(t, aggregates.Types()...)
	for _, projection := range projections.All() {
		t.Run(projection.Name, func(t *testing.T) {
			listed := 0
			for _, event := range events {
				isListed := slices.Contains(projection.Types, event.EventType())
				var err error
				if isListed {
					listed++
					err = apply(t, projection, append(needed(projection, event, events), event)...)
				} else {
					err = projection.Apply(t.Context(), noTables{}, []domain.Recorded{recorded(event)})
				}
				isUnexpected := err != nil && strings.Contains(err.Error(), "unexpected "+event.EventType())
				switch {
				case isListed && isUnexpected:
					t.Errorf("%s lists %s but has no case for it", projection.Name, event.EventType())
				case isListed && err != nil:
					t.Errorf("applying %s: %v", event.EventType(), err)
				case !isListed && !isUnexpected:
					t.Errorf("%s has a case for %s but does not list it (error %v)", projection.Name, event.EventType(), err)
				}
			}
			if listed != len(projection.Types) {
				t.Errorf("%d of the types that %s lists are events of an aggregate: %v", listed, projection.Name, projection.Types)
			}
		})
	}
}

// needed returns the event without which a projection cannot apply another: results and receipts need their attempt.
func needed(projection readmodel.Projection, event domain.Event, events []domain.Event) []domain.Event {
	attempted := message.SmsAttempted{}.EventType()
	if event.EventType() == attempted || !slices.Contains(projection.Types, attempted) {
		return nil
	}
	i := slices.IndexFunc(events, func(e domain.Event) bool { return e.EventType() == attempted })
	return events[i : i+1 : i+1]
}

// apply applies events to the empty tables of a projection.
func apply(t *testing.T, projection readmodel.Projection, events ...domain.Event) (failed error) {
	t.Helper()
	db, err := views.NewScratch()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Write(t.Context(), func(tx readmodel.Tx) error {
		for _, table := range projection.Tables {
			if err := tx.Create(t.Context(), table); err != nil {
				return err
			}
		}
		for _, event := range events {
			failed = errors.Join(failed, projection.Apply(t.Context(), tx, []domain.Recorded{recorded(event)}))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return failed
}

// recorded returns an event of a stream of the account.
func recorded(event domain.Event) domain.Recorded {
	return domain.Recorded{
		Stream: domain.StreamOf("any", Acme.String()), Event: event,
		Meta: domain.Metadata{Account: Acme, OccurredAt: Monday, RecordedAt: Monday},
	}
}

// noTables is a transaction in which every statement fails.
type noTables struct{ readmodel.Tx }

func (noTables) Exec(context.Context, string, ...any) error { return errors.New("there are no tables") }

func (noTables) Query(context.Context, string, ...any) iter.Seq2[readmodel.Row, error] {
	return func(yield func(readmodel.Row, error) bool) { yield(nil, errors.New("there are no tables")) }
}

// TestTablesHaveUniqueNamesWithTheirVersion keeps rows of one version from meeting those of another, and queries from
// reading the wrong table.
func TestTablesHaveUniqueNamesWithTheirVersion(t *testing.T) {
	var names, tables []string
	for _, projection := range projections.All() {
		names = append(names, projection.Name)
		for _, table := range projection.Tables {
			tables = append(tables, table.Name)
			if !strings.HasSuffix(table.Name, "_v"+projection.String()[len(projection.Name)+2:]) {
				t.Errorf("table %s is not named for version %d", table.Name, projection.Version)
			}
			if !regexp.MustCompile(`^[a-z_]+_v[1-9][0-9]*$`).MatchString(table.Name) {
				t.Errorf("table %s does not have a plain name", table.Name)
			}
		}
		types := slices.Clone(projection.Types)
		slices.Sort(types)
		if len(slices.Compact(types)) != len(projection.Types) || len(types) == 0 {
			t.Errorf("%s lists %v: list each type once", projection.Name, projection.Types)
		}
	}
	for _, list := range [][]string{names, tables} {
		slices.Sort(list)
		if n := len(list); len(slices.Compact(list)) != n {
			t.Errorf("a name occurs twice in %v", list)
		}
	}
}
