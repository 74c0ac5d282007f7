// Package projectiontest tests projections by example: after given events, a query returns rows. The log is in memory
// and the tables are in a temporary SQLite database. Whether other databases return the same rows is a matter of
// adapters/viewstest.
package projectiontest

import (
	"context"
	"reflect"
	"testing"

	"github.com/clickbook/clickbook/adapters/sqlite/views"
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

// New returns a world after the given events. When the test ends, a rebuild of all projections must give the same
// rows.
func New(t testing.TB, given ...Append) *World {
	t.Helper()
	db, err := views.NewScratch()
	if err != nil {
		t.Fatal(err)
	}
	log := NewLog(t)
	w := &World{
		Log: log, DB: db, Projector: projector.New(log.Store, log.Codec, db, projections.All()...),
		Read: projections.NewReader(db),
	}
	t.Cleanup(func() {
		w.checkRebuild()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w.Given(given...)
	return w
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

// checkRebuild rebuilds all projections and compares the rows. The test's own context has ended by then.
func (w *World) checkRebuild() {
	if w.t.Failed() {
		return
	}
	results, err := w.Projector.Rebuild(context.Background(), nil)
	if err != nil {
		w.t.Error(err)
	}
	for _, result := range results {
		if !result.Same() {
			w.t.Errorf("a rebuild changed the rows of %s", result.Name)
		}
	}
}
