package projections

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Calendar answers: what stands in an account's day, week or month, with whom, and what became of it? It also knows
// what was asked for and is not decided yet, and every appointment a client ever had.
type Calendar struct{ DB readmodel.Reader }

var calendar = readmodel.Projection{
	Name: "calendar", Version: 1,
	Tables: []readmodel.Table{{
		Name: "calendar_v1",
		Columns: `appointment BYTEA NOT NULL, account BYTEA NOT NULL, client BYTEA NOT NULL, service BYTEA NOT NULL,
			status TEXT NOT NULL, outcome TEXT NOT NULL, words TEXT NOT NULL, start_at BIGINT NOT NULL,
			end_at BIGINT NOT NULL, local_start TEXT NOT NULL, zone TEXT NOT NULL, legs TEXT NOT NULL,
			sequence BIGINT NOT NULL, confirmed BIGINT NOT NULL, undecided_until BIGINT NOT NULL,
			requested_at BIGINT NOT NULL, revision BIGINT NOT NULL`,
		Key:     "appointment",
		Indexes: []string{"(account, start_at, appointment)"},
		Learns:  []string{"(client, start_at, appointment)"},
	}, {
		// Where each resource stands, so that one person's day is found without looking at everybody's.
		Name:    "calendar_legs_v1",
		Columns: `resource BYTEA NOT NULL, start_at BIGINT NOT NULL, appointment BYTEA NOT NULL`,
		Key:     "resource, start_at, appointment",
	}, {
		// The longest appointment ever: a search need not look further back than that for one that still runs.
		Name:    "calendar_longest_v1",
		Columns: `account BYTEA NOT NULL, longest BIGINT NOT NULL`,
		Key:     "account",
	}, {
		Name: "calendar_notes_v1",
		Columns: `appointment BYTEA NOT NULL, revision BIGINT NOT NULL, client BYTEA NOT NULL, words TEXT NOT NULL,
			noted_at BIGINT NOT NULL`,
		Key:    "appointment, revision",
		Learns: []string{"(client)"},
	}},
	Types: domain.NamesOf(appointment.Requested{}, appointment.Booked{}, appointment.Abandoned{}, appointment.Declined{},
		appointment.RescheduleRequested{}, appointment.Rescheduled{}, appointment.RescheduleAbandoned{},
		appointment.Cancelled{}, appointment.Confirmed{}, appointment.Arrived{}, appointment.Fulfilled{},
		appointment.MarkedNoShow{}, appointment.NoteAdded{}, client.ClientErased{}),
	Apply: func(ctx context.Context, tx readmodel.Tx, events []domain.Recorded) error {
		longest := make(map[domain.AccountID]int64)
		return readmodel.Each(func(s readmodel.Session, r domain.Recorded) error { return book{s, longest}.learn(r) })(ctx, tx, events)
	},
}

// book is the calendar in one batch. It remembers the longest appointment of each account that it has written.
type book struct {
	readmodel.Session
	longest map[domain.AccountID]int64
}

func (s book) learn(r domain.Recorded) error {
	revision := int64(r.Revision)
	switch e := r.Event.(type) {
	case appointment.Requested:
		return s.request(e, r)
	case appointment.Booked:
		return s.decided(e.Appointment, appointment.StatusBooked, "", "", revision)
	case appointment.Abandoned:
		return s.decided(e.Appointment, appointment.StatusEnteredInError, e.Reason, "", revision)
	case appointment.Declined:
		return s.decided(e.Appointment, appointment.StatusCancelled, "declined", e.Reason.Reveal(), revision)
	case appointment.RescheduleRequested:
		return s.Exec(`UPDATE calendar_v1 SET undecided_until = $2, revision = $3 WHERE appointment = $1`,
			readmodel.Key(e.Appointment), readmodel.Micros(e.Until), revision)
	case appointment.Rescheduled:
		return s.reschedule(e, revision)
	case appointment.RescheduleAbandoned:
		return s.Exec(`UPDATE calendar_v1 SET undecided_until = 0, revision = $2 WHERE appointment = $1`,
			readmodel.Key(e.Appointment), revision)
	case appointment.Cancelled:
		return s.Exec(`UPDATE calendar_v1 SET status = 'cancelled', outcome = $2, words = $3, sequence = $4,
			revision = $5 WHERE appointment = $1`, readmodel.Key(e.Appointment), string(e.By), e.Reason.Reveal(), e.Sequence,
			revision)
	case appointment.Confirmed:
		return s.Exec(`UPDATE calendar_v1 SET confirmed = 1, revision = $2 WHERE appointment = $1`, readmodel.Key(e.Appointment),
			revision)
	case appointment.Arrived:
		return s.mark(e.Appointment, appointment.StatusArrived, revision)
	case appointment.Fulfilled:
		return s.mark(e.Appointment, appointment.StatusFulfilled, revision)
	case appointment.MarkedNoShow:
		return s.mark(e.Appointment, appointment.StatusNoShow, revision)
	case appointment.NoteAdded:
		err := s.Exec(`INSERT INTO calendar_notes_v1 (appointment, revision, client, words, noted_at)
			VALUES ($1, $2, $3, $4, $5)`, readmodel.Key(e.Appointment), revision, readmodel.Key(e.Client), e.Text.Reveal(),
			readmodel.Micros(r.Meta.OccurredAt))
		if err != nil {
			return err
		}
		return s.Exec(`UPDATE calendar_v1 SET revision = $2 WHERE appointment = $1`, readmodel.Key(e.Appointment), revision)
	case client.ClientErased:
		if err := s.Exec(`UPDATE calendar_v1 SET words = '' WHERE client = $1`, readmodel.Key(e.Client)); err != nil {
			return err
		}
		return s.Exec(`UPDATE calendar_notes_v1 SET words = '' WHERE client = $1`, readmodel.Key(e.Client))
	}
	return nil
}

