package importing

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// recognise compares a row with the appointment that it made before. The file may have news of what became of it;
// what was decided here since stays.
func (im *importer) recognise(ctx context.Context, j *job, state appointment.State) error {
	same := false
	for _, attempt := range state.Attempts {
		same = same || attempt.Visit.Start.Equal(j.visit.Start) && attempt.Visit.End.Equal(j.visit.End)
	}
	if !same {
		return domain.Refuse(domain.Disallowed, "visit_changed",
			"this appointment is here already at another time; move it here, or give the row an id of its own")
	}
	wanted, now := j.wish.Status, state.Status
	if wanted == appointment.StatusBooked || wanted == now || wanted == appointment.StatusArrived && isOver(now) {
		return nil // the file knows less than we do
	}
	if isOver(now) || now == appointment.StatusArrived && wanted == appointment.StatusCancelled {
		return domain.Refusef(domain.Disallowed, "status_contradicted",
			"this appointment is %s here and %s in the file; if the file is right, mark it here", now, wanted)
	}
	j.result = marked
	return im.mark(ctx, j)
}

// isOver reports a status that a file may not change.
func isOver(status appointment.Status) bool {
	return status == appointment.StatusFulfilled || status == appointment.StatusNoShow ||
		status == appointment.StatusCancelled
}

// mark says what became of an appointment that is booked: who arrived did so at the start, everything else is taken
// to have happened at the end, or now where that is still to come.
func (im *importer) mark(ctx context.Context, j *job) error {
	now := im.in.Engine.Now()
	ended := im.as("mark", j.id, string(j.wish.Status)).At(im.endOf(j))
	var err error
	switch j.wish.Status {
	case appointment.StatusArrived:
		arrived := im.as("mark", j.id, "arrived").At(j.visit.Start)
		_, err = im.in.Engine.Do(ctx, arrived, appointment.Arrive{Appointment: j.id})
	case appointment.StatusFulfilled:
		_, err = im.in.Engine.Do(ctx, ended, appointment.Fulfil{Appointment: j.id, At: now})
	case appointment.StatusNoShow:
		_, err = im.in.Engine.Do(ctx, ended, appointment.MarkNoShow{Appointment: j.id, At: now})
	case appointment.StatusCancelled:
		_, err = im.booking.Cancel(ctx, ended, booking.Cancellation{
			Appointment: j.id, Account: im.account, By: appointment.Staff, At: now,
		})
	}
	return err
}

// endOf is when what became of a row is taken to have happened.
func (im *importer) endOf(j *job) time.Time {
	if now := im.in.Engine.Now(); now.Before(j.visit.End) {
		return now
	}
	return j.visit.End
}
