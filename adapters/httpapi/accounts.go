package httpapi

import (
	"context"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/projections/directory"
)

func (h *handlers) OpenAccount(
	ctx context.Context, r api.OpenAccountRequestObject,
) (api.OpenAccountResponseObject, error) {
	settings, err := parseSettings(*r.Body)
	if err != nil {
		return nil, err
	}
	if r.Body.Notices == nil {
		settings.Notices = account.UsualNotices
	}
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return nil, err
	}
	id := domain.DeriveID[domain.AccountID](write.Origin.ID(), "account")
	write.Origin = write.Origin.Within(id)
	outcome, err := h.runWrite(ctx, write, account.Open{Account: id, Settings: settings})
	return api.OpenAccount201JSONResponse{CreatedJSONResponse: created(id, outcome)}, err
}

func (h *handlers) ListAccounts(
	ctx context.Context, r api.ListAccountsRequestObject,
) (api.ListAccountsResponseObject, error) {
	var after domain.AccountID
	request, err := h.openPage(ctx, r.Params.Cursor, r.Params.Limit, &after)
	if err != nil {
		return nil, err
	}
	found, err := h.Reader.Accounts.All(ctx, after, request.rows())
	items, next := page(ctx, h, request, found, func(one directory.Account) domain.AccountID { return one.ID })
	return api.ListAccounts200JSONResponse{Items: each(items, accountSummary), Next: next}, err
}

func accountSummary(one directory.Account) api.AccountSummary {
	return api.AccountSummary{Id: one.ID.UUID, Name: one.Name, Zone: one.Zone, Country: one.Country, Closed: one.Closed}
}

func (h *handlers) ShowAccount(
	ctx context.Context, r api.ShowAccountRequestObject,
) (api.ShowAccountResponseObject, error) {
	id := domain.AccountID{UUID: r.Account}
	found, ok, err := h.Reader.Accounts.One(ctx, id)
	if err == nil && !ok {
		err = account.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	state, _, err := commands.Load(ctx, h.Engine, account.Decider, account.Stream(id))
	if err != nil {
		return nil, err
	}
	templates, err := h.Reader.Accounts.Templates(ctx, id)
	shown := api.Account{
		Id: id.UUID, Revision: int64(found.Revision), Closed: found.Closed,
		Settings: api.AccountSettings{
			Name: found.Name, Email: found.Email, Phone: found.Phone, Zone: found.Zone, Locale: found.Locale,
			Country: found.Country, Agenda: shownAgenda(found.Agenda), Notices: shownNotices(found.Notices),
			Alerts: shownAlerts(state.Alerts),
		},
		ReminderRules: each(found.Rules, func(rule account.ReminderRule) api.ReminderRule {
			return api.ReminderRule{Id: rule.ID, LeadMin: rule.LeadMin, Channel: api.Channel(rule.Channel)}
		}),
		Templates: each(templates, func(one directory.Template) api.Template {
			return api.Template{
				Kind: api.TemplateKind(one.Kind), Channel: api.Channel(one.Channel), Text: one.Text, Subject: one.Title,
			}
		}),
	}
	return api.ShowAccount200JSONResponse{
		Body: shown, Headers: api.ShowAccount200ResponseHeaders{ETag: etag(found.Revision)},
	}, err
}

func (h *handlers) ChangeAccountSettings(
	ctx context.Context, r api.ChangeAccountSettingsRequestObject,
) (api.ChangeAccountSettingsResponseObject, error) {
	settings, err := parseSettings(*r.Body)
	if err != nil {
		return nil, err
	}
	id := domain.AccountID{UUID: r.Account}
	outcome, err := h.run(ctx, account.ChangeSettings{
		Account: id, Settings: settings, KeepNotices: r.Body.Notices == nil, KeepAlerts: r.Body.Alerts == nil,
	})
	return api.ChangeAccountSettings200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) SetReminderRules(
	ctx context.Context, r api.SetReminderRulesRequestObject,
) (api.SetReminderRulesResponseObject, error) {
	id := domain.AccountID{UUID: r.Account}
	rules := each(r.Body.Rules, func(rule api.ReminderRule) account.ReminderRule {
		return account.ReminderRule{ID: rule.Id, LeadMin: rule.LeadMin, Channel: string(rule.Channel)}
	})
	outcome, err := h.run(ctx, account.SetReminderRules{Account: id, Rules: rules})
	return api.SetReminderRules200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) SetTemplate(
	ctx context.Context, r api.SetTemplateRequestObject,
) (api.SetTemplateResponseObject, error) {
	if err := messaging.CheckTemplate(string(r.Channel), r.Body.Text); err != nil {
		return nil, err
	}
	id := domain.AccountID{UUID: r.Account}
	outcome, err := h.run(ctx, account.SetTemplate{
		Account: id, Kind: string(r.Kind), Channel: string(r.Channel), Text: domain.Secret(r.Body.Text),
		Title: domain.Secret(r.Body.Subject),
	})
	return api.SetTemplate200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) CloseAccount(
	ctx context.Context, r api.CloseAccountRequestObject,
) (api.CloseAccountResponseObject, error) {
	id := domain.AccountID{UUID: r.Account}
	outcome, err := h.run(ctx, account.Close{Account: id})
	return api.CloseAccount200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func shownAgenda(agenda account.Agenda) api.AccountAgenda {
	return api.AccountAgenda{At: agenda.At, Off: agenda.Off, OwnerOff: agenda.OwnerOff}
}

func parseSettings(given api.AccountSettings) (account.Settings, error) {
	return account.NewSettings(account.Form{
		Name: given.Name, Email: given.Email, Phone: given.Phone, Zone: given.Zone, Locale: given.Locale,
		Country: given.Country, Agenda: account.Agenda{
			At: given.Agenda.At, Off: given.Agenda.Off, OwnerOff: given.Agenda.OwnerOff,
		}, Notices: noticesOf(given.Notices),
		Alerts: alertsOf(given.Alerts),
	})
}