func (s book) request(e appointment.Requested, r domain.Recorded) error {
	err := s.Exec(`INSERT INTO calendar_v1 (appointment, account, client, service, status, outcome, words, start_at,
			end_at, local_start, zone, legs, sequence, confirmed, undecided_until, requested_at, revision)
		VALUES ($1, $2, $3, $4, 'pending', '', '', $5, $6, $7, $8, $9, 0, 0, $10, $11, $12)`,
		readmodel.Key(e.Appointment), readmodel.Key(e.Account), readmodel.Key(e.Client), readmodel.Key(e.Service), readmodel.Micros(e.Visit.Start), readmodel.Micros(e.Visit.End),
		e.Visit.Local, e.Visit.Zone, readmodel.JSON(e.Visit.Legs), readmodel.Micros(e.Until), readmodel.Micros(r.Meta.OccurredAt), int64(r.Revision))
	if err != nil {
		return err
	}
	return s.place(e.Appointment, e.Account, e.Visit)
}

// place remembers where the legs stand and how long they are. A leg holds the buffers too, so it may start before
// the visit and be longer.
func (s book) place(id domain.AppointmentID, account domain.AccountID, visit appointment.Visit) error {
	longest := readmodel.Micros(visit.End) - readmodel.Micros(visit.Start)
	for _, leg := range visit.Legs {
		longest = max(longest, readmodel.Micros(leg.Interval.End)-readmodel.Micros(leg.Interval.Start))
		err := s.Exec(`INSERT INTO calendar_legs_v1 (resource, start_at, appointment) VALUES ($1, $2, $3)
			ON CONFLICT (resource, start_at, appointment) DO NOTHING`, readmodel.Key(leg.Resource), readmodel.Micros(leg.Interval.Start), readmodel.Key(id))
		if err != nil {
			return err
		}
	}
	if longest <= s.longest[account] {
		return nil
	}
	s.longest[account] = longest
	return s.Exec(`INSERT INTO calendar_longest_v1 (account, longest) VALUES ($1, $2)
		ON CONFLICT (account) DO UPDATE SET longest = excluded.longest
		WHERE excluded.longest > calendar_longest_v1.longest`, readmodel.Key(account), longest)
}

func (s book) decided(
	id domain.AppointmentID, status appointment.Status, outcome, words string, revision int64,
) error {
	return s.Exec(`UPDATE calendar_v1 SET status = $2, outcome = $3, words = $4, undecided_until = 0, revision = $5
		WHERE appointment = $1`, readmodel.Key(id), string(status), outcome, words, revision)
}

func (s book) mark(id domain.AppointmentID, status appointment.Status, revision int64) error {
	return s.Exec(`UPDATE calendar_v1 SET status = $2, revision = $3 WHERE appointment = $1`, readmodel.Key(id), string(status),
		revision)
}

func (s book) reschedule(e appointment.Rescheduled, revision int64) error {
	for _, leg := range e.Before.Legs {
		err := s.Exec(`DELETE FROM calendar_legs_v1 WHERE resource = $1 AND start_at = $2 AND appointment = $3`,
			readmodel.Key(leg.Resource), readmodel.Micros(leg.Interval.Start), readmodel.Key(e.Appointment))
		if err != nil {
			return err
		}
	}
	err := s.Exec(`UPDATE calendar_v1 SET start_at = $2, end_at = $3, local_start = $4, zone = $5, legs = $6,
		sequence = $7, confirmed = 0, undecided_until = 0, revision = $8 WHERE appointment = $1`,
		readmodel.Key(e.Appointment), readmodel.Micros(e.Visit.Start), readmodel.Micros(e.Visit.End), e.Visit.Local, e.Visit.Zone,
		readmodel.JSON(e.Visit.Legs), e.Sequence, revision)
	if err != nil {
		return err
	}
	return s.place(e.Appointment, e.Account, e.Visit)
}
