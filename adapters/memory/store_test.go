package memory_test

import (
	"testing"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/adapters/storetest"
	"github.com/clickbook/clickbook/domain"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(*testing.T) domain.EventStore { return memory.New() })
}
