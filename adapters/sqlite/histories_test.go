package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/adapters/storetest/histories"
	"github.com/clickbook/clickbook/domain"
)

func TestHistories(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "events.db"), sqlite.Options{})
	histories.Run(t, func(*testing.T, int) domain.EventStore { return store }, histories.Lossy())
}
