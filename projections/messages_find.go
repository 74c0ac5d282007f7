package projections

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Find returns the account's messages that match the filter, newest first. A page costs the same in an account with a
// million messages: each status is read from an index in the order of the list, and what was read is merged.
func (q Messages) Find(ctx context.Context, account domain.AccountID, in MessageFilter) ([]Message, error) {
	search := func(condition func(*readmodel.Where)) ([]Message, error) {
		var w readmodel.Where
		if len(in.Messages) > 0 {
			w.And(ofAccount, readmodel.Key(account))
		} else {
			w.And(`m.account = ?`, readmodel.Key(account))
		}
		condition(&w)
		return q.find(ctx, &w, in)
	}
	single := in.eachStatus()
	if len(single) < 2 {
		return search(in.anyStatus)
	}
	var found []Message
	for _, condition := range single {
		part, err := search(condition)
		if err != nil {
			return nil, err
		}
		found = append(found, part...)
	}
	slices.SortFunc(found, func(a, b Message) int {
		return cmp.Or(b.QueuedAt.Compare(a.QueuedAt), bytes.Compare(b.ID.UUID[:], a.ID.UUID[:]))
	})
	if in.Limit > 0 && len(found) > in.Limit {
		found = found[:in.Limit]
	}
	return found, nil
}

// FindAll is Find for all accounts. Only the installation may read them.
func (q Messages) FindAll(ctx context.Context, in MessageFilter) ([]Message, error) {
	w := new(readmodel.Where)
	in.anyStatus(w)
	return q.find(ctx, w, in)
}

// ofAccount is the condition on the account of messages that other keys find. Written so, the account chooses no index,
// which would lead through all messages of the account.
const ofAccount = `CASE WHEN m.account = ? THEN 1 ELSE 0 END = 1`

// overdue is the condition of an accepted text whose receipt is overdue. Written so, the channel chooses no index.
const overdue = `m.status = 'sent' AND m.channel || '' = 'sms' AND m.sent_at <= ?`

// anyStatus adds the conditions on the status.
func (f MessageFilter) anyStatus(w *readmodel.Where) {
	readmodel.OneOf(w, "m.status", f.Statuses, func(s message.Status) any { return string(s) })
	if !f.Undelivered.IsZero() {
		w.And(`(m.status IN ('undelivered', 'expired', 'failed') OR `+overdue+`)`,
			readmodel.Micros(f.Undelivered.Add(-message.ReceiptWait)))
	}
}

// eachStatus returns the conditions on the status, each with one status, so that an index has its rows in order.
func (f MessageFilter) eachStatus() (conditions []func(*readmodel.Where)) {
	statuses := f.Statuses
	if !f.Undelivered.IsZero() {
		statuses = []message.Status{message.Undelivered, message.Expired, message.Failed, message.Sent}
	}
	for _, status := range statuses {
		if !f.Undelivered.IsZero() && len(f.Statuses) > 0 && !slices.Contains(f.Statuses, status) {
			continue
		}
		conditions = append(conditions, func(w *readmodel.Where) {
			if status == message.Sent && !f.Undelivered.IsZero() {
				w.And(overdue, readmodel.Micros(f.Undelivered.Add(-message.ReceiptWait)))
				return
			}
			w.And(`m.status = ?`, string(status))
		})
	}
	return conditions
}

func (q Messages) find(ctx context.Context, w *readmodel.Where, in MessageFilter) ([]Message, error) {
	if !in.Queued.Start.IsZero() {
		w.And(`m.queued_at >= ?`, readmodel.Micros(in.Queued.Start))
	}
	if !in.Queued.End.IsZero() {
		w.And(`m.queued_at < ?`, readmodel.Micros(in.Queued.End))
	}
	for _, equal := range []struct{ column, value string }{
		{"m.channel", in.Channel}, {"m.kind", in.Kind}, {"m.country", in.Country}, {"m.provider", in.Provider},
	} {
		if equal.value != "" {
			w.And(equal.column+` = ?`, equal.value)
		}
	}
	if !in.Client.IsZero() {
		w.And(`m.client = ?`, readmodel.Key(in.Client))
	}
	readmodel.OneOf(w, "m.client", in.Clients, func(id domain.ClientID) any { return readmodel.Key(id) })
	readmodel.OneOf(w, "m.message", in.Messages, func(id domain.MessageID) any { return readmodel.Key(id) })
	if !in.Appointment.IsZero() {
		// Few messages are of one client, so the client's index finds those of an appointment.
		w.And(`m.appointment = ? AND m.client = (SELECT client FROM calendar_v3 WHERE appointment = ?)`,
			readmodel.Key(in.Appointment), readmodel.Key(in.Appointment))
	}
	if !in.After.IsZero() {
		w.And(`(m.queued_at, m.message) < (?, ?)`, readmodel.Micros(in.After.At), in.After.ID[:])
	}
	if len(in.Messages) > 0 { // they are few, and no index has them in order
		w.Add(` ORDER BY m.queued_at + 0 DESC, m.message DESC`)
	} else {
		w.Add(` ORDER BY m.queued_at DESC, m.message DESC`)
	}
	if in.Limit > 0 {
		w.Add(` LIMIT 0 + ?`, in.Limit)
	}
	return readmodel.List(ctx, q.DB, readMessage, messageColumns+w.String(), w.Args...)
}
