package projections

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// DueTexts is how many reminders by text of an account are due to a country.
type DueTexts struct {
	Account domain.AccountID
	Country string
	Texts   int
}

// unsent is the condition of reminders by text that are to be sent.
const unsent = `d.done = 0 AND d.channel = 'sms' AND d.suppressed = ''`

// TextsBefore counts the reminders by text that are due before a time, by account and country.
func (q Due) TextsBefore(ctx context.Context, before time.Time) ([]DueTexts, error) {
	read := func(row readmodel.Row) (t DueTexts, err error) {
		readmodel.ReadID(&t.Account, row, 0)
		t.Country, t.Texts = row.Text(1), int(row.Int(2))
		return t, nil
	}
	return readmodel.List(ctx, q.DB, read, `SELECT d.account, c.country, count(*)
		FROM due_v2 d JOIN clients_v3 c ON c.client = d.client WHERE d.due_at < $1 AND `+unsent+`
		GROUP BY d.account, c.country ORDER BY d.account, c.country`, readmodel.Micros(before))
}

// DueText is a reminder by text that is due, with its client.
type DueText struct {
	DueAt   time.Time
	Start   time.Time // of the appointment
	Client  string    // name
	Country string    // of the number
}

// TextsOf returns the reminders by text of an account that are due before a time, the first due first.
func (q Due) TextsOf(ctx context.Context, account domain.AccountID, before time.Time) ([]DueText, error) {
	read := func(row readmodel.Row) (DueText, error) {
		return DueText{readmodel.Time(row.Int(0)), readmodel.Time(row.Int(1)), row.Text(2), row.Text(3)}, nil
	}
	return readmodel.List(ctx, q.DB, read, `SELECT d.due_at, d.start_at, c.name, c.country
		FROM due_v2 d JOIN clients_v3 c ON c.client = d.client WHERE d.account = $1 AND d.due_at < $2 AND `+unsent+`
		ORDER BY d.due_at, d.message`, readmodel.Key(account), readmodel.Micros(before))
}
