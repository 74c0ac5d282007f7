package projections

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Due answers: which reminder must be sent next, and when? Each row is one planned reminder. A changed rule, zone or
// address plans the future rows again. A row is no longer due once its message is queued or suppressed, and when its
// appointment is moved or has ended.
type Due struct{ DB readmodel.Reader }

// Reminder is one planned reminder.
type Reminder struct {
	Message     domain.MessageID
	Account     domain.AccountID
	Appointment domain.AppointmentID
	Sequence    int
	Rule        string
	Channel     string
	DueAt       time.Time
	Suppressed  string // why it will not be sent, decided when it was planned; "" if it will be
}

var due = readmodel.Projection{
	Name: "due", Version: 2,
	Tables: []readmodel.Table{{
		// The row of a sent or suppressed reminder stays, marked done, until the appointment ends, so that planning
		// again does not send it twice. An appointment without any rule has one done row with an empty rule: rules
		// that the account sets later find the appointment by it. A deferred reminder was due before due_at, when it
		// would have disturbed the client.
		Name: "due_v2",
		Columns: `appointment BYTEA NOT NULL, rule TEXT NOT NULL, message BYTEA NOT NULL, account BYTEA NOT NULL,
			client BYTEA NOT NULL, sequence BIGINT NOT NULL, channel TEXT NOT NULL, start_at BIGINT NOT NULL,
			booked_at BIGINT NOT NULL, due_at BIGINT NOT NULL, suppressed TEXT NOT NULL, done BIGINT NOT NULL,
			deferred BIGINT NOT NULL`,
		Key:          "appointment, rule",
		Indexes:      []string{"(due_at, message) WHERE done = 0"},
		WriteIndexes: []string{"(client)"},
	}, {
		Name:    "due_accounts_v2",
		Columns: `account BYTEA NOT NULL, zone TEXT NOT NULL, rules TEXT NOT NULL`,
		Key:     "account",
	}, {
		Name: "due_clients_v2",
		Columns: `client BYTEA NOT NULL, zone TEXT NOT NULL, phone BIGINT NOT NULL, email BIGINT NOT NULL,
			opted_out BIGINT NOT NULL, erased BIGINT NOT NULL`,
		Key: "client",
	}},
	Types: domain.NamesOf(account.AccountOpened{}, account.AccountSettingsChanged{}, account.ReminderRulesSet{},
		account.AccountClosed{}, client.ClientRegistered{}, client.ContactChanged{}, client.SmsOptedOut{},
		client.SmsOptedIn{}, client.ClientErased{}, appointment.Booked{}, appointment.Rescheduled{},
		appointment.Cancelled{}, appointment.Reinstated{}, appointment.Fulfilled{}, appointment.MarkedNoShow{},
		message.ReminderQueued{},
		message.MessageSuppressed{}, message.MessageDeferred{}),
	Apply: func(ctx context.Context, tx readmodel.Tx, events []domain.Recorded) error {
		accounts := make(map[domain.AccountID]settings)
		return readmodel.ApplyEach(func(w readmodel.Writer, r domain.Recorded) error {
			return planner{w, accounts}.apply(r)
		})(ctx, tx, events)
	},
}

func (p planner) apply(r domain.Recorded) error {
	// Imported history was booked long ago. Planning by the time of recording suppresses reminders from before the
	// import.
	at := r.Meta.RecordedAt
	switch e := r.Event.(type) {
	case appointment.Booked:
		return p.plan(booking{e.Account, e.Client, e.Appointment, 0, e.Visit.Start, at})
	case appointment.Rescheduled:
		if e.Cause == appointment.ZoneRules {
			return p.adjust(e)
		}
		if err := p.drop(e.Appointment); err != nil {
			return err
		}
		return p.plan(booking{e.Account, e.Client, e.Appointment, e.Sequence, e.Visit.Start, at})
	case appointment.Cancelled:
		return p.drop(e.Appointment)
	case appointment.Reinstated:
		return p.plan(booking{e.Account, e.Client, e.Appointment, e.Sequence, e.Visit.Start, at})
	case appointment.Fulfilled:
		return p.drop(e.Appointment)
	case appointment.MarkedNoShow:
		return p.drop(e.Appointment)
	case message.ReminderQueued:
		return p.markDone(e.Appointment, e.Sequence, e.Rule)
	case message.MessageSuppressed:
		return p.markDone(e.Appointment, e.Sequence, e.Rule)
	case message.MessageDeferred:
		return p.Exec(`UPDATE due_v2 SET due_at = $4, deferred = 1
			WHERE appointment = $1 AND rule = $2 AND sequence = $3 AND done = 0`,
			readmodel.Key(e.Appointment), e.Rule, e.Sequence, readmodel.Micros(e.Until))
	case account.AccountOpened, account.AccountSettingsChanged, account.ReminderRulesSet, account.AccountClosed:
		return p.applyAccount(r, at)
	case client.ClientRegistered, client.ContactChanged, client.SmsOptedOut, client.SmsOptedIn, client.ClientErased:
		return p.applyClient(r, at)
	default:
		return domain.Unexpected(r)
	}
}

