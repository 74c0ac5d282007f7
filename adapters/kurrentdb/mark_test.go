package kurrentdb_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/domain"
)

// TestSetMarkSurvivesLostReplies sets marks while replies are lost. If several stores race, one wins.
func TestSetMarkSurvivesLostReplies(t *testing.T) {
	server := esdbtest.Start(t, generous)
	stores := []*kurrentdb.Store{open(t, server.URL()), open(t, server.URL())}
	server.Inject(esdbtest.DropReply(), nth(2, 8, esdbtest.Append))
	value := ""
	for i := range 8 {
		won := make([]error, len(stores))
		var group sync.WaitGroup
		for n, store := range stores {
			group.Go(func() { won[n] = store.SetMark(t.Context(), "log", value, fmt.Sprintf("%d of %d", i, n)) })
		}
		group.Wait()
		winner := -1
		for n, err := range won {
			switch {
			case err == nil && winner < 0:
				winner = n
			case err == nil || !errors.Is(err, domain.ErrConflict):
				t.Errorf("round %d: %v", i, won)
			}
		}
		value = fmt.Sprintf("%d of %d", i, winner)
		if got, err := stores[i%2].Mark(t.Context(), "log"); err != nil || got != value {
			t.Errorf("mark %q, %v, want %q", got, err, value)
		}
	}
	if server.Injected() == 0 {
		t.Error("no reply was lost")
	}
	if head, err := stores[0].Head(t.Context()); err != nil || !head.IsZero() {
		t.Errorf("head %v, %v, want zero for a log with only marks", head, err)
	}
}
