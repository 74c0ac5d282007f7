package commandstest

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/reminding"
)

// Origin returns the origin of commands to the account.
func (w *World) Origin() commands.Origin { return commands.ForAccount(w.Account, domain.Actor{}) }

// Do runs commands of the account.
func (w *World) Do(cmds ...domain.Command) {
	w.T.Helper()
	w.do(w.Origin(), cmds...)
}

// Operate runs commands of the installation.
func (w *World) Operate(cmds ...domain.Command) {
	w.T.Helper()
	w.do(Anyone, cmds...)
}

func (w *World) do(origin commands.Origin, cmds ...domain.Command) {
	w.T.Helper()
	for _, cmd := range cmds {
		if _, err := w.Engine.Do(w.T.Context(), origin, cmd); err != nil {
			w.T.Fatalf("%T: %v", cmd, err)
		}
	}
}

// Register registers another client, with Ana's contact, in an account.
func (w *World) Register(id domain.ClientID, account domain.AccountID) {
	w.T.Helper()
	w.do(commands.ForAccount(account, domain.Actor{}), client.Register{Client: id, Account: account, Contact: w.contact()})
}

// Order returns an order of Ana's for a start, under a key.
func (w *World) Order(key string, start time.Time) booking.Order {
	return booking.Order{
		Appointment: appointment.IDOf(w.Account, key), Account: w.Account, Client: w.Ana, Service: w.Service, Start: start,
	}
}

// Book books Ana at the first free start in the 24 hours from day.
func (w *World) Book(key string, day time.Time) domain.AppointmentID {
	w.T.Helper()
	free, err := w.Openings.Between(w.T.Context(), w.Question(), hours24(day))
	w.Ok(err)
	if len(free) == 0 {
		w.T.Fatalf("no start is free on %s", day)
	}
	order := w.Order(key, free[0].At)
	_, err = w.Bookings.Book(w.T.Context(), w.Origin(), order)
	w.Ok(err)
	return order.Appointment
}

// Cancel cancels an appointment on behalf of the staff.
func (w *World) Cancel(id domain.AppointmentID) {
	w.T.Helper()
	cancellation := booking.Cancellation{Appointment: id, Account: w.Account, By: appointment.Staff}
	_, err := w.Bookings.Cancel(w.T.Context(), w.Origin(), cancellation)
	w.Ok(err)
}

// Remind queues the reminder of an appointment now, as if the read model had it due.
func (w *World) Remind(id domain.AppointmentID) domain.MessageID {
	w.T.Helper()
	return w.RemindPlanned(id, "")
}

// RemindPlanned is Remind for a reminder that the read model planned not to send, for a reason.
func (w *World) RemindPlanned(id domain.AppointmentID, suppressed string) domain.MessageID {
	w.T.Helper()
	facts := reminding.Facts{Appointment: id, Client: w.Ana}
	due := messaging.DueReminder{
		Message: reminding.MessageID(facts, "day-before", "sms"), Account: w.Account, Appointment: id,
		Rule: "day-before", Channel: message.SMS, DueAt: w.Now, Suppressed: suppressed,
	}
	reminders := &messaging.Reminders{Engine: w.Engine, Due: DueNow{due}, Quiet: reminding.Nights, OptOuts: w.OptOuts}
	_, err := reminders.QueueDue(w.T.Context())
	w.Ok(err)
	return due.Message
}

// DueNow is a read model in which these reminders are due at any time.
type DueNow []messaging.DueReminder

// DueBefore returns all of them.
func (d DueNow) DueBefore(context.Context, time.Time, int) ([]messaging.DueReminder, error) {
	return d, nil
}

// Question asks about the starts of the service.
func (w *World) Question() openings.Question {
	return openings.Question{Account: w.Account, Service: w.Service, Now: w.Now}
}

func hours24(day time.Time) domain.Interval {
	return domain.Interval{Start: day, End: day.Add(24 * time.Hour)}
}
