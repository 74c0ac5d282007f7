package projections

import (
	"fmt"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/reminding"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// planner plans reminders in one batch. It reads the settings of each account once.
type planner struct {
	readmodel.Writer
	accounts map[domain.AccountID]settings
}

// settings are the zone and reminder rules of an account.
type settings struct {
	zone  string
	rules []account.ReminderRule
}

// booking is one confirmed revision of an appointment.
type booking struct {
	account  domain.AccountID
	client   domain.ClientID
	id       domain.AppointmentID
	sequence int
	start    time.Time
	bookedAt time.Time
}

// facts collects what the plan of a booking depends on. A client without a zone has the account's.
func (p planner) facts(b booking) (reminding.Facts, error) {
	of, err := p.settings(b.account)
	if err != nil {
		return reminding.Facts{}, err
	}
	zone, reach := of.zone, reminding.Reach{}
	for row, err := range p.Tx.Query(p.Ctx, `SELECT zone, phone, email, opted_out, erased FROM due_clients_v2
		WHERE client = $1`, readmodel.Key(b.client)) {
		if err != nil {
			return reminding.Facts{}, err
		}
		if own := row.Text(0); own != "" {
			zone = own
		}
		reach = reminding.Reach{
			Phone: row.Int(1) != 0, Email: row.Int(2) != 0, OptedOut: row.Int(3) != 0, Erased: row.Int(4) != 0,
		}
	}
	where, err := domain.ParseZone(zone)
	if err != nil {
		return reminding.Facts{}, fmt.Errorf("zone of account %s: %w", b.account, err)
	}
	return reminding.Facts{
		Account: b.account, Client: b.client, Appointment: b.id, Sequence: b.sequence, Start: b.start,
		BookedAt: b.bookedAt, Rules: of.rules, Zone: where, Quiet: reminding.Nights, Reach: reach,
	}, nil
}

func (p planner) settings(id domain.AccountID) (settings, error) {
	if known, ok := p.accounts[id]; ok {
		return known, nil
	}
	read := func(row readmodel.Row) (s settings, err error) {
		s.zone = row.Text(0)
		return s, readmodel.ReadJSON(&s.rules, row, 1)
	}
	found, ok, err := readmodel.One(p.Ctx, p.Tx, read, `SELECT zone, rules FROM due_accounts_v2 WHERE account = $1`,
		readmodel.Key(id))
	if err != nil {
		return settings{}, err
	}
	if !ok {
		found = settings{zone: "UTC"} // an account that was never opened has no rules
	}
	p.accounts[id] = found
	return found, nil
}

// plan inserts the rows of a new revision.
func (p planner) plan(b booking) error {
	facts, err := p.facts(b)
	if err != nil {
		return err
	}
	reminders := reminding.Plan(facts)
	for _, reminder := range reminders {
		if err := p.insert(b, reminder, false, false); err != nil {
			return err
		}
	}
	if len(reminders) == 0 && facts.IsAhead() { // later rules must find the booking
		return p.insert(b, reminding.Reminder{}, true, false)
	}
	return nil
}

func (p planner) insert(b booking, r reminding.Reminder, done, deferred bool) error {
	return p.Exec(`INSERT INTO due_v2 (appointment, rule, message, account, client, sequence, channel, start_at,
			booked_at, due_at, suppressed, done, deferred)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (appointment, rule) DO NOTHING`, readmodel.Key(b.id), r.Rule, readmodel.Key(r.Message),
		readmodel.Key(b.account), readmodel.Key(b.client), b.sequence, r.Channel, readmodel.Micros(b.start),
		readmodel.Micros(b.bookedAt), readmodel.Micros(r.DueAt), r.Suppressed, done, deferred)
}

// planned is a booking with its present rows by rule.
type planned struct {
	booking
	rows map[string]plannedRow
}

// plannedRow is the row of one rule.
type plannedRow struct {
	dueAt    time.Time
	done     bool
	deferred bool
}

// replan plans the future reminders again, for upcoming appointments that match the condition. It leaves rows that
// are done or already due. A deferred reminder was due too: after a change of the zone or the address it waits for the
// end of the quiet time there. After a change of rules it plans as if appointments had been booked now: a reminder
// that a new rule would have sent earlier is late.
func (p planner) replan(condition string, of []byte, now time.Time, rulesChanged bool) error {
	bookings, err := p.upcoming(condition, of, now)
	if err != nil {
		return err
	}
	for _, b := range bookings {
		facts, err := p.facts(b.booking)
		if err != nil {
			return err
		}
		if rulesChanged && now.After(facts.BookedAt) {
			facts.BookedAt = now
		}
		wanted := make(map[string]reminding.Reminder)
		for _, reminder := range reminding.Plan(facts) {
			wanted[reminder.Rule] = reminder
		}
		b.waitAgain(facts, wanted, now, rulesChanged)
		if err := p.revise(b, facts, wanted, now); err != nil {
			return err
		}
	}
	return nil
}

// waitAgain lets the deferred reminders of a booking wait for the end of the quiet time by the facts of now. Other
// rules change nothing about a reminder that was due already.
func (b planned) waitAgain(
	facts reminding.Facts, wanted map[string]reminding.Reminder, now time.Time, rulesChanged bool,
) {
	for rule, reminder := range wanted {
		row := b.rows[rule]
		if !row.deferred {
			continue
		}
		if rulesChanged {
			row.dueAt = now
			b.rows[rule] = row
			continue
		}
		if reminder.Suppressed == "booked_late" { // by a plan for the new zone; it was not late when it was due
			reminder.Suppressed = ""
		}
		reminder.DueAt = now
		ends := facts.Quiet.End(now, facts.Zone)
		if reminder.Channel == message.SMS && reminder.Suppressed == "" && ends.Before(reminder.UsefulUntil) {
			reminder.DueAt = ends
		}
		wanted[rule] = reminder
	}
}

// revise replaces the rows of a booking by those wanted, except rows that are done or already due.
func (p planner) revise(
	b planned, facts reminding.Facts, wanted map[string]reminding.Reminder, now time.Time,
) error {
	if len(wanted) == 0 { // later rules must find the booking
		if err := p.insert(b.booking, reminding.Reminder{}, true, false); err != nil {
			return err
		}
	}
	for rule, row := range b.rows {
		if _, stays := wanted[rule]; row.done || stays && !row.dueAt.After(now) {
			delete(wanted, rule)
			continue
		}
		if err := p.Exec(`DELETE FROM due_v2 WHERE appointment = $1 AND rule = $2`, readmodel.Key(b.id), rule); err != nil {
			return err
		}
	}
	for _, rule := range facts.Rules {
		if reminder, ok := wanted[rule.ID]; ok {
			if err := p.insert(b.booking, reminder, false, b.rows[rule.ID].deferred); err != nil {
				return err
			}
		}
	}
	return nil
}

// upcoming returns the appointments that match the condition and start after now, with their rows.
func (p planner) upcoming(condition string, of []byte, now time.Time) ([]planned, error) {
	var found []planned
	for row, err := range p.Tx.Query(p.Ctx, `SELECT appointment, account, client, sequence, start_at, booked_at, rule,
			due_at, done, deferred FROM due_v2 WHERE `+condition+` AND start_at > $2 ORDER BY appointment, rule`, of,
		readmodel.Micros(now)) {
		if err != nil {
			return nil, err
		}
		var b booking
		readmodel.ReadID(&b.id, row, 0)
		readmodel.ReadID(&b.account, row, 1)
		readmodel.ReadID(&b.client, row, 2)
		b.sequence, b.start, b.bookedAt = int(row.Int(3)), readmodel.Time(row.Int(4)), readmodel.Time(row.Int(5))
		if n := len(found); n == 0 || found[n-1].id != b.id {
			found = append(found, planned{b, make(map[string]plannedRow)})
		}
		found[len(found)-1].rows[row.Text(6)] = plannedRow{
			readmodel.Time(row.Int(7)), row.Int(8) != 0, row.Int(9) != 0,
		}
	}
	return found, nil
}
