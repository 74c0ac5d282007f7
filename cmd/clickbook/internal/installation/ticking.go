package installation

import (
	"context"
	"errors"

	"github.com/clickbook/clickbook/projections"
)

// Tick does once what a server does again and again, for a clock that does not move by itself: it brings the read
// models up to date, queues and sends what is due, lets react handle what follows, detects outages and tells the
// accounts. It returns how much there was to do; the caller calls it until there is nothing.
func (in *Installation) Tick(ctx context.Context, react func(context.Context) (int, error)) (did int, err error) {
	if _, err := in.Projector.CatchUp(ctx); err != nil {
		return 0, err
	}
	queued, err := in.Reminders.QueueDue(ctx)
	if err != nil {
		return 0, err
	}
	retried, err := in.Dispatcher.RetryWaiting(ctx, WaitingRows{projections.Messages{DB: in.Views}})
	if err != nil {
		return 0, err
	}
	if in.Watch != nil {
		err = in.Watch.Step(ctx)
	}
	reacted, err2 := react(ctx)
	if err := errors.Join(err, err2); err != nil || queued+retried+reacted > 0 {
		return queued + retried + reacted, err
	}
	if err := in.Alerts.QueueOutages(ctx); err != nil {
		return 0, err
	}
	return react(ctx)
}