// drop deletes the rows of an appointment that needs no more reminders.
func (p planner) drop(id domain.AppointmentID) error {
	return p.Exec(`DELETE FROM due_v2 WHERE appointment = $1`, readmodel.Key(id))
}

// adjust plans the reminders of an appointment whose local time stayed while its instant moved. They are still those of
// the revision that the client was told, with the same ids, so none is sent twice.
func (p planner) adjust(e appointment.Rescheduled) error {
	read := func(row readmodel.Row) (booking, error) {
		return booking{
			account: e.Account, client: e.Client, id: e.Appointment, sequence: int(row.Int(0)), start: e.Visit.Start,
			bookedAt: readmodel.Time(row.Int(1)),
		}, nil
	}
	planned, ok, err := readmodel.One(p.Ctx, p.Tx, read, `SELECT sequence, booked_at FROM due_v2 WHERE appointment = $1
		ORDER BY rule LIMIT 1`, readmodel.Key(e.Appointment))
	if err != nil || !ok {
		return err
	}
	err = p.Exec(`DELETE FROM due_v2 WHERE appointment = $1 AND done = 0`, readmodel.Key(e.Appointment))
	if err != nil {
		return err
	}
	err = p.Exec(`UPDATE due_v2 SET start_at = $2 WHERE appointment = $1`, readmodel.Key(e.Appointment),
		readmodel.Micros(e.Visit.Start))
	if err != nil {
		return err
	}
	return p.plan(planned)
}

// markDone marks a reminder as sent or suppressed. Other messages change nothing.
func (p planner) markDone(id domain.AppointmentID, sequence int, rule string) error {
	if id.IsZero() || rule == "" {
		return nil
	}
	return p.Exec(`UPDATE due_v2 SET done = 1 WHERE appointment = $1 AND rule = $2 AND sequence = $3`,
		readmodel.Key(id), rule, sequence)
}

// applyAccount stores the zone and rules of an account.
func (p planner) applyAccount(r domain.Recorded, at time.Time) error {
	switch e := r.Event.(type) {
	case account.AccountOpened:
		return p.Exec(`INSERT INTO due_accounts_v2 (account, zone, rules) VALUES ($1, $2, '[]')`,
			readmodel.Key(e.Account), e.Zone)
	case account.AccountSettingsChanged:
		before, err := p.settings(e.Account)
		if err != nil || before.zone == e.Zone {
			return err
		}
		delete(p.accounts, e.Account)
		err = p.Exec(`UPDATE due_accounts_v2 SET zone = $2 WHERE account = $1`, readmodel.Key(e.Account), e.Zone)
		if err != nil {
			return err
		}
		return p.replan(`account = $1`, readmodel.Key(e.Account), at, false)
	case account.ReminderRulesSet:
		delete(p.accounts, e.Account)
		err := p.Exec(`UPDATE due_accounts_v2 SET rules = $2 WHERE account = $1`, readmodel.Key(e.Account),
			readmodel.JSON(e.Rules))
		if err != nil {
			return err
		}
		return p.replan(`account = $1`, readmodel.Key(e.Account), at, true)
	case account.AccountClosed:
		delete(p.accounts, e.Account)
		return p.Exec(`DELETE FROM due_v2 WHERE account = $1`, readmodel.Key(e.Account))
	default:
		return domain.Unexpected(r)
	}
}

