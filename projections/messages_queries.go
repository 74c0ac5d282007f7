package projections

import (
	"context"
	"iter"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Message is a row of the message history. Of an erased client's messages address, title and words are empty.
type Message struct {
	ID           domain.MessageID
	Account      domain.AccountID
	Client       domain.ClientID      // zero when it went to the owner
	Appointment  domain.AppointmentID // zero when it is about none
	Sequence     int
	Kind         string // reminder, confirmation, move, cancellation, agenda, alert, notice
	Rule         string
	Channel      string
	Address      string
	Title        string
	Words        string
	Country      string
	Segments     int
	Price        int64 // micro-credits
	ScheduledFor time.Time
	UsefulUntil  time.Time
	QueuedAt     time.Time
	Status       message.Status
	ChangedAt    time.Time
	Reason       string // of a suppression or the last failure
	Provider     string // of the last attempt
	Attempts     int
	SentAt       time.Time // first acceptance
	Revision     domain.Revision

	ClientName   string
	ClientErased bool
}

// MessageFilter narrows the history. What is zero or empty does not narrow.
type MessageFilter struct {
	Queued      domain.Interval
	Statuses    []message.Status // any of them
	Channel     string
	Kind        string
	Country     string
	Provider    string
	Client      domain.ClientID
	Appointment domain.AppointmentID
	After       readmodel.Mark // the last one of the page before
	Limit       int
}

const messageColumns = `SELECT m.message, m.account, m.client, m.appointment, m.sequence, m.kind, m.rule, m.channel,
		m.address, m.title, m.words, m.country, m.segments, m.price_micro, m.scheduled_for, m.useful_until,
		m.queued_at, m.status, m.changed_at, m.reason, m.provider, m.attempts, m.sent_at, m.revision,
		coalesce(c.name, ''), coalesce(c.erased, 0)
	FROM messages_v1 m LEFT JOIN clients_v1 c ON c.client = m.client `

func readMessage(row readmodel.Row) (m Message, err error) {
	readmodel.ReadID(&m.ID, row, 0)
	readmodel.ReadID(&m.Account, row, 1)
	readmodel.ReadID(&m.Client, row, 2)
	readmodel.ReadID(&m.Appointment, row, 3)
	m.Sequence, m.Kind, m.Rule, m.Channel = int(row.Int(4)), row.Text(5), row.Text(6), row.Text(7)
	m.Address, m.Title, m.Words, m.Country = row.Text(8), row.Text(9), row.Text(10), row.Text(11)
	m.Segments, m.Price = int(row.Int(12)), row.Int(13)
	m.ScheduledFor, m.UsefulUntil, m.QueuedAt = readmodel.Time(row.Int(14)), readmodel.Time(row.Int(15)), readmodel.Time(row.Int(16))
	m.Status, m.ChangedAt, m.Reason = message.Status(row.Text(17)), readmodel.Time(row.Int(18)), row.Text(19)
	m.Provider, m.Attempts, m.SentAt = row.Text(20), int(row.Int(21)), readmodel.Time(row.Int(22))
	m.Revision, m.ClientName, m.ClientErased = domain.Revision(row.Int(23)), row.Text(24), row.Int(25) != 0
	return m, nil
}

// Mark is where the page after this message begins.
func (m Message) Mark() readmodel.Mark { return readmodel.Mark{At: m.QueuedAt, ID: m.ID.UUID} }

// One is a message of the account, ok false when it has none of that id.
func (q Messages) One(
	ctx context.Context, account domain.AccountID, id domain.MessageID,
) (found Message, ok bool, err error) {
	return readmodel.One(ctx, q.DB, readMessage, messageColumns+`WHERE m.message = $1 AND m.account = $2`, readmodel.Key(id), readmodel.Key(account))
}

// Find are the messages of an account that the filter leaves, newest first.
func (q Messages) Find(ctx context.Context, account domain.AccountID, in MessageFilter) ([]Message, error) {
	var w readmodel.Where
	w.And(`m.account = ?`, readmodel.Key(account))
	if !in.Queued.Start.IsZero() {
		w.And(`m.queued_at >= ?`, readmodel.Micros(in.Queued.Start))
	}
	if !in.Queued.End.IsZero() {
		w.And(`m.queued_at < ?`, readmodel.Micros(in.Queued.End))
	}
	readmodel.OneOf(&w, "m.status", in.Statuses, func(s message.Status) any { return string(s) })
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
	if !in.Appointment.IsZero() {
		w.And(`m.appointment = ? AND m.client = (SELECT client FROM calendar_v1 WHERE appointment = ?)`,
			readmodel.Key(in.Appointment), readmodel.Key(in.Appointment)) // by the client's index: few messages are of one client
	}
	if !in.After.IsZero() {
		w.And(`(m.queued_at, m.message) < (?, ?)`, readmodel.Micros(in.After.At), in.After.ID[:])
	}
	w.Add(` ORDER BY m.queued_at DESC, m.message DESC`)
	if in.Limit > 0 {
		w.Add(` LIMIT 0 + ?`, in.Limit)
	}
	return readmodel.List(ctx, q.DB, readMessage, messageColumns+w.String(), w.Args...)
}

// InDoubt are messages of all accounts that were handed over at or before then and have had no word since, the
// longest waiting first.
func (q Messages) InDoubt(ctx context.Context, since time.Time, limit int) ([]Message, error) {
	return readmodel.List(ctx, q.DB, readMessage, messageColumns+`WHERE m.status = 'attempted' AND m.changed_at <= $1
		ORDER BY m.changed_at, m.message LIMIT 0 + $2`, readmodel.Micros(since), limit)
}

// Waiting are texts of all accounts that have been queued, or back in the queue after a failed attempt, since then,
// the longest waiting first.
func (q Messages) Waiting(ctx context.Context, since time.Time, limit int) ([]Message, error) {
	return readmodel.List(ctx, q.DB, readMessage, messageColumns+`WHERE m.status = 'queued' AND m.channel = 'sms'
			AND m.changed_at <= $1
		ORDER BY m.changed_at, m.message LIMIT 0 + $2`, readmodel.Micros(since), limit)
}

// Tally counts an account's messages of one channel by status.
func (q Messages) Tally(
	ctx context.Context, account domain.AccountID, channel string,
) (map[message.Status]int, error) {
	counts := make(map[message.Status]int)
	for row, err := range q.DB.Query(ctx, `SELECT status, count(*) FROM messages_v1 WHERE account = $1 AND channel = $2
		GROUP BY status ORDER BY status`, readmodel.Key(account), channel) {
		if err != nil {
			return nil, err
		}
		counts[message.Status(row.Text(0))] = int(row.Int(1))
	}
	return counts, nil
}

// Story is everything that ever happened to one message of the account, in order, from its own stream. It is empty
// when the account has no such message.
func (q Messages) Story(
	ctx context.Context, streams domain.StreamReader, codec *domain.Codec, account domain.AccountID, id domain.MessageID,
) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		_, ok, err := q.One(ctx, account, id)
		if err != nil {
			yield(domain.Recorded{}, err)
		}
		if err != nil || !ok {
			return
		}
		for entry, err := range streams.ReadStream(ctx, message.Stream(id), domain.NoStream) {
			var recorded domain.Recorded
			if err == nil {
				recorded, err = codec.Decode(entry)
			}
			if !yield(recorded, err) || err != nil {
				return
			}
		}
	}
}
