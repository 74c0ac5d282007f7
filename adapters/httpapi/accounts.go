package httpapi

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/projections/directory"
)

// Accounts is what the API asks about tenants.
type Accounts interface {
	One(ctx context.Context, id domain.AccountID) (found directory.Account, ok bool, err error)
	All(ctx context.Context, after domain.AccountID, limit int) ([]directory.Account, error)
	Templates(ctx context.Context, id domain.AccountID) ([]directory.Template, error)
}

func (a *api) OpenAccount(ctx context.Context, r OpenAccountRequestObject) (OpenAccountResponseObject, error) {
	settings, err := parseSettings(*r.Body)
	if err != nil {
		return nil, err
	}
	asked, err := writeOf(ctx)
	if err != nil {
		return nil, err
	}
	id := domain.DeriveID[domain.AccountID](asked.origin.ID(), "account")
	asked.origin = asked.origin.Within(id)
	outcome, err := a.runAs(ctx, asked, account.Open{Account: id, Settings: settings})
	return OpenAccount201JSONResponse{created(id, outcome)}, err
}

func (a *api) ListAccounts(ctx context.Context, r ListAccountsRequestObject) (ListAccountsResponseObject, error) {
	after, err := afterID(r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	size := sizeOf(r.Params.Limit)
	found, err := a.Accounts.All(ctx, domain.AccountID{UUID: after}, size+1)
	items, next := pageOf(found, size, func(one directory.Account) string { return one.ID.String() })
	return ListAccounts200JSONResponse{Items: each(items, accountSummary), Next: next}, err
}

func accountSummary(one directory.Account) AccountSummary {
	return AccountSummary{Id: one.ID.UUID, Name: one.Name, Zone: one.Zone, Country: one.Country, Closed: one.Closed}
}

func (a *api) ShowAccount(ctx context.Context, r ShowAccountRequestObject) (ShowAccountResponseObject, error) {
	id := domain.AccountID{UUID: r.Account}
	found, ok, err := a.Accounts.One(ctx, id)
	if err == nil && !ok {
		err = account.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	templates, err := a.Accounts.Templates(ctx, id)
	shown := Account{
		Id: id.UUID, Revision: int64(found.Revision), Closed: found.Closed,
		Settings: AccountSettings{
			Name: found.Name, Email: found.Email, Phone: found.Phone, Zone: found.Zone, Locale: found.Locale,
			Country: found.Country,
		},
		ReminderRules: each(found.Rules, func(rule account.ReminderRule) ReminderRule {
			return ReminderRule{Id: rule.ID, LeadMin: rule.LeadMin, Channel: Channel(rule.Channel)}
		}),
		Templates: each(templates, func(one directory.Template) Template {
			return Template{Kind: TemplateKind(one.Kind), Channel: Channel(one.Channel), Text: one.Text}
		}),
	}
	return ShowAccount200JSONResponse{shown, ShowAccount200ResponseHeaders{etag(found.Revision)}}, err
}

func (a *api) ChangeAccountSettings(
	ctx context.Context, r ChangeAccountSettingsRequestObject,
) (ChangeAccountSettingsResponseObject, error) {
	settings, err := parseSettings(*r.Body)
	if err != nil {
		return nil, err
	}
	id := domain.AccountID{UUID: r.Account}
	outcome, err := a.run(ctx, account.ChangeSettings{Account: id, Settings: settings})
	return ChangeAccountSettings200JSONResponse{done(id, outcome)}, err
}

func (a *api) SetReminderRules(
	ctx context.Context, r SetReminderRulesRequestObject,
) (SetReminderRulesResponseObject, error) {
	id := domain.AccountID{UUID: r.Account}
	rules := each(r.Body.Rules, func(rule ReminderRule) account.ReminderRule {
		return account.ReminderRule{ID: rule.Id, LeadMin: rule.LeadMin, Channel: string(rule.Channel)}
	})
	outcome, err := a.run(ctx, account.SetReminderRules{Account: id, Rules: rules})
	return SetReminderRules200JSONResponse{done(id, outcome)}, err
}

func (a *api) SetTemplate(ctx context.Context, r SetTemplateRequestObject) (SetTemplateResponseObject, error) {
	id := domain.AccountID{UUID: r.Account}
	outcome, err := a.run(ctx, account.SetTemplate{
		Account: id, Kind: string(r.Kind), Channel: string(r.Channel), Text: domain.Secret(r.Body.Text),
	})
	return SetTemplate200JSONResponse{done(id, outcome)}, err
}

func (a *api) CloseAccount(ctx context.Context, r CloseAccountRequestObject) (CloseAccountResponseObject, error) {
	id := domain.AccountID{UUID: r.Account}
	outcome, err := a.run(ctx, account.Close{Account: id})
	return CloseAccount200JSONResponse{done(id, outcome)}, err
}

func parseSettings(given AccountSettings) (account.Settings, error) {
	return account.NewSettings(account.Form{
		Name: given.Name, Email: given.Email, Phone: given.Phone, Zone: given.Zone, Locale: given.Locale,
		Country: given.Country,
	})
}
