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
	for _, row := range rows {
		origin := commands.ForAccount(row.Account, domain.Actor{ID: "retrying", Channel: "policy"}).
			WithID(domain.DeriveUUID("retry", row.Message, row.Attempts)).WithCause(uuid.Nil, row.Message.UUID)
		switch {
		case row.InDoubt:
			err = d.Resolve(ctx, origin, row.Message, !now.Before(row.Since.Add(doubtTimeout)))
		case now.Before(row.Since.Add(retryAfter(row.Attempts))):
			continue
		default:
			err = d.Send(ctx, origin, row.Message)
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("waiting message %s: %w", row.Message, err))
			continue
		}
		acted++
	}
	return acted, errors.Join(failures...)
}
