package httpapi

import (
	"context"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
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
	outcome, err := h.run(ctx, client.Register{
		Client: id, Account: domain.AccountID{UUID: r.Account}, Contact: contact,
	})
	return api.RegisterClient201JSONResponse{CreatedJSONResponse: created(id, outcome)}, err
}

func (h *handlers) ListClients(
	ctx context.Context, r api.ListClientsRequestObject,
) (api.ListClientsResponseObject, error) {
	var after readmodel.NameCursor
	if err := h.openCursor(ctx, r.Params.Cursor, &after); err != nil {
		return nil, err
	}
	size := pageSize(r.Params.Limit)
	found, err := h.Reader.Clients.Find(ctx, domain.AccountID{UUID: r.Account}, r.Params.Q, after, size+1)
	items, next := page(ctx, h, found, size, directory.Client.Cursor)
	return api.ListClients200JSONResponse{Items: each(items, clientSummary), Next: next}, err
}

func clientSummary(one directory.Client) api.ClientSummary {
	return api.ClientSummary{
		Id: one.ID.UUID, Name: one.Name, Phone: one.Phone, Country: one.Country, Email: one.Email,
		SmsOptedOut: one.OptedOut, Erased: one.Erased,
	}
}

func (h *handlers) ShowClient(
	ctx context.Context, r api.ShowClientRequestObject,
) (api.ShowClientResponseObject, error) {
	one, ok, err := h.Reader.Clients.One(ctx, domain.AccountID{UUID: r.Account}, domain.ClientID{UUID: r.Client})
	if err == nil && !ok {
		err = client.ErrUnknown
	}
	shown := api.Client{
		Id: one.ID.UUID, Revision: int64(one.Revision), SmsOptedOut: one.OptedOut, Erased: one.Erased,
		Contact: api.ShownContact{
			Name: one.Name, Phone: one.Phone, Country: one.Country, Email: one.Email, Address: one.Address, Zone: one.Zone,
		},
	}
	return api.ShowClient200JSONResponse{
		Body: shown, Headers: api.ShowClient200ResponseHeaders{ETag: etag(one.Revision)},
	}, err
}

func (h *handlers) ChangeContact(
	ctx context.Context, r api.ChangeContactRequestObject,
) (api.ChangeContactResponseObject, error) {
	contact, err := parseContact(ctx, *r.Body)
	if err != nil {
		return nil, err
	}
	id := domain.ClientID{UUID: r.Client}
	outcome, err := h.run(ctx, client.ChangeContact{Client: id, Contact: contact})
	return api.ChangeContact200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) OptOut(ctx context.Context, r api.OptOutRequestObject) (api.OptOutResponseObject, error) {
	id := domain.ClientID{UUID: r.Client}
	outcome, err := h.run(ctx, client.OptOut{Client: id})
	return api.OptOut200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) OptIn(ctx context.Context, r api.OptInRequestObject) (api.OptInResponseObject, error) {
	id := domain.ClientID{UUID: r.Client}
	outcome, err := h.run(ctx, client.OptIn{Client: id})
	return api.OptIn200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
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
	return api.EraseClient200JSONResponse{DoneJSONResponse: done(id, outcome)}, nil
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
