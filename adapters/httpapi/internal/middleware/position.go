package middleware

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/openapi"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/domain"
)

// waitTimeout bounds how long a read waits for the read models.
const waitTimeout = 5 * time.Second

// Views are the read models as a whole.
type Views interface {
	// Wait returns once the read models have reached the position, or with the error of ctx.
	Wait(ctx context.Context, position domain.Position) error
}

// LastWrites remembers the position of each key's last write since the start, so that a caller reads its own writes
// without sending a position.
type LastWrites struct {
	mu        sync.Mutex
	positions map[string]domain.Position
	latest    domain.Position // of any key
}

// NewLastWrites returns an empty LastWrites.
func NewLastWrites() *LastWrites { return &LastWrites{positions: make(map[string]domain.Position)} }

// Of returns the position of the last write of a key, or zero.
func (l *LastWrites) Of(prefix string) domain.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.positions[prefix]
}

// Latest returns the position of the last write of any key, or zero.
func (l *LastWrites) Latest() domain.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.latest
}

// Record remembers a write of a key. An earlier position changes nothing.
func (l *LastWrites) Record(prefix string, position domain.Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.positions[prefix].Before(position) {
		l.positions[prefix] = position
	}
	if l.latest.Before(position) {
		l.latest = position
	}
}

// WaitForViews makes a read wait for the position in the request and for the caller's own last write.
func WaitForViews(views Views, writes *LastWrites, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && !operationOf(r.Context()).Public() {
			if err := wait(r, views, writes); err != nil {
				Refuse(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func wait(r *http.Request, views Views, writes *LastWrites) error {
	position := writes.Of(CallerOf(r.Context()).Name())
	for _, text := range []string{r.Header.Get(openapi.PositionHeader), r.URL.Query().Get("after")} {
		if text == "" {
			continue
		}
		given, err := domain.ParsePosition(text)
		if err != nil {
			return err
		}
		if position.Before(given) {
			position = given
		}
	}
	if position.IsZero() {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), waitTimeout)
	defer cancel()
	if err := views.Wait(ctx, position); err != nil {
		if ctx.Err() != nil || errors.Is(err, syscall.ENOSPC) || errors.Is(err, domain.ErrUnavailable) {
			return problem.ErrViewsBehind // they wait for room or for their database, and continue by themselves
		}
		return err
	}
	return nil
}
