package projections

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Notes answers: what has the staff noted about an appointment? The notes about an erased client are gone.
type Notes struct{ DB readmodel.Reader }

// Note is one note about an appointment.
type Note struct {
	Appointment domain.AppointmentID
	Text        string
	At          time.Time
}

var notes = readmodel.Projection{
	Name: "notes", Version: 1,
	Tables: []readmodel.Table{{
		Name: "notes_v1",
		Columns: `appointment BYTEA NOT NULL, revision BIGINT NOT NULL, account BYTEA NOT NULL, client BYTEA NOT NULL,
			text TEXT NOT NULL, noted_at BIGINT NOT NULL`,
		Key:          "appointment, revision",
		WriteIndexes: []string{"(client)"},
	}},
	Types: domain.NamesOf(appointment.NoteAdded{}, client.ClientErased{}),
	Apply: readmodel.ApplyEach(applyNote),
}

func applyNote(w readmodel.Writer, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case appointment.NoteAdded:
		return w.Exec(`INSERT INTO notes_v1 (appointment, revision, account, client, text, noted_at)
			VALUES ($1, $2, $3, $4, $5, $6)`, readmodel.Key(e.Appointment), int64(r.Revision),
			readmodel.Key(r.Meta.Account), readmodel.Key(e.Client), e.Text.Reveal(), readmodel.Micros(r.Meta.OccurredAt))
	case client.ClientErased:
		return w.Exec(`DELETE FROM notes_v1 WHERE client = $1`, readmodel.Key(e.Client))
	default:
		return domain.Unexpected(r)
	}
}

// Of returns the notes about some appointments of the account: for each, the earliest first.
func (q Notes) Of(
	ctx context.Context, account domain.AccountID, appointments []domain.AppointmentID,
) (map[domain.AppointmentID][]Note, error) {
	found := make(map[domain.AppointmentID][]Note)
	if len(appointments) == 0 {
		return found, nil
	}
	var w readmodel.Where
	w.And(`account = ?`, readmodel.Key(account))
	readmodel.OneOf(&w, "appointment", appointments, func(id domain.AppointmentID) any { return readmodel.Key(id) })
	w.Add(` ORDER BY appointment, revision`)
	all, err := readmodel.List(ctx, q.DB, readNote, `SELECT appointment, text, noted_at FROM notes_v1 `+w.String(),
		w.Args...)
	for _, note := range all {
		found[note.Appointment] = append(found[note.Appointment], note)
	}
	return found, err
}

func readNote(row readmodel.Row) (n Note, err error) {
	readmodel.ReadID(&n.Appointment, row, 0)
	n.Text, n.At = row.Text(1), readmodel.Time(row.Int(2))
	return n, nil
}
