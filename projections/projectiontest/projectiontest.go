// Package projectiontest tests projections by example: after given events, a query returns rows. The log is in memory
// and the tables are in a temporary SQLite database. Whether other databases return the same rows is a matter of
// adapters/viewstest.
package projectiontest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	memory "github.com/clickbook/clickbook/adapters/memory/views"
	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Example is one query and its result. After the events that its table is given, and then those in Given, Query must
// return exactly Want. A nil Want expects no rows.
type Example struct {
	Name  string
	Given []Append
	Query func(ctx context.Context, read projections.Reader) (any, error)
	Want  any
}

// Run checks each example. Examples without events of their own share one world.
func Run(t *testing.T, given []Append, examples []Example) {
	t.Helper()
	shared := New(t, given...)
	for _, example := range examples {
		t.Run(example.Name, func(t *testing.T) {
			w := shared
			if len(example.Given) > 0 {
				w = New(t, given...)
				w.Given(example.Given...)
			}
			got, err := example.Query(t.Context(), w.Read)
			if err != nil {
				t.Fatal(err)
			}
			if example.Want == nil && isEmpty(got) {
				return
			}
			if !reflect.DeepEqual(got, example.Want) {
				t.Fatalf("the query returned\n got: %+v\nwant: %+v", got, example.Want)
			}
		})
	}
}

func isEmpty(got any) bool {
	value := reflect.ValueOf(got)
	return !value.IsValid() || value.Kind() == reflect.Slice && value.Len() == 0
}

// Found turns the results of a query for one row into those of a Query: nil when there is no row.
func Found[T any](found T, ok bool, err error) (any, error) {
	if !ok {
		return nil, err
	}
	return found, err
}

// World is a log and all projections over it.
type World struct {
	*Log
	DB        readmodel.Database
	Projector *projector.Projector
	Read      projections.Reader
}

// New returns a world after the given events. When the test ends, tables that are built again from the log must have the
// same rows.
func New(t testing.TB, given ...Append) *World {
	t.Helper()
	db := newScratch(t)
	log := NewLog(t)
	w := &World{
		Log: log, DB: db, Projector: projector.New(log.Store, log.Codec, db, projections.All()...),
		Read: projections.NewReader(db),
	}
	w.Given(given...)
	t.Cleanup(w.checkBuiltAgain)
	return w
}

func newScratch(t testing.TB) *views.Scratch {
	t.Helper()
	db, err := views.NewScratch()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Given appends events and brings the projections to the head of the log.
func (w *World) Given(appends ...Append) {
	w.t.Helper()
	w.Append(appends...)
	w.CatchUp()
}

// CatchUp brings the projections to the head of the log.
func (w *World) CatchUp() {
	w.t.Helper()
	if _, err := w.Projector.CatchUp(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// checkBuiltAgain compares all rows with those of tables that are built again in memory, as a rebuild does. The context
// of the test has ended by then.
func (w *World) checkBuiltAgain() {
	if w.t.Failed() {
		return
	}
	ctx := context.Background()
	var events []domain.Recorded
	for entry, err := range w.Store.ReadAll(ctx, domain.Position{}, domain.Filter{}) {
		event, failed := w.Codec.Decode(entry)
		if err = errors.Join(err, failed); err != nil {
			w.t.Fatal(err)
		}
		events = append(events, event)
	}
	for _, projection := range projections.All() {
		want, _, err := projector.Hash(ctx, w.DB, projection)
		if err != nil {
			w.t.Error(err)
		}
		if got, err := buildAgain(ctx, projection, events); err != nil || got != want {
			w.t.Errorf("built again from the log, %s has other rows (error %v)", projection.Name, err)
		}
	}
}

// buildAgain returns the hash of the rows that events make in memory.
func buildAgain(
	ctx context.Context, projection readmodel.Projection, events []domain.Recorded,
) (hash string, err error) {
	again := memory.NewScratch(memory.Options{Disk: func() (readmodel.Scratch, error) {
		return nil, errors.New("a statement cannot be run in memory, so a rebuild would be slow")
	}})
	defer func() { err = errors.Join(err, again.Close()) }()
	events = slices.DeleteFunc(slices.Clone(events), func(r domain.Recorded) bool {
		return !slices.Contains(projection.Types, r.Event.EventType())
	})
	err = again.Write(ctx, func(tx readmodel.Tx) error {
		for _, table := range projection.Tables {
			if err := tx.Create(ctx, table); err != nil {
				return err
			}
		}
		return projection.Apply(ctx, tx, events)
	})
	if err == nil {
		hash, _, err = projector.Hash(ctx, again, projection)
	}
	return hash, err
}
