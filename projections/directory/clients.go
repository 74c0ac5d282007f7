package directory

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Clients answers: who comes to an account's appointments, and how can they be reached?
type Clients struct{ DB readmodel.Reader }

// Client is a client of an account. An erased one keeps only its id and country.
type Client struct {
	ID      domain.ClientID
	Account domain.AccountID
	Name    string
	Phone   string // E.164
	Country string
	Email   string
	Address string
	Zone    string
	// OptedOut is who opted out of texts: nobody, the client themselves, or the number that they had then, which may have
	// opted in since.
	OptedOut OptedOut
	Erased   bool
	Revision domain.Revision
	SortedBy string // the name in the form that lists sort by
}

// Cursor returns the cursor of the page that starts after this client.
func (c Client) Cursor() readmodel.NameCursor {
	return readmodel.NameCursor{Name: c.SortedBy, ID: c.ID.UUID}
}

// OptedOut says what a client's own opt-out depends on.
type OptedOut int

// The kinds of opt-outs as they are stored.
const (
	NotOptedOut OptedOut = iota
	ClientOptedOut
	NumberOptedOut
)

var clients = readmodel.Projection{
	Name: "clients", Version: 3,
	Tables: []readmodel.Table{{
		Name: "clients_v3",
		// sought is the name and reach the email address and the phone number, in the form that searches look in.
		Columns: `client BYTEA NOT NULL, account BYTEA NOT NULL, name TEXT NOT NULL, sought TEXT NOT NULL,
			reach TEXT NOT NULL, phone TEXT NOT NULL, country TEXT NOT NULL, email TEXT NOT NULL,
			address TEXT NOT NULL, zone TEXT NOT NULL,
			opted_out BIGINT NOT NULL, erased BIGINT NOT NULL, revision BIGINT NOT NULL`,
		Key:     "client",
		Indexes: []string{"(account, sought, client, reach) WHERE erased = 0", "(account, phone) WHERE phone <> ''"},
	}},
	Types: domain.NamesOf(client.ClientRegistered{}, client.ContactChanged{}, client.SmsOptedOut{}, client.SmsOptedIn{},
		client.ClientErased{}),
	Apply: readmodel.ApplyEach(applyClient),
}

func applyClient(w readmodel.Writer, r domain.Recorded) error {
	revision := int64(r.Revision)
	switch e := r.Event.(type) {
	case client.ClientRegistered:
		return w.Exec(`INSERT INTO clients_v3 (client, account, name, sought, phone, country, email, address, zone,
				opted_out, erased, revision, reach)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10, $11)`, readmodel.Key(e.Client),
			readmodel.Key(e.Account), e.Name.Reveal(), sought(e.Name), e.Phone.Reveal(), e.Country, e.Email.Reveal(),
			e.Address.Reveal(), e.Zone, revision, reach(e.Contact))
	case client.ContactChanged:
		return w.Exec(`UPDATE clients_v3 SET name = $2, sought = $3, phone = $4, country = $5, email = $6, address = $7,
			zone = $8, revision = $9, reach = $10 WHERE client = $1`, readmodel.Key(e.Client), e.Name.Reveal(),
			sought(e.Name), e.Phone.Reveal(), e.Country, e.Email.Reveal(), e.Address.Reveal(), e.Zone, revision,
			reach(e.Contact))
	case client.SmsOptedOut:
		who := ClientOptedOut
		if !e.Number.IsZero() {
			who = NumberOptedOut
		}
		return w.Exec(`UPDATE clients_v3 SET opted_out = $3, revision = $2 WHERE client = $1`, readmodel.Key(e.Client),
			revision, int64(who))
	case client.SmsOptedIn:
		return w.Exec(`UPDATE clients_v3 SET opted_out = 0, revision = $2 WHERE client = $1`, readmodel.Key(e.Client),
			revision)
	case client.ClientErased:
		return w.Exec(`UPDATE clients_v3 SET name = '', sought = '', reach = '', phone = '', email = '', address = '',
			erased = 1, revision = $2 WHERE client = $1`, readmodel.Key(e.Client), revision)
	default:
		return domain.Unexpected(r)
	}
}

const clientColumns = `SELECT client, account, name, phone, country, email, address, zone, opted_out, erased,
	revision, sought FROM clients_v3 `

func readClient(row readmodel.Row) (c Client, err error) {
	readmodel.ReadID(&c.ID, row, 0)
	readmodel.ReadID(&c.Account, row, 1)
	c.Name, c.Phone, c.Country, c.Email = row.Text(2), row.Text(3), row.Text(4), row.Text(5)
	c.Address, c.Zone, c.OptedOut, c.Erased = row.Text(6), row.Text(7), OptedOut(row.Int(8)), row.Int(9) != 0
	c.Revision, c.SortedBy = domain.Revision(row.Int(10)), row.Text(11)
	return c, nil
}

// One returns a client of the account. ok is false when the account has none with that id.
func (q Clients) One(
	ctx context.Context, account domain.AccountID, id domain.ClientID,
) (found Client, ok bool, err error) {
	return readmodel.One(ctx, q.DB, readClient, clientColumns+`WHERE client = $1 AND account = $2`,
		readmodel.Key(id), readmodel.Key(account))
}

// OptedOutWithoutNumber returns clients of all accounts who opted out for themselves although they have a number,
// sorted by id, after one of them.
func (q Clients) OptedOutWithoutNumber(ctx context.Context, after domain.ClientID, limit int) ([]Client, error) {
	return readmodel.List(ctx, q.DB, readClient, clientColumns+`WHERE opted_out = 1 AND phone <> '' AND client > $1
		ORDER BY client LIMIT 0 + $2`, readmodel.Key(after), limit)
}
