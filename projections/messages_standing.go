package projections

import (
	"context"
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Standing is how far the newest messages to a client about a visit have come.
type Standing struct {
	Message domain.MessageID // the one with the worst standing
	State   StandingState
}

// StandingState is how far a message has come, in the words of a calendar.
type StandingState string

// The standings, the worst first.
const (
	StandingFailed    StandingState = "failed" // it did not arrive, or was not sent although the client expects it
	StandingWaiting   StandingState = "waiting"
	StandingSent      StandingState = "sent" // accepted, without a receipt; an email has none
	StandingDelivered StandingState = "delivered"
)

// told is a message about a visit.
type told struct {
	id       domain.MessageID
	channel  string
	status   message.Status
	reason   string
	queuedAt time.Time
	fallback domain.MessageID
}

// statementStep is what the number of asked appointments is rounded up to, so that the database gets few statements.
const statementStep = 50

// Standings returns how the newest messages about the visits of appointments stand, in one query. An appointment whose
// client was sent nothing about the visit in force is not in it.
func (q Messages) Standings(
	ctx context.Context, account domain.AccountID, of []domain.AppointmentID,
) (map[domain.AppointmentID]Standing, error) {
	standings := make(map[domain.AppointmentID]Standing)
	if len(of) == 0 {
		return standings, nil
	}
	var w readmodel.Where
	w.And(`m.to_staff = 0`)
	asked := append(slices.Clone(of), make([]domain.AppointmentID, (statementStep-len(of)%statementStep)%statementStep)...)
	readmodel.OneOf(&w, "m.appointment", asked, func(id domain.AppointmentID) any { return readmodel.Key(id) })
	w.And(ofAccount, readmodel.Key(account))
	w.Add(` ORDER BY m.appointment, m.queued_at, m.message`)
	messages := make(map[domain.AppointmentID][]told)
	_, err := readmodel.List(ctx, q.DB, func(row readmodel.Row) (struct{}, error) {
		var about domain.AppointmentID
		var m told
		readmodel.ReadID(&about, row, 0)
		readmodel.ReadID(&m.id, row, 1)
		m.channel, m.status, m.reason = row.Text(2), message.Status(row.Text(3)), row.Text(4)
		m.queuedAt = readmodel.Time(row.Int(5))
		readmodel.ReadID(&m.fallback, row, 6)
		messages[about] = append(messages[about], m)
		return struct{}{}, nil
	}, `SELECT m.appointment, m.message, m.channel, m.status, m.reason, m.queued_at, m.fallback
		FROM messages_v5 m JOIN calendar_v3 a ON a.appointment = m.appointment AND a.sequence = m.sequence `+w.String(),
		w.Args...)
	for about, found := range messages {
		if standing, ok := standingOf(found); ok {
			standings[about] = standing
		}
	}
	return standings, err
}

// standingOf returns the worst standing of the newest of the messages, which come oldest first: those within an hour of
// the last, and a text in whose place one of them went. A failed text counts no more once another text has arrived that
// was sent with it or later, as on the call sheet.
func standingOf(messages []told) (worst Standing, ok bool) {
	messages = slices.DeleteFunc(messages, func(m told) bool {
		return m.status == message.Suppressed && !message.LeftUntold(m.reason)
	})
	if len(messages) == 0 {
		return worst, false
	}
	since, highest := messages[len(messages)-1].queuedAt.Add(-sameTime), -1
	newest := make(map[domain.MessageID]bool)
	for _, m := range slices.Backward(messages) {
		if m.queuedAt.Before(since) && !newest[m.fallback] {
			continue
		}
		newest[m.id] = true
		state, rank := m.standing()
		if state == StandingFailed && slices.ContainsFunc(messages, func(o told) bool {
			return o.status == message.Delivered && !o.queuedAt.Before(m.queuedAt.Add(-sameTime))
		}) {
			continue
		}
		if rank > highest {
			highest, worst = rank, Standing{m.id, state}
		}
	}
	return worst, true
}

// standing returns the standing of a message, and how bad it is. An email has no receipt, so one that was sent is as
// good as it gets.
func (m told) standing() (StandingState, int) {
	switch m.status {
	case message.Delivered:
		return StandingDelivered, 1
	case message.Sent:
		if m.channel == message.Email {
			return StandingSent, 0
		}
		return StandingSent, 2
	case message.Queued, message.Attempted:
		return StandingWaiting, 3
	case message.Undelivered, message.Expired, message.Failed, message.Suppressed:
	}
	return StandingFailed, 4
}
