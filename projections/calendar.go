package projections

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Calendar answers: which appointments are in an account's day, week or month, with whom, and with what outcome? It
// includes requests that are not decided yet, and abandoned ones for those who ask for that status.
type Calendar struct{ DB readmodel.Reader }

var calendar = readmodel.Projection{
	Name: "calendar", Version: 3,
	Tables: []readmodel.Table{{
		Name: "calendar_v3",
		Columns: `appointment BYTEA NOT NULL, account BYTEA NOT NULL, client BYTEA NOT NULL, service BYTEA NOT NULL,
			status TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, start_at BIGINT NOT NULL,
			end_at BIGINT NOT NULL, local_start TEXT NOT NULL, zone TEXT NOT NULL, legs TEXT NOT NULL,
			sequence BIGINT NOT NULL, confirmed BIGINT NOT NULL, requested_at BIGINT NOT NULL, revision BIGINT NOT NULL`,
		Key:          "appointment",
		Indexes:      []string{"(account, start_at, appointment)"},
		WriteIndexes: []string{"(client, start_at, appointment)"},
	}, {
		// The start of each leg by resource, to find one person's day without reading everybody's.
		Name:    "calendar_legs_v3",
		Columns: `resource BYTEA NOT NULL, start_at BIGINT NOT NULL, appointment BYTEA NOT NULL`,
		Key:     "resource, start_at, appointment",
	}, {
		// The longest appointment ever. A search for those that overlap an interval looks no further back than that.
		Name:    "calendar_longest_v3",
		Columns: `account BYTEA NOT NULL, longest BIGINT NOT NULL`,
		Key:     "account",
	}, {
		// The rules that the staff overrode with a requested visit. Only those of the visit in force are shown.
		Name: "calendar_overrides_v3",
		Columns: `appointment BYTEA NOT NULL, sequence BIGINT NOT NULL, client BYTEA NOT NULL, rules TEXT NOT NULL,
			reason TEXT NOT NULL`,
		Key:          "appointment, sequence",
		WriteIndexes: []string{"(client)"},
	}},
	Types: domain.NamesOf(appointment.Requested{}, appointment.Booked{}, appointment.Abandoned{}, appointment.Declined{},
		appointment.RescheduleRequested{}, appointment.Rescheduled{}, appointment.RescheduleAbandoned{},
		appointment.Cancelled{}, appointment.Confirmed{}, appointment.Arrived{}, appointment.Fulfilled{},
		appointment.MarkedNoShow{}, appointment.NoteAdded{}, appointment.RulesOverridden{}, appointment.MarkCleared{},
		appointment.Reinstated{}, appointment.AttentionNeeded{}, appointment.AttentionSettled{}, appointment.LinksRevoked{},
		client.ClientErased{}),
	Apply: func(ctx context.Context, tx readmodel.Tx, events []domain.Recorded) error {
		longest := make(map[domain.AccountID]int64)
		return readmodel.ApplyEach(func(w readmodel.Writer, r domain.Recorded) error {
			return calendarWriter{w, longest}.apply(r)
		})(ctx, tx, events)
	},
}

// calendarWriter applies one batch. It remembers the longest appointment that it has written for each account.
type calendarWriter struct {
	readmodel.Writer
	longest map[domain.AccountID]int64
}

