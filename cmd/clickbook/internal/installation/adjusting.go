package installation

import (
	"context"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/zones"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

// Adjust moves the future visits whose local time is at another instant by the time zone table in force. The read
// models must know the log. It reads all promises each time: whether there is something to do depends on them alone.
func (in *Installation) Adjust(ctx context.Context) error {
	calendar, now := projections.Calendar{DB: in.Views}, in.Engine.Now()
	var sum booking.Adjusted
	err := in.eachAccount(ctx, func(account directory.Account) error {
		promises, err := calendar.Promises(ctx, account.ID, now)
		if err != nil {
			return err
		}
		made := make([]booking.Promise, len(promises))
		for i, promise := range promises {
			made[i] = booking.Promise(promise)
		}
		adjusted, err := in.Booking.Adjust(ctx, account.ID, made)
		sum.Moved += adjusted.Moved
		sum.Collided += adjusted.Collided
		return err
	})
	if sum == (booking.Adjusted{}) {
		return err
	}
	if log := in.options.Log; log != nil {
		log.Warn("the rules of time zones have changed: visits keep their local times; see the work list for those "+
			"whose new time is taken", "table", zones.Current().Version(), "moved", sum.Moved, "taken", sum.Collided)
	}
	return err
}

// CatchUp brings the read models up to date with the log, and the visits with the time zone table in force. Nothing may
// follow the log yet.
func (in *Installation) CatchUp(ctx context.Context) error {
	if _, err := in.Projector.CatchUp(ctx); err != nil {
		return err
	}
	if err := in.Adjust(ctx); err != nil {
		return err
	}
	_, err := in.Projector.CatchUp(ctx)
	return err
}

// adjustAgain moves the visits that collided at the start and fit by now.
func (in *Installation) adjustAgain(ctx context.Context) error {
	if err := in.waitForReadModels(ctx); err != nil {
		return err
	}
	return in.Adjust(ctx)
}

// eachAccount calls do for every account, page by page.
func (in *Installation) eachAccount(ctx context.Context, do func(directory.Account) error) error {
	accounts := directory.Accounts{DB: in.Views}
	var last domain.AccountID
	for {
		page, err := accounts.All(ctx, last, 200)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, account := range page {
			last = account.ID
			if err := do(account); err != nil {
				return err
			}
		}
	}
}
