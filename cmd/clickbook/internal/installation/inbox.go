package installation

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections"
)

// sentRows is the messaging.SentTexts of a read model.
type sentRows struct{ in *Installation }

// SentTo waits until the read models know the texts that were sent: an answer can come within seconds.
func (q sentRows) SentTo(
	ctx context.Context, number string, until time.Time, limit int,
) ([]messaging.SentText, error) {
	if q.in.follows.Load() {
		if err := q.in.waitForReadModels(ctx); err != nil {
			return nil, err
		}
	}
	rows, err := projections.Texted{DB: q.in.Views}.To(ctx, number, until, limit)
	texts := make([]messaging.SentText, len(rows))
	for i, row := range rows {
		texts[i] = messaging.SentText(row)
	}
	return texts, err
}

// visits is the messaging.Visits of the bookings.
type visits struct{ booking.Bookings }

// CancelByClient cancels an appointment on the terms that it was booked on.
func (v visits) CancelByClient(
	ctx context.Context, origin commands.Origin, account domain.AccountID, id domain.AppointmentID,
) (commands.Outcome, error) {
	return v.Cancel(ctx, origin, booking.Cancellation{Appointment: id, Account: account, By: appointment.Client})
}