func (w calendarWriter) apply(r domain.Recorded) error {
	revision := int64(r.Revision)
	switch e := r.Event.(type) {
	case appointment.Requested:
		return w.insert(e, r)
	case appointment.Booked:
		return w.decide(e.Appointment, appointment.StatusBooked, "", "", revision)
	case appointment.Abandoned:
		return w.decide(e.Appointment, appointment.StatusEnteredInError, e.Reason, "", revision)
	case appointment.Declined:
		return w.decide(e.Appointment, appointment.StatusCancelled, "declined", e.Reason.Reveal(), revision)
	case appointment.RescheduleRequested:
		return w.setRevision(e.Appointment, revision)
	case appointment.Rescheduled:
		return w.move(e, revision)
	case appointment.RescheduleAbandoned:
		return w.setRevision(e.Appointment, revision)
	case appointment.Cancelled:
		return w.Exec(`UPDATE calendar_v3 SET status = 'cancelled', outcome = $2, reason = $3, sequence = $4,
			revision = $5 WHERE appointment = $1`, readmodel.Key(e.Appointment), string(e.By), e.Reason.Reveal(),
			e.Sequence, revision)
	case appointment.Confirmed:
		return w.Exec(`UPDATE calendar_v3 SET confirmed = 1, revision = $2 WHERE appointment = $1`,
			readmodel.Key(e.Appointment), revision)
	case appointment.Arrived:
		return w.setStatus(e.Appointment, appointment.StatusArrived, revision)
	case appointment.Fulfilled:
		return w.setStatus(e.Appointment, appointment.StatusFulfilled, revision)
	case appointment.MarkedNoShow:
		return w.setStatus(e.Appointment, appointment.StatusNoShow, revision)
	case appointment.NoteAdded:
		return w.setRevision(e.Appointment, revision)
	case appointment.AttentionNeeded:
		return w.setRevision(e.Appointment, revision)
	case appointment.AttentionSettled:
		return w.setRevision(e.Appointment, revision)
	case appointment.LinksRevoked:
		return w.setRevision(e.Appointment, revision)
	case appointment.MarkCleared:
		if e.Mark == "confirmed" {
			return w.Exec(`UPDATE calendar_v3 SET confirmed = 0, revision = $2 WHERE appointment = $1`,
				readmodel.Key(e.Appointment), revision)
		}
		return w.setStatus(e.Appointment, appointment.StatusBooked, revision)
	case appointment.Reinstated:
		return w.Exec(`UPDATE calendar_v3 SET status = 'booked', outcome = '', reason = '', sequence = $2, confirmed = 0,
			revision = $3 WHERE appointment = $1`, readmodel.Key(e.Appointment), e.Sequence, revision)
	case appointment.RulesOverridden:
		return w.override(e, revision)
	case client.ClientErased:
		err := w.Exec(`UPDATE calendar_overrides_v3 SET reason = '' WHERE client = $1`, readmodel.Key(e.Client))
		if err != nil {
			return err
		}
		return w.Exec(`UPDATE calendar_v3 SET reason = '' WHERE client = $1`, readmodel.Key(e.Client))
	default:
		return domain.Unexpected(r)
	}
}

func (w calendarWriter) insert(e appointment.Requested, r domain.Recorded) error {
	err := w.Exec(`INSERT INTO calendar_v3 (appointment, account, client, service, status, outcome, reason, start_at,
			end_at, local_start, zone, legs, sequence, confirmed, requested_at, revision)
		VALUES ($1, $2, $3, $4, 'pending', '', '', $5, $6, $7, $8, $9, 0, 0, $10, $11)`,
		readmodel.Key(e.Appointment), readmodel.Key(e.Account), readmodel.Key(e.Client), readmodel.Key(e.Service),
		readmodel.Micros(e.Visit.Start), readmodel.Micros(e.Visit.End), e.Visit.Local, e.Visit.Zone,
		readmodel.JSON(e.Visit.Legs), readmodel.Micros(r.Meta.OccurredAt), int64(r.Revision))
	if err != nil {
		return err
	}
	return w.insertLegs(e.Appointment, e.Account, e.Visit)
}

