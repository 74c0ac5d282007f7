package directory_test

import (
	"context"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

func TestAccountsReturnTheirSettings(t *testing.T) {
	given := append(Opened(), On(account.Stream(Acme), Monday,
		account.TemplateSet{Account: Acme, Kind: "reminder", Channel: "sms", Text: domain.Secret("Hello {client}")},
		account.TemplateSet{Account: Acme, Kind: "reminder", Channel: "sms", Text: domain.Secret("Olá {client}")},
		account.TemplateSet{Account: Acme, Kind: "move", Channel: "email", Title: domain.Secret("{service} was moved")},
		account.AccountSettingsChanged{Account: Acme, Settings: account.Settings{
			Name: domain.Secret("Salon"), Email: domain.Secret("owner@example.com"), Phone: domain.Secret("+5527333300000"),
			Zone: "America/Bahia", Locale: "pt-BR", Country: "BR", Notices: account.UsualNotices,
		}}))
	closed := []Append{On(account.Stream(Acme), Monday, account.AccountClosed{Account: Acme})}
	want := directory.Account{
		ID: Acme, Name: "Salon", Email: "owner@example.com", Phone: "+5527333300000", Zone: "America/Bahia", Locale: "pt-BR",
		Country: "BR", Rules: []account.ReminderRule{{ID: "day-before", LeadMin: 24 * 60, Channel: "sms"}}, Revision: 5,
		Notices: account.UsualNotices,
	}
	wantClosed := want
	wantClosed.Closed, wantClosed.Revision = true, 6
	one := func(id domain.AccountID) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return Found(read.Accounts.One(ctx, id))
		}
	}
	after := func(id domain.AccountID) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return read.Accounts.All(ctx, id, 10)
		}
	}
	templates := func(id domain.AccountID) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return read.Accounts.Templates(ctx, id)
		}
	}
	Run(t, given, []Example{
		{Name: "one", Query: one(Acme), Want: want},
		{Name: "none with that id", Query: one(Other)},
		{
			Name: "the newest text", Query: templates(Acme),
			Want: []directory.Template{
				{Kind: "move", Channel: "email", Title: "{service} was moved"},
				{Kind: "reminder", Channel: "sms", Text: "Olá {client}"},
			},
		},
		{Name: "texts of another account", Query: templates(Other)},
		{
			Name: "all, closed ones included", Given: closed, Query: after(domain.AccountID{}),
			Want: []directory.Account{wantClosed},
		},
		{Name: "all after the last", Given: closed, Query: after(Acme)},
	})
}
