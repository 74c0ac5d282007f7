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

// doubtRunsOut is how long an attempt may stay without any word before another one may follow.
const doubtRunsOut = 15 * time.Minute

// WaitingMessage is a text before its first attempt (no provider could carry it), between two attempts, or one
// whose attempt nobody has said a word about.
type WaitingMessage struct {
	Message  domain.MessageID
	Account  domain.AccountID
	Attempts int
	Since    time.Time // of its last change
	InDoubt  bool
}

// WaitingMessages answers which texts have waited since before an instant, longest first.
type WaitingMessages interface {
	WaitingSince(ctx context.Context, before time.Time, limit int) ([]WaitingMessage, error)
}

// RetryWaiting offers texts again that a busy carrier refused, and settles attempts in doubt, each when its time
// has come. It answers how many it acted on.
func (d *Dispatcher) RetryWaiting(ctx context.Context, waiting WaitingMessages) (int, error) {
	now := d.Engine.Now()
	rows, err := waiting.WaitingSince(ctx, now.Add(-retryAfter(1)), remindersAtOnce)
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
			err = d.Settle(ctx, origin, row.Message, !now.Before(row.Since.Add(doubtRunsOut)))
		case now.Before(row.Since.Add(retryAfter(row.Attempts))):
			continue
		default:
			err = d.Send(ctx, origin, row.Message)
		}
		if err != nil { // it must not keep the others from theirs
			failures = append(failures, fmt.Errorf("waiting message %s: %w", row.Message, err))
			continue
		}
		acted++
	}
	return acted, errors.Join(failures...)
}
