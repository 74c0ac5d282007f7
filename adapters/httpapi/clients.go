package httpapi

import (
	"cmp"
	"context"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func (h *handlers) RegisterClient(
	ctx context.Context, r api.RegisterClientRequestObject,
) (api.RegisterClientResponseObject, error) {
	contact, err := parseContact(ctx, *r.Body)
	if err != nil {
		return nil, err
	}
	id, err := middleware.NewID[domain.ClientID](ctx, "client")
	if err != nil {
		return nil, err
	}
	warnings, err := h.knownClients(ctx, domain.AccountID{UUID: r.Account}, id, contact, r.Body.Confirm)
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, client.Register{
		Client: id, Account: domain.AccountID{UUID: r.Account}, Contact: contact,
	})
	response := created(id, outcome)
	response.Body.Warnings = warnings
	return api.RegisterClient201JSONResponse{CreatedJSONResponse: response}, err
}

func (h *handlers) ListClients(
	ctx context.Context, r api.ListClientsRequestObject,
) (api.ListClientsResponseObject, error) {
	var after readmodel.NameCursor
	request, err := h.openPage(ctx, r.Params.Cursor, r.Params.Limit, &after)
	if err != nil {
		return nil, err
	}
	found, err := h.Reader.Clients.Find(ctx, domain.AccountID{UUID: r.Account}, r.Params.Q, after, request.rows())
	items, next := page(ctx, h, request, found, directory.Client.Cursor)
	if err != nil {
		return nil, err
	}
	summaries, err := h.summaries(ctx, domain.AccountID{UUID: r.Account}, items)
	return api.ListClients200JSONResponse{Items: summaries, Next: next}, err
}

// summaries returns how clients are listed.
func (h *handlers) summaries(
	ctx context.Context, account domain.AccountID, list []directory.Client,
) ([]api.ClientSummary, error) {
	optedOut, err := h.optedOut(ctx, account, list)
	return each(list, func(one directory.Client) api.ClientSummary {
		return api.ClientSummary{
			Id: one.ID.UUID, Name: one.Name, Phone: one.Phone, Country: one.Country, Email: one.Email,
			SmsOptedOut: optedOut[one.ID], Erased: one.Erased,
		}
	}), err
}

// optedOut returns which of the clients want no texts, by their own word or because their number is opted out.
func (h *handlers) optedOut(
	ctx context.Context, account domain.AccountID, list []directory.Client,
) (map[domain.ClientID]bool, error) {
	numbers := make([]domain.NumberID, 0, len(list))
	for _, one := range list {
		if one.Phone != "" {
			numbers = append(numbers, h.OptOuts.Number(account, one.Phone))
		}
	}
	found, err := h.Reader.OptOuts.Among(ctx, account, numbers)
	optedOut := make(map[domain.ClientID]bool)
	for _, one := range list {
		forThemselves := one.OptedOut == directory.ClientOptedOut || one.Erased && one.OptedOut != directory.NotOptedOut
		optedOut[one.ID] = forThemselves || found[h.OptOuts.Number(account, one.Phone)]
	}
	return optedOut, err
}

