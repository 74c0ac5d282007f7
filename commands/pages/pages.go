// Package pages changes and finds the booking pages of accounts. A page is found by the id of its account or by a name
// that the account has claimed.
package pages

import (
	"context"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/page"
	"github.com/clickbook/clickbook/domain/pageaddress"
	"github.com/clickbook/clickbook/domain/service"
)

// ErrUnknown refuses the address of a page that does not exist, is switched off, or belongs to a closed account. Which
// it is is not told.
var ErrUnknown = domain.Refuse(domain.Unknown, "page_unknown",
	"there is no booking page at this address; check it, or ask the business")

// ErrService refuses a service that the account does not have.
var ErrService = domain.Refuse(domain.Invalid, "page_service_unknown",
	"the page names a service that the account does not have; check its id")

// Pages changes and finds pages.
type Pages struct{ Engine *commands.Engine }

// Found is a page that strangers may see.
type Found struct {
	ID      domain.AccountID
	Account account.State
	Page    page.State
}

// Name returns what the address of the page ends with: the name that it has, or the id of the account.
func (f Found) Name() string {
	if f.Page.Address != "" {
		return f.Page.Address
	}
	return f.ID.String()
}

// Find returns the page of an account by its id, or by a name that the account has claimed at some time. It returns
// ErrUnknown for a page that strangers may not see.
func (p Pages) Find(ctx context.Context, address string) (Found, error) {
	id, err := p.accountOf(ctx, address)
	if err != nil {
		return Found{}, err
	}
	found := Found{ID: id}
	found.Account, _, err = commands.LoadKnown(ctx, p.Engine, account.Decider, account.Stream(id))
	if err != nil || !found.Account.Open {
		return Found{}, orUnknown(err)
	}
	found.Page, _, err = commands.LoadKnown(ctx, p.Engine, page.Decider, page.Stream(id))
	if err != nil || !found.Page.On {
		return Found{}, orUnknown(err)
	}
	return found, nil
}

func (p Pages) accountOf(ctx context.Context, address string) (domain.AccountID, error) {
	if id, err := uuid.Parse(address); err == nil && len(address) == 36 {
		return domain.AccountID{UUID: id}, nil
	}
	if _, err := pageaddress.Parse(address); err != nil {
		return domain.AccountID{}, ErrUnknown
	}
	name, _, err := commands.LoadKnown(ctx, p.Engine, pageaddress.Decider, pageaddress.Stream(address))
	if err == nil && name.Account.IsZero() {
		err = ErrUnknown
	}
	return name.Account, err
}

func orUnknown(err error) error {
	if err == nil {
		return ErrUnknown
	}
	return err
}

// Check claims the name of a page for its account, and refuses settings that cannot be kept. A caller that sets a page
// calls it first: a claim that is not followed by its page does no harm, because the account can use the name later.
func (p Pages) Check(ctx context.Context, origin commands.Origin, id domain.AccountID, settings page.Settings) error {
	settings, err := settings.Parse()
	if err != nil {
		return err
	}
	for _, one := range settings.Services {
		if err := p.checkService(ctx, id, one, "services"); err != nil {
			return err
		}
	}
	for _, question := range settings.Questions {
		if question.Service.IsZero() {
			continue
		}
		if err := p.checkService(ctx, id, question.Service, "questions"); err != nil {
			return err
		}
	}
	if settings.Address == "" {
		return nil
	}
	taken, _, err := commands.LoadKnown(ctx, p.Engine, pageaddress.Decider, pageaddress.Stream(settings.Address))
	if err == nil && !taken.Account.IsZero() && taken.Account != id { // the engine would not say why it refuses
		err = pageaddress.ErrTaken
	}
	if err == nil {
		_, err = p.Engine.Run(ctx, origin, pageaddress.Claim{Name: settings.Address, Account: id})
	}
	if refusal, refused := domain.AsRefusal(err); refused {
		return refusal.At("address")
	}
	return err
}

// checkService refuses a service of another account. A retired one may stay: the page does not show it.
func (p Pages) checkService(ctx context.Context, id domain.AccountID, of domain.ServiceID, field string) error {
	state, _, err := commands.LoadKnown(ctx, p.Engine, service.Decider, service.Stream(of))
	if err == nil && (state.Version == 0 || state.Account != id) {
		err = ErrService.At(field)
	}
	return err
}
