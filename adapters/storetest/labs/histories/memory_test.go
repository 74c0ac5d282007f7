package histories_test

import (
	"testing"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/adapters/storetest/labs/histories"
	"github.com/clickbook/clickbook/domain"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	store := memory.New()
	histories.Run(t, func(*testing.T, int) domain.EventStore { return store }, histories.Lossy())
}
