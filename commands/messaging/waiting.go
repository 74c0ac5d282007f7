package messaging

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

// doubtTimeout is how long an attempt may stay in doubt before it fails and another one may follow.
const doubtTimeout = 15 * time.Minute

// retryAfter returns the least time that a text waits after this attempt, counted from 1.
func retryAfter(attempt int) time.Duration { return time.Duration(attempt*attempt) * time.Minute }

// WaitingMessage is a text that waits for a provider, for its next attempt, or for the outcome of an attempt in
// doubt.
type WaitingMessage struct {
	Message  domain.MessageID
	Account  domain.AccountID
	Attempts int
	Since    time.Time // of its last change, or the end of the quiet time that it waits for
	InDoubt  bool
}

// WaitingMessages returns the texts that have waited since before an instant, the longest first.
type WaitingMessages interface {
	WaitingSince(ctx context.Context, before time.Time, limit int) ([]WaitingMessage, error)
}

// RetryWaiting sends the waiting texts whose next attempt is due and resolves the attempts in doubt. It returns how
// many it acted on. It continues after an error and returns all errors joined.
func (d *Dispatcher) RetryWaiting(ctx context.Context, waiting WaitingMessages) (int, error) {
	now := d.Engine.Now()
	rows, err := waiting.WaitingSince(ctx, now.Add(-retryAfter(1)), maxDue)
	if err != nil {
		return 0, err
	}
	acted := 0
	var failures []error
	later := func(row WaitingMessage, work func(ctx context.Context) error) error {
		return d.schedule(ctx, row.Account, row.Message, work)
	}
	for _, row := range rows {
		if d.scheduled.has(row.Message) { // it waits for the turn of its account
			continue
		}
		origin := commands.ForAccount(row.Account, domain.Actor{ID: "retrying", Channel: "policy"}).
			WithID(domain.DeriveUUID("retry", row.Message, row.Attempts)).WithCause(uuid.Nil, row.Message.UUID)
		switch {
		case row.InDoubt:
			timedOut := !now.Before(row.Since.Add(doubtTimeout))
			err = later(row, func(ctx context.Context) error { return d.Resolve(ctx, origin, row.Message, timedOut) })
		case now.Before(row.Since.Add(backoff(row.Message, row.Attempts))):
			continue
		default:
			err = later(row, func(ctx context.Context) error { return d.Send(ctx, origin, row.Message) })
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("waiting message %s: %w", row.Message, err))
			continue
		}
		acted++
	}
	return acted, errors.Join(failures...)
}

// backoff returns how long a text waits after this attempt. From the fourth attempt on, half of it depends on the
// message, so that the texts which a provider refused together do not come back together.
func backoff(id domain.MessageID, attempt int) time.Duration {
	wait := min(retryAfter(attempt), maxBackoff)
	if attempt < jitterFrom {
		return wait
	}
	return wait/2 + wait/2*time.Duration(drawOf(id))/1000
}

const (
	maxBackoff = 20 * time.Minute
	jitterFrom = 4
)
