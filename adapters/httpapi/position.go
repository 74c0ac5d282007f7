package httpapi

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// PositionHeader says up to where a write reaches, or from where on a read may answer.
const PositionHeader = "Clickbook-Position"

// waitTimeout bounds how long a read waits for the views.
const waitTimeout = 5 * time.Second

// Views are the read models as a whole.
type Views interface {
	// Wait returns once the views have seen the position, or with the error of ctx.
	Wait(ctx context.Context, position domain.Position) error
}

// lastWrites remembers each key's own last write, so that nobody has to ask for what they have just written.
// It holds one position for each key that has written since the start.
type lastWrites struct {
	mu     sync.Mutex
	places map[string]domain.Position
}

func newLastWrites() *lastWrites { return &lastWrites{places: make(map[string]domain.Position)} }

func (l *lastWrites) of(prefix string) domain.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.places[prefix]
}

func (l *lastWrites) note(prefix string, position domain.Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.places[prefix].Before(position) {
		l.places[prefix] = position
	}
}

// await makes a read wait for the position it was given and for the caller's own last write.
func await(views Views, writes *lastWrites, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && !operationOf(r.Context()).open() {
			if err := catchUp(r, views, writes); err != nil {
				writeProblem(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func catchUp(r *http.Request, views Views, writes *lastWrites) error {
	position := writes.of(callerOf(r.Context()).Prefix)
	for _, text := range []string{r.Header.Get(PositionHeader), r.URL.Query().Get("after")} {
		if text == "" {
			continue
		}
		asked, err := domain.ParsePosition(text)
		if err != nil {
			return err
		}
		if position.Before(asked) {
			position = asked
		}
	}
	if position.IsZero() {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), waitTimeout)
	defer cancel()
	if err := views.Wait(ctx, position); err != nil {
		if ctx.Err() != nil {
			return errViewsBehind
		}
		return err
	}
	return nil
}
