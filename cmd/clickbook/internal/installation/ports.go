package installation

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/adapters/sqlite/state"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// This file adapts the read models and state.db to the ports of commands and of the API.

// DueRows is the messaging.DueReminders of a read model.
type DueRows struct{ projections.Due }

// DueBefore returns reminders that are due, the earliest first.
func (q DueRows) DueBefore(ctx context.Context, now time.Time, limit int) ([]messaging.DueReminder, error) {
	rows, err := q.Due.DueBefore(ctx, now, limit)
	return dueOf(rows), err
}

func dueOf(rows []projections.Reminder) []messaging.DueReminder {
	due := make([]messaging.DueReminder, len(rows))
	for i, row := range rows {
		due[i] = messaging.DueReminder{
			Message: row.Message, Account: row.Account, Appointment: row.Appointment, Sequence: row.Sequence,
			Rule: row.Rule, Channel: row.Channel, DueAt: row.DueAt, Suppressed: row.Suppressed,
		}
	}
	return due
}

// aheadRows is the booking.Ahead of a read model.
type aheadRows struct{ in *Installation }

// Ahead waits until the read models know what was booked. In a simulation they are brought up to date step by step.
func (q aheadRows) Ahead(
	ctx context.Context, account domain.AccountID, what booking.Touching,
) ([]domain.AppointmentID, error) {
	if q.in.follows.Load() {
		if err := q.in.waitForReadModels(ctx); err != nil {
			return nil, err
		}
	}
	now := q.in.Engine.Now()
	selection := projections.Selection{
		During: domain.Interval{Start: now, End: now.AddDate(200, 0, 0)}, Service: what.Service, Client: what.Client,
		Statuses: []appointment.Status{appointment.StatusBooked},
	}
	if !what.Resource.IsZero() {
		selection.Resources = []domain.ResourceID{what.Resource}
	}
	rows, err := projections.Calendar{DB: q.in.Views}.Find(ctx, account, selection)
	ids := make([]domain.AppointmentID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return ids, err
}

// replyRows is the httpapi.Replies of state.db.
type replyRows struct {
	*state.File
	now func() time.Time
}

func (r replyRows) FindReply(
	ctx context.Context, tenant domain.AccountID, key string,
) (reply httpapi.Reply, ok bool, err error) {
	kept, ok, err := r.Recall(ctx, tenant, key)
	return httpapi.Reply{
		BodyHash: kept.BodyHash, Status: kept.Status, Response: kept.Response, Position: kept.Position,
	}, ok, err
}

func (r replyRows) KeepReply(ctx context.Context, tenant domain.AccountID, key string, reply httpapi.Reply) error {
	_, err := r.Remember(ctx, tenant, key, state.Answer{
		BodyHash: reply.BodyHash, Status: reply.Status, Response: reply.Response, Position: reply.Position,
		GivenAt: r.now(),
	})
	return err
}

// WaitingRows is the messaging.WaitingMessages and WaitingMails of a read model.
type WaitingRows struct{ projections.Messages }

// WaitingSince returns the texts that are in doubt or wait for a provider since before a time.
func (q WaitingRows) WaitingSince(
	ctx context.Context, before time.Time, limit int,
) ([]messaging.WaitingMessage, error) {
	inDoubt, err := q.InDoubt(ctx, before, limit)
	if err != nil {
		return nil, err
	}
	queued, err := q.Waiting(ctx, before, limit)
	if err != nil {
		return nil, err
	}
	var waiting []messaging.WaitingMessage
	for _, row := range append(inDoubt, queued...) {
		if row.Channel != "sms" {
			continue
		}
		one := messaging.WaitingMessage{
			Message: row.ID, Account: row.Account, Attempts: row.Attempts, Since: row.WaitsFrom,
			InDoubt: row.Status == "attempted",
		}
		if one.InDoubt {
			one.Since = row.ChangedAt
		}
		waiting = append(waiting, one)
	}
	return waiting, nil
}

// MailsWaiting returns the emails that can be sent now.
func (q WaitingRows) MailsWaiting(
	ctx context.Context, queued, now time.Time, limit int,
) ([]messaging.WaitingMail, error) {
	rows, err := q.WaitingMail(ctx, queued, now, limit)
	waiting := make([]messaging.WaitingMail, len(rows))
	for i, row := range rows {
		waiting[i] = messaging.WaitingMail{Message: row.ID, Account: row.Account, Attempts: row.Attempts}
	}
	return waiting, err
}

// agendaRows is the messaging.AgendaReader of the read models.
type agendaRows struct {
	projections.Agenda
	StaffRows
}

// NewAgendaRows returns the messaging.AgendaReader of a database with the calendar and what it shows.
func NewAgendaRows(db readmodel.Reader) messaging.AgendaReader {
	return agendaRows{projections.Agenda{DB: db}, StaffRows{directory.Resources{DB: db}}}
}

func (q agendaRows) On(ctx context.Context, account domain.AccountID, date string) ([]messaging.AgendaLine, error) {
	rows, err := q.Agenda.On(ctx, account, date)
	if err != nil {
		return nil, err
	}
	names := make(map[domain.ResourceID]string)
	known, err := q.Resources.All(ctx, account)
	if err != nil {
		return nil, err
	}
	for _, resource := range known {
		names[resource.ID] = resource.Name
	}
	lines := make([]messaging.AgendaLine, len(rows))
	for i, row := range rows {
		lines[i] = messaging.AgendaLine{
			Local: row.Visit.Local, Client: row.ClientName, Phone: row.ClientPhone, Service: row.ServiceName,
			Status: string(row.Status), Start: row.Visit.Start, BookedAt: row.RequestedAt,
		}
		for _, leg := range row.Visit.Legs {
			lines[i].Resources = append(lines[i].Resources, leg.Resource)
		}
		if len(row.Visit.Legs) > 0 {
			lines[i].Resource = names[row.Visit.Legs[0].Resource]
		}
	}
	return lines, nil
}

// StaffRows is the part of a messaging.AgendaReader that is read at every tick.
type StaffRows struct{ Resources directory.Resources }

// Staff returns the staff of an account who have an email address.
func (q StaffRows) Staff(ctx context.Context, account domain.AccountID) ([]messaging.AgendaPerson, error) {
	rows, err := q.Resources.Mailed(ctx, account)
	people := make([]messaging.AgendaPerson, len(rows))
	for i, row := range rows {
		people[i] = messaging.AgendaPerson{Resource: row.ID, Email: row.Email, Agenda: row.Agenda}
	}
	return people, err
}
