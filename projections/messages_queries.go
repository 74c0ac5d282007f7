package projections

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Message is a row of the message history. Address, Title and Text are empty in the messages of an erased client.
type Message struct {
	ID           domain.MessageID
	Account      domain.AccountID
	Client       domain.ClientID      // zero for a message to the owner
	Appointment  domain.AppointmentID // zero for a message about no appointment
	Kind         string               // reminder, confirmation, move, cancellation, agenda, alert, notice
	Rule         string
	Channel      string
	Address      string
	Title        string
	Text         string
	Country      string
	Segments     int
	Price        int64 // micro-credits
	ScheduledFor time.Time
	QueuedAt     time.Time
	Status       message.Status
	ChangedAt    time.Time
	Reason       string           // why it was suppressed, or why the last attempt failed
	Provider     string           // of the last attempt
	Attempts     int              // of an email: how often the mail server put it off
	SentAt       time.Time        // when a provider first accepted it
	WaitsFrom    time.Time        // of a queued message: since when it waits, or the time that it waits for
	Fallback     domain.MessageID // the email in place of a text, zero if there is none

	ClientName string
}

// MessageFilter is a filter on the history. Zero and empty fields do not filter.
type MessageFilter struct {
	Queued      domain.Interval
	Statuses    []message.Status // any of them
	Channel     string
	Kind        string
	Country     string
	Provider    string
	Client      domain.ClientID
	Clients     []domain.ClientID  // any of them
	Messages    []domain.MessageID // any of them
	Appointment domain.AppointmentID
	// Undelivered keeps the messages that had not arrived by this time: those that finally failed, those with a receipt
	// that says so, and accepted texts whose receipt is overdue (message.ReceiptWait).
	Undelivered time.Time
	After       readmodel.Cursor // the last row of the previous page
	Limit       int
}

const messageColumns = `SELECT m.message, m.account, m.client, m.appointment, m.kind, m.rule, m.channel, m.address,
		m.title, m.words, m.country, m.segments, m.price_micro, m.scheduled_for, m.queued_at, m.status, m.changed_at,
		m.reason, m.provider, m.attempts, m.sent_at, m.waits_from, m.fallback, coalesce(c.name, '')
	FROM messages_v5 m LEFT JOIN clients_v3 c ON c.client = m.client `

func readMessage(row readmodel.Row) (m Message, err error) {
	readmodel.ReadID(&m.ID, row, 0)
	readmodel.ReadID(&m.Account, row, 1)
	readmodel.ReadID(&m.Client, row, 2)
	readmodel.ReadID(&m.Appointment, row, 3)
	m.Kind, m.Rule, m.Channel, m.Address = row.Text(4), row.Text(5), row.Text(6), row.Text(7)
	m.Title, m.Text, m.Country, m.Segments = row.Text(8), row.Text(9), row.Text(10), int(row.Int(11))
	m.Price, m.ScheduledFor, m.QueuedAt = row.Int(12), readmodel.Time(row.Int(13)), readmodel.Time(row.Int(14))
	m.Status, m.ChangedAt, m.Reason = message.Status(row.Text(15)), readmodel.Time(row.Int(16)), row.Text(17)
	m.Provider, m.Attempts, m.SentAt = row.Text(18), int(row.Int(19)), readmodel.Time(row.Int(20))
	if m.Status == message.Queued {
		m.WaitsFrom = readmodel.Time(row.Int(21))
	}
	readmodel.ReadID(&m.Fallback, row, 22)
	m.ClientName = row.Text(23)
	return m, nil
}

// Cursor returns the cursor of the page that starts after this message.
func (m Message) Cursor() readmodel.Cursor { return readmodel.Cursor{At: m.QueuedAt, ID: m.ID.UUID} }

