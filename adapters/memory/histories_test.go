package memory_test

import (
	"testing"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/adapters/storetest/histories"
	"github.com/clickbook/clickbook/domain"
)

func TestHistories(t *testing.T) {
	store := memory.New()
	histories.Run(t, func(*testing.T, int) domain.EventStore { return store }, histories.Lossy())
}
