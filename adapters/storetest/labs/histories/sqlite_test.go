package histories_test

import (
	"path/filepath"
	"testing"

	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/adapters/storetest/labs/histories"
	"github.com/clickbook/clickbook/domain"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "events.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, store)
	histories.Run(t, func(*testing.T, int) domain.EventStore { return store }, histories.Lossy())
}
