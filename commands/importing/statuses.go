package importing

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// update compares a row with the appointment that an earlier import made of it. The row may bring a new status. What
// was decided here in the meantime stays.
func (im *Importer) update(ctx context.Context, j *job, state appointment.State) error {
	same := false
	for _, attempt := range state.Attempts {
		same = same || attempt.Visit.Start.Equal(j.visit.Start) && attempt.Visit.End.Equal(j.visit.End)
	}
	if !same {
		return domain.Refuse(domain.Disallowed, "visit_changed",
			"this appointment is already here at another time; move it here, or give the row its own id")
	}
	wanted, now := j.row.Appointment.Status, state.Status
	if wanted == appointment.StatusBooked || wanted == now || wanted == appointment.StatusArrived && isFinal(now) {
		return nil // the sheet is older
	}
	if isFinal(now) || now == appointment.StatusArrived && wanted == appointment.StatusCancelled {
		return domain.Refusef(domain.Disallowed, "status_contradicted",
			"this appointment is %s here and %s in the file; if the file is right, mark it here", now, wanted)
	}
	j.result = marked
	return im.mark(ctx, j)
}

// isFinal reports a status that a sheet cannot change.
func isFinal(status appointment.Status) bool {
	return status == appointment.StatusFulfilled || status == appointment.StatusNoShow ||
		status == appointment.StatusCancelled
}

// mark gives a booked appointment the status of its row. A client arrives at the start. Anything else happens at the
// end, or now if the end is still to come.
func (im *Importer) mark(ctx context.Context, j *job) error {
	now := im.Engine.Now()
	status := j.row.Appointment.Status
	ended := im.as("mark", j.id, string(status)).At(im.endOf(j))
	var err error
	switch status {
	case appointment.StatusArrived:
		arrived := im.as("mark", j.id, "arrived").At(j.visit.Start)
		_, err = im.Engine.Do(ctx, arrived, appointment.Arrive{Appointment: j.id, At: j.visit.Start})
	case appointment.StatusFulfilled:
		_, err = im.Engine.Do(ctx, ended, appointment.Fulfil{Appointment: j.id, At: now})
	case appointment.StatusNoShow:
		_, err = im.Engine.Do(ctx, ended, appointment.MarkNoShow{Appointment: j.id, At: now})
	case appointment.StatusCancelled:
		_, err = im.Booking.Cancel(ctx, ended, booking.Cancellation{
			Appointment: j.id, Account: im.account, By: appointment.Staff, At: now,
		})
	case appointment.StatusPending, appointment.StatusBooked, appointment.StatusEnteredInError: // nothing to mark
	}
	return err
}

// endOf returns the end of a row's visit, or now if that is earlier.
func (im *Importer) endOf(j *job) time.Time {
	if now := im.Engine.Now(); now.Before(j.visit.End) {
		return now
	}
	return j.visit.End
}
