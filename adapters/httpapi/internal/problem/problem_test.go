package problem

import (
	"fmt"
	"net/http"
	"syscall"
	"testing"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

func TestTemporaryProblemsSayWhenToRetry(t *testing.T) {
	for code, c := range map[string]struct {
		err    error
		status int
	}{
		"busy":              {commands.ErrBusy, http.StatusServiceUnavailable},
		"store_unavailable": {domain.ErrUnavailable, http.StatusServiceUnavailable},
		"disk_full":         {syscall.ENOSPC, http.StatusInsufficientStorage},
	} {
		got := From(fmt.Errorf("append to client-1: %w", c.err))
		if got.Code != code || got.Status != c.status || got.RetryAfter == 0 {
			t.Errorf("%v became %d %s, retry after %d s; want %d %s", c.err, got.Status, got.Code, got.RetryAfter, c.status, code)
		}
	}
}
