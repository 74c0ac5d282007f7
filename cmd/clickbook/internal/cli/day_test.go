package cli_test

import (
	"errors"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/domain"
)

func TestDaysHaveTheRangeOfInstants(t *testing.T) {
	for _, text := range []string{"0000-01-01", "1899-12-31", "2200-01-01", "9999-12-31"} {
		if day, err := cli.ParseDay("from", text, time.UTC); !errors.Is(err, domain.ErrInstantRange) {
			t.Errorf("--from %s was read as %s (error %v)", text, day, err)
		}
	}
	if _, err := cli.ParseDay("from", "2199-12-31", time.UTC); err != nil {
		t.Error(err)
	}
}
