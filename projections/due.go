package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Due answers: which reminder is to be sent next, and when? A row is a wake-up call, planned from what is known now:
// a changed rule, zone or address plans the rows still to come anew. It vanishes when its message is queued or
// suppressed, and when its appointment is moved or over.
type Due struct{ DB readmodel.Reader }

// Reminder is one row of what is due.
type Reminder struct {
	Message     domain.MessageID
	Account     domain.AccountID
	Client      domain.ClientID
	Appointment domain.AppointmentID
	Sequence    int
	Rule        string
	Channel     string
	DueAt       time.Time
	UsefulUntil time.Time // the start of the visit
	BookedAt    time.Time // this revision of the appointment
	Suppressed  string    // why it will not be sent, decided when it was planned; "" when it will
}

var due = readmodel.Projection{
	Name: "due", Version: 1,
	Tables: []readmodel.Table{{
		// A rule that was obeyed stays, marked done, until the appointment is over: planned anew it is not asked for
		// twice. An appointment without any rule has a done row of the empty rule, so that later rules find it.
		Name: "due_v1",
		Columns: `appointment BYTEA NOT NULL, rule TEXT NOT NULL, message BYTEA NOT NULL, account BYTEA NOT NULL,
			client BYTEA NOT NULL, sequence BIGINT NOT NULL, channel TEXT NOT NULL, start_at BIGINT NOT NULL,
			booked_at BIGINT NOT NULL, due_at BIGINT NOT NULL, suppressed TEXT NOT NULL, done BIGINT NOT NULL`,
		Key:     "appointment, rule",
		Indexes: []string{"(due_at, message) WHERE done = 0"},
		Learns:  []string{"(client)"},
	}, {
		Name:    "due_accounts_v1",
		Columns: `account BYTEA NOT NULL, zone TEXT NOT NULL, rules TEXT NOT NULL`,
		Key:     "account",
	}, {
		Name: "due_clients_v1",
		Columns: `client BYTEA NOT NULL, zone TEXT NOT NULL, phone BIGINT NOT NULL, email BIGINT NOT NULL,
			opted_out BIGINT NOT NULL, erased BIGINT NOT NULL`,
		Key: "client",
	}},
	Types: domain.NamesOf(account.AccountOpened{}, account.AccountSettingsChanged{}, account.ReminderRulesSet{},
		account.AccountClosed{}, client.ClientRegistered{}, client.ContactChanged{}, client.SmsOptedOut{},
		client.SmsOptedIn{}, client.ClientErased{}, appointment.Booked{}, appointment.Rescheduled{},
		appointment.Cancelled{}, appointment.Fulfilled{}, appointment.MarkedNoShow{}, message.ReminderQueued{},
		message.MessageSuppressed{}),
	Apply: applyDue,
}

func applyDue(ctx context.Context, tx readmodel.Tx, events []domain.Recorded) error {
	p := planner{readmodel.Session{Ctx: ctx, Tx: tx}, make(map[domain.AccountID]tenant)}
	for _, r := range events {
		if err := p.learn(r); err != nil {
			return fmt.Errorf("%s at revision %d of %s: %w", r.Event.EventType(), r.Revision, r.Stream, err)
		}
	}
	return nil
}

func (p planner) learn(r domain.Recorded) error {
	at := r.Meta.RecordedAt // imported history was booked long ago, but a reminder that was due before is not ours
	switch e := r.Event.(type) {
	case appointment.Booked:
		return p.plan(booking{e.Account, e.Client, e.Appointment, 0, e.Visit.Start, at})
	case appointment.Rescheduled:
		if err := p.over(e.Appointment); err != nil {
			return err
		}
		return p.plan(booking{e.Account, e.Client, e.Appointment, e.Sequence, e.Visit.Start, at})
	case appointment.Cancelled:
		return p.over(e.Appointment)
	case appointment.Fulfilled:
		return p.over(e.Appointment)
	case appointment.MarkedNoShow:
		return p.over(e.Appointment)
	case message.ReminderQueued:
		return p.done(e.Appointment, e.Sequence, e.Rule)
	case message.MessageSuppressed:
		return p.done(e.Appointment, e.Sequence, e.Rule)
	case account.AccountOpened, account.AccountSettingsChanged, account.ReminderRulesSet, account.AccountClosed:
		return p.learnTenant(e, at)
	default:
		return p.learnReach(e, at)
	}
}

// over forgets an appointment that asks for no reminder any more.
func (p planner) over(id domain.AppointmentID) error {
	return p.Exec(`DELETE FROM due_v1 WHERE appointment = $1`, readmodel.Key(id))
}

func (p planner) done(id domain.AppointmentID, sequence int, rule string) error {
	if id.IsZero() || rule == "" {
		return nil
	}
	return p.Exec(`UPDATE due_v1 SET done = 1 WHERE appointment = $1 AND rule = $2 AND sequence = $3`, readmodel.Key(id), rule,
		sequence)
}

