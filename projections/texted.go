package projections

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Texted answers: which texts were sent to this number, of any account? A reply names the number that it comes from and
// nothing else. Texts to an erased client are not kept.
type Texted struct{ DB readmodel.Reader }

// SentText is a text that a provider was given.
type SentText struct {
	Message     domain.MessageID
	Account     domain.AccountID
	Appointment domain.AppointmentID // zero if it is about none
	Sequence    int
	Provider    string // that was given it last
	At          time.Time
}

var texted = readmodel.Projection{
	Name: "texted", Version: 1,
	Tables: []readmodel.Table{{
		// A text that no provider was given has the time 0.
		Name: "texted_v1",
		Columns: `message BYTEA NOT NULL, number TEXT NOT NULL, account BYTEA NOT NULL, client BYTEA NOT NULL,
			appointment BYTEA NOT NULL, sequence BIGINT NOT NULL, provider TEXT NOT NULL, handed_at BIGINT NOT NULL`,
		Key:          "message",
		Indexes:      []string{"(number, handed_at, message)"},
		WriteIndexes: []string{"(client)"},
	}},
	Types: domain.NamesOf(message.ReminderQueued{}, message.NoticeQueued{}, message.SmsAttempted{}, message.SmsSent{},
		client.ClientErased{}),
	Apply: readmodel.ApplyEach(applyTexted),
}

func applyTexted(w readmodel.Writer, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case message.ReminderQueued:
		return recordTexted(w, e.Message, e.Letter)
	case message.NoticeQueued:
		return recordTexted(w, e.Message, e.Letter)
	case message.SmsAttempted:
		return w.Exec(`UPDATE texted_v1 SET provider = $2, handed_at = $3 WHERE message = $1`, readmodel.Key(e.Message),
			e.Provider, readmodel.Micros(e.At))
	case message.SmsSent:
		return w.Exec(`UPDATE texted_v1 SET provider = $2, handed_at = $3 WHERE message = $1`, readmodel.Key(e.Message),
			e.Provider, readmodel.Micros(e.SentAt))
	case client.ClientErased:
		return w.Exec(`DELETE FROM texted_v1 WHERE client = $1`, readmodel.Key(e.Client))
	default:
		return domain.Unexpected(r)
	}
}

func recordTexted(w readmodel.Writer, id domain.MessageID, letter message.Letter) error {
	if letter.Channel != message.SMS || letter.To.Reveal() == "" { // "" after an erasure
		return nil
	}
	return w.Exec(`INSERT INTO texted_v1 (message, number, account, client, appointment, sequence, provider, handed_at)
		VALUES ($1, $2, $3, $4, $5, $6, '', 0)`, readmodel.Key(id), letter.To.Reveal(), readmodel.Key(letter.Account),
		readmodel.Key(letter.Client), readmodel.Key(letter.Appointment), letter.Sequence)
}

// To returns the texts that were sent to an E.164 number until a time, the latest first, at most limit.
func (q Texted) To(ctx context.Context, number string, until time.Time, limit int) ([]SentText, error) {
	read := func(row readmodel.Row) (one SentText, err error) {
		readmodel.ReadID(&one.Message, row, 0)
		readmodel.ReadID(&one.Account, row, 1)
		readmodel.ReadID(&one.Appointment, row, 2)
		one.Sequence, one.Provider, one.At = int(row.Int(3)), row.Text(4), readmodel.Time(row.Int(5))
		return one, nil
	}
	return readmodel.List(ctx, q.DB, read, `SELECT message, account, appointment, sequence, provider, handed_at
		FROM texted_v1 WHERE number = $1 AND handed_at > 0 AND handed_at <= $2
		ORDER BY handed_at DESC, message DESC LIMIT $3`, number, readmodel.Micros(until), limit)
}
