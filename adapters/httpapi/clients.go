package httpapi

import (
	"context"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections/directory"
)

// Clients is what the API asks about who comes.
type Clients interface {
	One(ctx context.Context, account domain.AccountID, id domain.ClientID) (directory.Client, bool, error)
	Find(ctx context.Context, account domain.AccountID, words string, after domain.ClientID, limit int,
	) ([]directory.Client, error)
}

// Eraser erases a client: it records the erasure, then destroys the key.
type Eraser interface {
	Erase(ctx context.Context, origin commands.Origin, id domain.ClientID) (domain.Position, error)
}

func (a *api) RegisterClient(
	ctx context.Context, r RegisterClientRequestObject,
) (RegisterClientResponseObject, error) {
	contact, err := a.parseContact(ctx, r.Account, *r.Body)
	if err != nil {
		return nil, err
	}
	id, err := newID[domain.ClientID](ctx, "client")
	if err != nil {
		return nil, err
	}
	outcome, err := a.run(ctx, client.Register{
		Client: id, Account: domain.AccountID{UUID: r.Account}, Contact: contact,
	})
	return RegisterClient201JSONResponse{created(id, outcome)}, err
}

func (a *api) ListClients(ctx context.Context, r ListClientsRequestObject) (ListClientsResponseObject, error) {
	after, err := afterID(r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	size := sizeOf(r.Params.Limit)
	found, err := a.Clients.Find(ctx, domain.AccountID{UUID: r.Account}, r.Params.Q, domain.ClientID{UUID: after}, size+1)
	items, next := pageOf(found, size, func(one directory.Client) string { return one.ID.String() })
	return ListClients200JSONResponse{Items: each(items, clientSummary), Next: next}, err
}

func clientSummary(one directory.Client) ClientSummary {
	return ClientSummary{
		Id: one.ID.UUID, Name: one.Name, Phone: one.Phone, Country: one.Country, Email: one.Email,
		SmsOptedOut: one.OptedOut, Erased: one.Erased,
	}
}

func (a *api) ShowClient(ctx context.Context, r ShowClientRequestObject) (ShowClientResponseObject, error) {
	one, ok, err := a.Clients.One(ctx, domain.AccountID{UUID: r.Account}, domain.ClientID{UUID: r.Client})
	if err == nil && !ok {
		err = client.ErrUnknown
	}
	shown := Client{
		Id: one.ID.UUID, Revision: int64(one.Revision), SmsOptedOut: one.OptedOut, Erased: one.Erased,
		Contact: ShownContact{
			Name: one.Name, Phone: one.Phone, Country: one.Country, Email: one.Email, Address: one.Address, Zone: one.Zone,
		},
	}
	return ShowClient200JSONResponse{shown, ShowClient200ResponseHeaders{etag(one.Revision)}}, err
}

func (a *api) ChangeContact(ctx context.Context, r ChangeContactRequestObject) (ChangeContactResponseObject, error) {
	contact, err := a.parseContact(ctx, r.Account, *r.Body)
	if err != nil {
		return nil, err
	}
	id := domain.ClientID{UUID: r.Client}
	outcome, err := a.run(ctx, client.ChangeContact{Client: id, Contact: contact})
	return ChangeContact200JSONResponse{done(id, outcome)}, err
}

func (a *api) OptOut(ctx context.Context, r OptOutRequestObject) (OptOutResponseObject, error) {
	id := domain.ClientID{UUID: r.Client}
	outcome, err := a.run(ctx, client.OptOut{Client: id})
	return OptOut200JSONResponse{done(id, outcome)}, err
}

func (a *api) OptIn(ctx context.Context, r OptInRequestObject) (OptInResponseObject, error) {
	id := domain.ClientID{UUID: r.Client}
	outcome, err := a.run(ctx, client.OptIn{Client: id})
	return OptIn200JSONResponse{done(id, outcome)}, err
}

// EraseClient appends under If-Match; the eraser finds that done and destroys the key.
func (a *api) EraseClient(ctx context.Context, r EraseClientRequestObject) (EraseClientResponseObject, error) {
	id := domain.ClientID{UUID: r.Client}
	asked, err := writeOf(ctx)
	if err != nil {
		return nil, err
	}
	outcome, err := a.runAs(ctx, asked, client.Erase{Client: id})
	if err != nil {
		return nil, err
	}
	if _, err := a.Eraser.Erase(ctx, asked.origin, id); err != nil {
		return nil, err
	}
	return EraseClient200JSONResponse{done(id, outcome)}, nil
}

func (a *api) parseContact(ctx context.Context, account PathAccount, given Contact) (client.Contact, error) {
	home, err := a.opened(ctx, account)
	if err != nil {
		return client.Contact{}, err
	}
	form := client.Form{
		Name: given.Name, Phone: given.Phone, Country: given.Country, Email: given.Email, Address: given.Address,
		Zone: given.Zone,
	}
	if form.Country == "" {
		form.Country = home.Country
	}
	return client.NewContact(form)
}