// learnTenant learns the zone and rules of an account.
func (p planner) learnTenant(event domain.Event, at time.Time) error {
	switch e := event.(type) {
	case account.AccountOpened:
		return p.Exec(`INSERT INTO due_accounts_v1 (account, zone, rules) VALUES ($1, $2, '[]')`, readmodel.Key(e.Account), e.Zone)
	case account.AccountSettingsChanged:
		before, err := p.tenant(e.Account)
		if err != nil || before.zone == e.Zone {
			return err
		}
		delete(p.tenants, e.Account)
		if err := p.Exec(`UPDATE due_accounts_v1 SET zone = $2 WHERE account = $1`, readmodel.Key(e.Account), e.Zone); err != nil {
			return err
		}
		return p.replan(`account = $1`, readmodel.Key(e.Account), at, false)
	case account.ReminderRulesSet:
		delete(p.tenants, e.Account)
		err := p.Exec(`UPDATE due_accounts_v1 SET rules = $2 WHERE account = $1`, readmodel.Key(e.Account), readmodel.JSON(e.Rules))
		if err != nil {
			return err
		}
		return p.replan(`account = $1`, readmodel.Key(e.Account), at, true)
	case account.AccountClosed:
		delete(p.tenants, e.Account)
		return p.Exec(`DELETE FROM due_v1 WHERE account = $1`, readmodel.Key(e.Account))
	}
	return nil
}

// learnReach learns how a client can be reached.
func (p planner) learnReach(event domain.Event, at time.Time) error {
	var id domain.ClientID
	var err error
	switch e := event.(type) {
	case client.ClientRegistered:
		return p.Exec(`INSERT INTO due_clients_v1 (client, zone, phone, email, opted_out, erased)
			VALUES ($1, $2, $3, $4, 0, 0)`, readmodel.Key(e.Client), e.Zone, !e.Phone.IsZero(), !e.Email.IsZero())
	case client.ContactChanged:
		id, err = e.Client, p.Exec(`UPDATE due_clients_v1 SET zone = $2, phone = $3, email = $4 WHERE client = $1`,
			readmodel.Key(e.Client), e.Zone, !e.Phone.IsZero(), !e.Email.IsZero())
	case client.SmsOptedOut:
		id, err = e.Client, p.Exec(`UPDATE due_clients_v1 SET opted_out = 1 WHERE client = $1`, readmodel.Key(e.Client))
	case client.SmsOptedIn:
		id, err = e.Client, p.Exec(`UPDATE due_clients_v1 SET opted_out = 0 WHERE client = $1`, readmodel.Key(e.Client))
	case client.ClientErased:
		id, err = e.Client, p.Exec(`UPDATE due_clients_v1 SET erased = 1 WHERE client = $1`, readmodel.Key(e.Client))
	}
	if err != nil {
		return err
	}
	return p.replan(`client = $1`, readmodel.Key(id), at, false)
}

// DueBefore are the reminders of all accounts due at or before now, soonest first, then by message.
func (q Due) DueBefore(ctx context.Context, now time.Time, limit int) ([]Reminder, error) {
	return readmodel.List(ctx, q.DB, readReminder, `SELECT message, account, client, appointment, sequence, rule, channel, due_at,
			start_at, booked_at, suppressed
		FROM due_v1 WHERE done = 0 AND due_at <= $1 ORDER BY due_at, message LIMIT 0 + $2`, readmodel.Micros(now), limit)
}

// Of are the reminders of one account due at or before then, soonest first.
func (q Due) Of(ctx context.Context, account domain.AccountID, before time.Time, limit int) ([]Reminder, error) {
	return readmodel.List(ctx, q.DB, readReminder, `SELECT message, account, client, appointment, sequence, rule, channel, due_at,
			start_at, booked_at, suppressed
		FROM due_v1 WHERE done = 0 AND account = $1 AND due_at <= $2 ORDER BY due_at, message LIMIT 0 + $3`,
		readmodel.Key(account), readmodel.Micros(before), limit)
}

func readReminder(row readmodel.Row) (r Reminder, err error) {
	readmodel.ReadID(&r.Message, row, 0)
	readmodel.ReadID(&r.Account, row, 1)
	readmodel.ReadID(&r.Client, row, 2)
	readmodel.ReadID(&r.Appointment, row, 3)
	r.Sequence, r.Rule, r.Channel = int(row.Int(4)), row.Text(5), row.Text(6)
	r.DueAt, r.UsefulUntil, r.BookedAt = readmodel.Time(row.Int(7)), readmodel.Time(row.Int(8)), readmodel.Time(row.Int(9))
	r.Suppressed = row.Text(10)
	return r, nil
}

// NextDue is when the next reminder is due, ok false when none is.
func (q Due) NextDue(ctx context.Context) (at time.Time, ok bool, err error) {
	read := func(row readmodel.Row) (time.Time, error) { return readmodel.Time(row.Int(0)), nil }
	return readmodel.One(ctx, q.DB, read, `SELECT due_at FROM due_v1 WHERE done = 0 ORDER BY due_at, message LIMIT 1`)
}