func (h *handlers) ShowClient(
	ctx context.Context, r api.ShowClientRequestObject,
) (api.ShowClientResponseObject, error) {
	account := domain.AccountID{UUID: r.Account}
	one, ok, err := h.Reader.Clients.One(ctx, account, domain.ClientID{UUID: r.Client})
	if err == nil && !ok {
		err = client.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	optedOut, err := h.optedOut(ctx, account, []directory.Client{one})
	shown := api.Client{
		Id: one.ID.UUID, Revision: int64(one.Revision), SmsOptedOut: optedOut[one.ID], Erased: one.Erased,
		Contact: api.ShownContact{
			Name: one.Name, Phone: one.Phone, Country: one.Country, Email: one.Email, Address: one.Address, Zone: one.Zone,
		},
	}
	return api.ShowClient200JSONResponse{
		Body: shown, Headers: api.ShowClient200ResponseHeaders{ETag: etag(one.Revision)},
	}, err
}

func (h *handlers) ListClientAppointments(
	ctx context.Context, r api.ListClientAppointmentsRequestObject,
) (api.ListClientAppointmentsResponseObject, error) {
	account, id := domain.AccountID{UUID: r.Account}, domain.ClientID{UUID: r.Client}
	if _, ok, err := h.Reader.Clients.One(ctx, account, id); err != nil || !ok {
		return nil, cmp.Or(err, error(client.ErrUnknown))
	}
	selection := projections.Selection{Client: id}
	request, err := h.openPage(ctx, r.Params.Cursor, r.Params.Limit, &selection.After)
	if err != nil {
		return nil, err
	}
	selection.Limit = request.rows()
	found, err := h.Reader.Calendar.Find(ctx, account, selection)
	items, next := page(ctx, h, request, found, projections.Appointment.Cursor)
	if err != nil {
		return nil, err
	}
	entries, err := h.calendarEntries(ctx, account, items)
	return api.ListClientAppointments200JSONResponse{Items: entries, Next: next}, err
}

func (h *handlers) ChangeContact(
	ctx context.Context, r api.ChangeContactRequestObject,
) (api.ChangeContactResponseObject, error) {
	contact, err := parseContact(ctx, *r.Body)
	if err != nil {
		return nil, err
	}
	id := domain.ClientID{UUID: r.Client}
	var warnings []api.Warning
	known, _, err := commands.Load(ctx, h.Engine, client.Decider, client.Stream(id))
	if err == nil && (known.Phone != contact.Phone || known.Email != contact.Email) {
		warnings, err = h.knownClients(ctx, domain.AccountID{UUID: r.Account}, id, contact, r.Body.Confirm)
	}
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, client.ChangeContact{Client: id, Contact: contact})
	response := done(id, outcome)
	response.Body.Warnings = warnings
	return api.ChangeContact200JSONResponse{DoneJSONResponse: response}, err
}

func (h *handlers) OptOut(ctx context.Context, r api.OptOutRequestObject) (api.OptOutResponseObject, error) {
	id := domain.ClientID{UUID: r.Client}
	outcome, err := h.opt(ctx, id, h.OptOuts.Out)
	return api.OptOut200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) OptIn(ctx context.Context, r api.OptInRequestObject) (api.OptInResponseObject, error) {
	id := domain.ClientID{UUID: r.Client}
	outcome, err := h.opt(ctx, id, h.OptOuts.In)
	return api.OptIn200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

// opt opts a client out or in, at the client's revision in If-Match if there is one.
func (h *handlers) opt(
	ctx context.Context, id domain.ClientID,
	change func(context.Context, commands.Origin, domain.ClientID, commands.Run) (commands.Outcome, error),
) (commands.Outcome, error) {
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return commands.Outcome{}, err
	}
	outcome, err := change(ctx, write.Origin, id, func(cmd domain.Command) (commands.Outcome, error) {
		return h.runWrite(ctx, write, cmd)
	})
	return h.finish(ctx, write, outcome, err)
}

// EraseClient records the erasure at the revision in If-Match. The eraser then finds it recorded, and destroys the
// key.
func (h *handlers) EraseClient(
	ctx context.Context, r api.EraseClientRequestObject,
) (api.EraseClientResponseObject, error) {
	id := domain.ClientID{UUID: r.Client}
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return nil, err
	}
	outcome, err := h.runWrite(ctx, write, client.Erase{Client: id})
	if err != nil {
		return nil, err
	}
	if _, err := h.Eraser.Erase(ctx, write.Origin, id); err != nil {
		return nil, err
	}
	answer, err := h.takenAway(ctx, r.Account, id, outcome, booking.Touching{Client: id})
	return api.EraseClient200JSONResponse{DoneJSONResponse: answer}, err
}

// parseContact reads a contact. A phone number without a country is one of the account's country.
func parseContact(ctx context.Context, given api.Contact) (client.Contact, error) {
	owner, err := openAccount(ctx)
	if err != nil {
		return client.Contact{}, err
	}
	form := client.Form{
		Name: given.Name, Phone: given.Phone, Country: given.Country, Email: given.Email, Address: given.Address,
		Zone: given.Zone,
	}
	if form.Country == "" {
		form.Country = owner.Country
	}
	return client.NewContact(form)
}
