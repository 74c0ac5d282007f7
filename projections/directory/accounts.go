package directory

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Accounts answers: which accounts are there, and what are their settings?
type Accounts struct{ DB readmodel.Reader }

// Account is one account with its settings.
type Account struct {
	ID       domain.AccountID
	Name     string
	Email    string
	Phone    string
	Zone     string
	Locale   string
	Country  string
	Agenda   account.Agenda
	Notices  account.Notices
	Rules    []account.ReminderRule
	Closed   bool
	Revision domain.Revision
}

// Template is the account's own text, and subject line of an email, for one kind of message on one channel.
type Template struct{ Kind, Channel, Title, Text string }

var accounts = readmodel.Projection{
	Name: "accounts", Version: 3,
	Tables: []readmodel.Table{{
		Name: "accounts_v3",
		Columns: `account BYTEA NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL,
			zone TEXT NOT NULL, locale TEXT NOT NULL, country TEXT NOT NULL, rules TEXT NOT NULL,
			closed BIGINT NOT NULL, revision BIGINT NOT NULL, agenda TEXT NOT NULL,
			notices TEXT NOT NULL`,
		Key: "account",
	}, {
		Name: "account_templates_v3",
		Columns: `account BYTEA NOT NULL, kind TEXT NOT NULL, channel TEXT NOT NULL, title TEXT NOT NULL,
			template TEXT NOT NULL`,
		Key: "account, kind, channel",
	}},
	Types: domain.NamesOf(account.AccountOpened{}, account.AccountSettingsChanged{}, account.ReminderRulesSet{},
		account.TemplateSet{}, account.AccountClosed{}),
	Apply: readmodel.ApplyEach(applyAccount),
}

func applyAccount(w readmodel.Writer, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case account.AccountOpened:
		return w.Exec(`INSERT INTO accounts_v3
			(account, name, email, phone, zone, locale, country, rules, closed, revision, agenda, notices)
			VALUES ($1, $2, $3, $4, $5, $6, $7, '[]', 0, $8, $9, $10)`, readmodel.Key(e.Account), e.Name.Reveal(),
			e.Email.Reveal(), e.Phone.Reveal(), e.Zone, e.Locale, e.Country, int64(r.Revision), readmodel.JSON(e.Agenda),
			readmodel.JSON(e.Notices))
	case account.AccountSettingsChanged:
		return w.Exec(`UPDATE accounts_v3 SET name = $2, email = $3, phone = $4, zone = $5, locale = $6, country = $7,
			revision = $8, agenda = $9, notices = $10 WHERE account = $1`, readmodel.Key(e.Account), e.Name.Reveal(),
			e.Email.Reveal(), e.Phone.Reveal(), e.Zone, e.Locale, e.Country, int64(r.Revision), readmodel.JSON(e.Agenda),
			readmodel.JSON(e.Notices))
	case account.ReminderRulesSet:
		return w.Exec(`UPDATE accounts_v3 SET rules = $2, revision = $3 WHERE account = $1`, readmodel.Key(e.Account),
			readmodel.JSON(e.Rules), int64(r.Revision))
	case account.AccountClosed:
		return w.Exec(`UPDATE accounts_v3 SET closed = 1, revision = $2 WHERE account = $1`, readmodel.Key(e.Account),
			int64(r.Revision))
	case account.TemplateSet:
		err := w.Exec(`INSERT INTO account_templates_v3 (account, kind, channel, title, template)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (account, kind, channel) DO UPDATE SET title = excluded.title, template = excluded.template`,
			readmodel.Key(e.Account), e.Kind, e.Channel, e.Title.Reveal(), e.Text.Reveal())
		if err != nil {
			return err
		}
		return w.Exec(`UPDATE accounts_v3 SET revision = $2 WHERE account = $1`, readmodel.Key(e.Account),
			int64(r.Revision))
	default:
		return domain.Unexpected(r)
	}
}

const accountColumns = `SELECT account, name, email, phone, zone, locale, country, rules, closed, revision,
		agenda, notices
	FROM accounts_v3 `

func readAccount(row readmodel.Row) (a Account, err error) {
	readmodel.ReadID(&a.ID, row, 0)
	a.Name, a.Email, a.Phone = row.Text(1), row.Text(2), row.Text(3)
	a.Zone, a.Locale, a.Country = row.Text(4), row.Text(5), row.Text(6)
	a.Closed, a.Revision = row.Int(8) != 0, domain.Revision(row.Int(9))
	if err := readmodel.ReadJSON(&a.Agenda, row, 10); err != nil {
		return a, err
	}
	if err := readmodel.ReadJSON(&a.Notices, row, 11); err != nil {
		return a, err
	}
	return a, readmodel.ReadJSON(&a.Rules, row, 7)
}

// One returns an account. ok is false when there is none with that id.
func (q Accounts) One(ctx context.Context, id domain.AccountID) (found Account, ok bool, err error) {
	return readmodel.One(ctx, q.DB, readAccount, accountColumns+`WHERE account = $1`, readmodel.Key(id))
}

// All returns the accounts after the given one, closed ones included, sorted by id.
func (q Accounts) All(ctx context.Context, after domain.AccountID, limit int) ([]Account, error) {
	return readmodel.List(ctx, q.DB, readAccount, accountColumns+`WHERE account > $1 ORDER BY account LIMIT 0 + $2`,
		readmodel.Key(after), limit)
}

// Templates returns the account's own texts.
func (q Accounts) Templates(ctx context.Context, id domain.AccountID) ([]Template, error) {
	read := func(row readmodel.Row) (Template, error) {
		return Template{row.Text(0), row.Text(1), row.Text(2), row.Text(3)}, nil
	}
	return readmodel.List(ctx, q.DB, read, `SELECT kind, channel, title, template FROM account_templates_v3
		WHERE account = $1 ORDER BY kind, channel`, readmodel.Key(id))
}