// applyClient stores how a client can be reached.
func (p planner) applyClient(r domain.Recorded, at time.Time) error {
	var id domain.ClientID
	var err error
	switch e := r.Event.(type) {
	case client.ClientRegistered:
		return p.Exec(`INSERT INTO due_clients_v2 (client, zone, phone, email, opted_out, erased)
			VALUES ($1, $2, $3, $4, 0, 0)`, readmodel.Key(e.Client), e.Zone, !e.Phone.IsZero(), !e.Email.IsZero())
	case client.ContactChanged:
		id, err = e.Client, p.Exec(`UPDATE due_clients_v2 SET zone = $2, phone = $3, email = $4 WHERE client = $1`,
			readmodel.Key(e.Client), e.Zone, !e.Phone.IsZero(), !e.Email.IsZero())
	case client.SmsOptedOut:
		id, err = e.Client, p.Exec(`UPDATE due_clients_v2 SET opted_out = 1 WHERE client = $1`, readmodel.Key(e.Client))
	case client.SmsOptedIn:
		id, err = e.Client, p.Exec(`UPDATE due_clients_v2 SET opted_out = 0 WHERE client = $1`, readmodel.Key(e.Client))
	case client.ClientErased:
		id, err = e.Client, p.Exec(`UPDATE due_clients_v2 SET erased = 1 WHERE client = $1`, readmodel.Key(e.Client))
	default:
		return domain.Unexpected(r)
	}
	if err != nil {
		return err
	}
	return p.replan(`client = $1`, readmodel.Key(id), at, false)
}

const reminderColumns = `SELECT message, account, appointment, sequence, rule, channel, due_at, suppressed
	FROM due_v2 `

// DueBefore returns the reminders of all accounts that are due at or before now, soonest first, then by message: the
// first of them up to the limit, and the others of the same visits.
func (q Due) DueBefore(ctx context.Context, now time.Time, limit int) ([]Reminder, error) {
	return readmodel.List(ctx, q.DB, readReminder, reminderColumns+`WHERE done = 0 AND due_at <= $1 AND appointment IN (
			SELECT appointment FROM due_v2 WHERE done = 0 AND due_at <= $1 ORDER BY due_at, message LIMIT 0 + $2)
		ORDER BY due_at, message`, readmodel.Micros(now), limit)
}

// Of returns the reminders of one account that are due at or before a time, soonest first, those after the cursor.
func (q Due) Of(
	ctx context.Context, account domain.AccountID, before time.Time, after readmodel.Cursor, limit int,
) ([]Reminder, error) {
	var w readmodel.Where
	w.And(`done = 0 AND account = ? AND due_at <= ?`, readmodel.Key(account), readmodel.Micros(before))
	if !after.IsZero() {
		w.And(`(due_at, message) > (?, ?)`, readmodel.Micros(after.At), after.ID[:])
	}
	w.Add(` ORDER BY due_at, message LIMIT 0 + ?`, limit)
	return readmodel.List(ctx, q.DB, readReminder, reminderColumns+w.String(), w.Args...)
}

// Cursor returns the cursor of the page that starts after this reminder.
func (r Reminder) Cursor() readmodel.Cursor { return readmodel.Cursor{At: r.DueAt, ID: r.Message.UUID} }

func readReminder(row readmodel.Row) (r Reminder, err error) {
	readmodel.ReadID(&r.Message, row, 0)
	readmodel.ReadID(&r.Account, row, 1)
	readmodel.ReadID(&r.Appointment, row, 2)
	r.Sequence, r.Rule, r.Channel = int(row.Int(3)), row.Text(4), row.Text(5)
	r.DueAt, r.Suppressed = readmodel.Time(row.Int(6)), row.Text(7)
	return r, nil
}

// NextDue returns when the next reminder is due. ok is false when none is planned.
func (q Due) NextDue(ctx context.Context) (at time.Time, ok bool, err error) {
	read := func(row readmodel.Row) (time.Time, error) { return readmodel.Time(row.Int(0)), nil }
	return readmodel.One(ctx, q.DB, read, `SELECT due_at FROM due_v2 WHERE done = 0 ORDER BY due_at, message LIMIT 1`)
}