// insertLegs stores the starts of a visit's legs and the account's longest appointment. A leg includes the buffers,
// so it may start before the visit and last longer.
func (w calendarWriter) insertLegs(id domain.AppointmentID, account domain.AccountID, visit appointment.Visit) error {
	longest := readmodel.Micros(visit.End) - readmodel.Micros(visit.Start)
	for _, leg := range visit.Legs {
		longest = max(longest, readmodel.Micros(leg.Interval.End)-readmodel.Micros(leg.Interval.Start))
		err := w.Exec(`INSERT INTO calendar_legs_v3 (resource, start_at, appointment) VALUES ($1, $2, $3)
			ON CONFLICT (resource, start_at, appointment) DO NOTHING`, readmodel.Key(leg.Resource),
			readmodel.Micros(leg.Interval.Start), readmodel.Key(id))
		if err != nil {
			return err
		}
	}
	if longest <= w.longest[account] {
		return nil
	}
	w.longest[account] = longest
	return w.Exec(`INSERT INTO calendar_longest_v3 (account, longest) VALUES ($1, $2)
		ON CONFLICT (account) DO UPDATE SET longest = excluded.longest
		WHERE excluded.longest > calendar_longest_v3.longest`, readmodel.Key(account), longest)
}

func (w calendarWriter) override(e appointment.RulesOverridden, revision int64) error {
	err := w.Exec(`INSERT INTO calendar_overrides_v3 (appointment, sequence, client, rules, reason)
		VALUES ($1, $2, $3, $4, $5)`, readmodel.Key(e.Appointment), e.Sequence, readmodel.Key(e.Client),
		readmodel.JSON(e.Rules), e.Reason.Reveal())
	if err != nil {
		return err
	}
	return w.setRevision(e.Appointment, revision)
}

// decide ends a request with a status.
func (w calendarWriter) decide(
	id domain.AppointmentID, status appointment.Status, outcome, reason string, revision int64,
) error {
	return w.Exec(`UPDATE calendar_v3 SET status = $2, outcome = $3, reason = $4, revision = $5
		WHERE appointment = $1`, readmodel.Key(id), string(status), outcome, reason, revision)
}

func (w calendarWriter) setStatus(id domain.AppointmentID, status appointment.Status, revision int64) error {
	return w.Exec(`UPDATE calendar_v3 SET status = $2, revision = $3 WHERE appointment = $1`, readmodel.Key(id),
		string(status), revision)
}

// setRevision follows an event that changes nothing else.
func (w calendarWriter) setRevision(id domain.AppointmentID, revision int64) error {
	return w.Exec(`UPDATE calendar_v3 SET revision = $2 WHERE appointment = $1`, readmodel.Key(id), revision)
}

// move replaces the visit. The client has not confirmed the new one. If only its instant changed, what they confirmed
// and what the staff overrode remain.
func (w calendarWriter) move(e appointment.Rescheduled, revision int64) error {
	for _, leg := range e.Before.Legs {
		err := w.Exec(`DELETE FROM calendar_legs_v3 WHERE resource = $1 AND start_at = $2 AND appointment = $3`,
			readmodel.Key(leg.Resource), readmodel.Micros(leg.Interval.Start), readmodel.Key(e.Appointment))
		if err != nil {
			return err
		}
	}
	err := w.Exec(`UPDATE calendar_v3 SET start_at = $2, end_at = $3, local_start = $4, zone = $5, legs = $6,
		sequence = $7, confirmed = confirmed * $9, revision = $8 WHERE appointment = $1`,
		readmodel.Key(e.Appointment), readmodel.Micros(e.Visit.Start), readmodel.Micros(e.Visit.End), e.Visit.Local,
		e.Visit.Zone, readmodel.JSON(e.Visit.Legs), e.Sequence, revision, e.Cause == appointment.ZoneRules)
	if err == nil && e.Cause == appointment.ZoneRules {
		err = w.Exec(`UPDATE calendar_overrides_v3 SET sequence = $2 WHERE appointment = $1 AND sequence = $3`,
			readmodel.Key(e.Appointment), e.Sequence, e.Revokes)
	}
	if err != nil {
		return err
	}
	return w.insertLegs(e.Appointment, e.Account, e.Visit)
}
