package installation

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/commands/lanes"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
)

// dispatchWorkers is how many texts are submitted at once. With a provider that responds in 50 ms, 64 workers submit
// 1,280 texts a second.
const dispatchWorkers = 64

// shareWorkers lets a server submit texts beside the reactor, in turn for each account, and enforce limits. A
// simulation submits each text when it comes, so that it can be repeated.
func (in *Installation) shareWorkers() {
	in.Dispatcher.Lanes = &lanes.Lanes[domain.AccountID]{Rest: rest}
	traffic := trafficRows{projections.Messages{DB: in.Views}}
	in.Dispatcher.Limits, in.Dispatcher.Unreceipted = &messaging.NumberLimits{Traffic: traffic}, traffic
}

// dispatchRest is how long a worker waits when the provider of a text has enough calls in progress.
const dispatchRest = 20 * time.Millisecond

func rest(ctx context.Context) {
	timer := time.NewTimer(dispatchRest)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// dispatch submits texts until ctx ends.
func (in *Installation) dispatch(ctx context.Context) {
	in.Dispatcher.Lanes.Run(ctx, dispatchWorkers, func(err error) {
		in.options.Log.Error("a text could not be submitted and will be tried again", "error", err)
	})
}

// trafficRows is the messaging.Traffic and messaging.Unreceipted of a read model.
type trafficRows struct{ projections.Messages }

// SentWithoutReceipt returns the texts that a provider has accepted since an instant without reporting on them.
func (q trafficRows) SentWithoutReceipt(
	ctx context.Context, provider string, since time.Time, limit int,
) ([]messaging.WaitingMessage, error) {
	rows, err := q.Unreceipted(ctx, provider, since, limit)
	waiting := make([]messaging.WaitingMessage, len(rows))
	for i, row := range rows {
		waiting[i] = messaging.WaitingMessage{
			Message: row.ID, Account: row.Account, Attempts: row.Attempts, Since: row.SentAt,
		}
	}
	return waiting, err
}