// One returns a message of the account. ok is false when the account has none with that id.
func (q Messages) One(
	ctx context.Context, account domain.AccountID, id domain.MessageID,
) (found Message, ok bool, err error) {
	return readmodel.One(ctx, q.DB, readMessage, messageColumns+`WHERE m.message = $1 AND m.account = $2`,
		readmodel.Key(id), readmodel.Key(account))
}

// Replaced returns the texts in whose place an email went, the oldest first.
func (q Messages) Replaced(ctx context.Context, email Message) ([]domain.MessageID, error) {
	read := func(row readmodel.Row) (id domain.MessageID, err error) {
		readmodel.ReadID(&id, row, 0)
		return id, nil
	}
	if email.Channel != message.Email || email.Client.IsZero() {
		return nil, nil
	}
	return readmodel.List(ctx, q.DB, read, `SELECT message FROM messages_v5 WHERE client = $1 AND fallback = $2
		ORDER BY queued_at, message`, readmodel.Key(email.Client), readmodel.Key(email.ID))
}

// InDoubt returns the messages of all accounts whose last attempt started at or before a time and has no result yet,
// the longest waiting first.
func (q Messages) InDoubt(ctx context.Context, before time.Time, limit int) ([]Message, error) {
	return readmodel.List(ctx, q.DB, readMessage, messageColumns+`WHERE m.status = 'attempted' AND m.changed_at <= $1
		ORDER BY m.changed_at, m.message LIMIT 0 + $2`, readmodel.Micros(before), limit)
}

// Waiting returns the texts of all accounts that entered the queue at or before a time, or entered it again after a
// failed attempt or a quiet time, the longest waiting first.
func (q Messages) Waiting(ctx context.Context, before time.Time, limit int) ([]Message, error) {
	return readmodel.List(ctx, q.DB, readMessage, messageColumns+`WHERE m.status = 'queued' AND m.channel = 'sms'
			AND m.waits_from <= $1
		ORDER BY m.waits_from, m.message LIMIT 0 + $2`, readmodel.Micros(before), limit)
}

// WaitingMail returns the emails of all accounts that were queued at or before a time and wait for nothing after now,
// alerts first, then the longest waiting.
func (q Messages) WaitingMail(ctx context.Context, queued, now time.Time, limit int) ([]Message, error) {
	return readmodel.List(ctx, q.DB, readMessage, messageColumns+`WHERE m.status = 'queued' AND m.channel = 'email'
			AND m.waits_from <= $1 AND m.queued_at <= $2
		ORDER BY CASE WHEN m.kind = 'alert' THEN 0 ELSE 1 END, m.waits_from, m.message LIMIT 0 + $3`,
		readmodel.Micros(now), readmodel.Micros(queued), limit)
}

// MessageCount is the number of messages with a status. Suppressed messages are counted by reason.
type MessageCount struct {
	Channel string
	Status  message.Status
	Reason  string // of Suppressed; otherwise empty
	Count   int
}

// Tally counts the account's messages that were queued or suppressed in an interval. An interval without start or end
// is open there; an empty country counts all.
func (q Messages) Tally(
	ctx context.Context, account domain.AccountID, country string, queued domain.Interval,
) ([]MessageCount, error) {
	var w readmodel.Where
	w.And(`account = ?`, readmodel.Key(account))
	if country != "" {
		w.And(`country = ?`, country)
	}
	if !queued.Start.IsZero() {
		w.And(`queued_at >= ?`, readmodel.Micros(queued.Start))
	}
	if !queued.End.IsZero() {
		w.And(`queued_at < ?`, readmodel.Micros(queued.End))
	}
	read := func(row readmodel.Row) (MessageCount, error) {
		return MessageCount{row.Text(0), message.Status(row.Text(1)), row.Text(2), int(row.Int(3))}, nil
	}
	return readmodel.List(ctx, q.DB, read, `SELECT channel, status,
			CASE WHEN status = 'suppressed' THEN reason ELSE '' END, count(*) FROM messages_v5 `+w.String()+`
		GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, w.Args...)
}
