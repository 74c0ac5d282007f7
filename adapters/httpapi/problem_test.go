package httpapi

import (
	"fmt"
	"net/http"
	"syscall"
	"testing"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

// TestWhatPassesByItselfSaysWhenToAskAgain: 503 and 507 are no faults of the wish.
func TestWhatPassesByItselfSaysWhenToAskAgain(t *testing.T) {
	for code, c := range map[string]struct {
		err    error
		status int
	}{
		"busy":              {commands.ErrBusy, http.StatusServiceUnavailable},
		"store_unavailable": {domain.ErrUnavailable, http.StatusServiceUnavailable},
		"disk_full":         {syscall.ENOSPC, http.StatusInsufficientStorage},
	} {
		got := faultOf(fmt.Errorf("append to client-1: %w", c.err))
		if got.code != code || got.status != c.status || got.retryAfter == 0 {
			t.Errorf("%v became %d %s, again after %d s; want %d %s", c.err, got.status, got.code, got.retryAfter, c.status, code)
		}
	}
}
