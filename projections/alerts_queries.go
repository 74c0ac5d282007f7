package projections

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Alert is one trouble of an account.
type Alert struct {
	Account    domain.AccountID
	Kind       string // outage, undelivered, credits, alert
	Source     [16]byte
	RaisedAt   time.Time
	ToldAt     time.Time // the last time; zero for an alert that did not arrive
	Through    time.Time // what was known until then was told
	ResolvedAt time.Time // zero while it lasts; of undelivered, see CallSheet
}

// Cursor returns the cursor of the page that starts after this alert.
func (a Alert) Cursor() readmodel.Cursor { return readmodel.Cursor{At: a.RaisedAt, ID: a.Source} }

// Of returns the alerts of an account, newest first, those after the cursor.
func (q Alerts) Of(ctx context.Context, account domain.AccountID, after readmodel.Cursor, limit int) ([]Alert, error) {
	var w readmodel.Where
	w.And(`account = ?`, readmodel.Key(account))
	if !after.IsZero() {
		w.And(`(raised_at, source) < (?, ?)`, readmodel.Micros(after.At), after.ID[:])
	}
	w.Add(` ORDER BY raised_at DESC, source DESC LIMIT 0 + ?`, limit)
	return readmodel.List(ctx, q.DB, readAlert, alertColumns+w.String(), w.Args...)
}

// Lost returns the alerts of all accounts that did not arrive since a time.
func (q Alerts) Lost(ctx context.Context, since time.Time) ([]Alert, error) {
	return readmodel.List(ctx, q.DB, readAlert, alertColumns+`WHERE kind = $1 AND resolved_at = 0 AND raised_at >= $2
		ORDER BY account, source`, kindAlert, readmodel.Micros(since))
}

const alertColumns = `SELECT account, kind, source, raised_at, told_at, through, resolved_at FROM alerts_v1 `

func readAlert(row readmodel.Row) (a Alert, err error) {
	readmodel.ReadID(&a.Account, row, 0)
	a.Kind = row.Text(1)
	copy(a.Source[:], row.Bytes(2))
	a.RaisedAt, a.ToldAt = readmodel.Time(row.Int(3)), readmodel.Time(row.Int(4))
	a.Through, a.ResolvedAt = readmodel.Time(row.Int(5)), readmodel.Time(row.Int(6))
	return a, nil
}

// Told is the newest alert about something to one person.
type Told struct {
	About    message.Trouble
	Outage   domain.OutageID
	Resource domain.ResourceID // zero for the owner
	Round    int
	At       time.Time
	Through  time.Time
	Last     bool // everybody whom the round tells was told
}

// Told returns the newest alerts to each person of an account.
func (q Alerts) Told(ctx context.Context, account domain.AccountID) ([]Told, error) {
	read := func(row readmodel.Row) (t Told, err error) {
		t.About = message.Trouble(row.Text(0))
		readmodel.ReadID(&t.Outage, row, 1)
		readmodel.ReadID(&t.Resource, row, 2)
		t.Round, t.At, t.Through = int(row.Int(3)), readmodel.Time(row.Int(4)), readmodel.Time(row.Int(5))
		t.Last = row.Int(6) != 0
		return t, nil
	}
	return readmodel.List(ctx, q.DB, read, `SELECT about, outage, resource, round, told_at, through, last
		FROM alerts_told_v1 WHERE account = $1 ORDER BY about, outage, resource`, readmodel.Key(account))
}

// BouncedAddress is the address of a client that takes no email.
type BouncedAddress struct {
	Client  domain.ClientID
	Name    string
	Address string
}

// Bounced returns the clients whose address was found after one time and until another to take no email, and who still
// have that address, by name.
func (q Alerts) Bounced(
	ctx context.Context, account domain.AccountID, after, until time.Time,
) ([]BouncedAddress, error) {
	read := func(row readmodel.Row) (b BouncedAddress, err error) {
		readmodel.ReadID(&b.Client, row, 0)
		b.Name, b.Address = row.Text(1), row.Text(2)
		return b, nil
	}
	return readmodel.List(ctx, q.DB, read, `SELECT DISTINCT c.client, c.name, c.email FROM alerts_bounced_v1 b
		JOIN messages_v5 m ON m.message = b.message JOIN clients_v3 c ON c.client = m.client AND c.email = m.address
		WHERE b.account = $1 AND b.bounced_at > $2 AND b.bounced_at <= $3 AND c.erased = 0
		ORDER BY c.name, c.client`, readmodel.Key(account), readmodel.Micros(after), readmodel.Micros(until))
}

// ToldOf is how many accounts and people were told something about an outage, and when.
type ToldOf struct {
	About            message.Trouble // AboutOutage, AboutOutageOver
	Accounts, People int
	First, Last      time.Time // of the newest email to each
}

// ToldOf returns who was told of an outage and of its end.
func (q Alerts) ToldOf(ctx context.Context, id domain.OutageID) ([]ToldOf, error) {
	read := func(row readmodel.Row) (ToldOf, error) {
		return ToldOf{
			About: message.Trouble(row.Text(0)), Accounts: int(row.Int(1)), People: int(row.Int(2)),
			First: readmodel.Time(row.Int(3)), Last: readmodel.Time(row.Int(4)),
		}, nil
	}
	return readmodel.List(ctx, q.DB, read, `SELECT about, COUNT(DISTINCT account), COUNT(*), MIN(told_at), MAX(told_at)
		FROM alerts_told_v1 WHERE outage = $1 GROUP BY about ORDER BY about`, readmodel.Key(id))
}
