// Package pages checks the settings of booking pages against what the account has, and claims their addresses.
package pages

import (
	"context"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/page"
	"github.com/clickbook/clickbook/domain/pageaddress"
	"github.com/clickbook/clickbook/domain/service"
)

// ErrService refuses a service that the account does not have.
var ErrService = domain.Refuse(domain.Invalid, "page_service_unknown",
	"the page names a service that the account does not have; check its id")

// Pages checks the settings of pages.
type Pages struct{ Engine *commands.Engine }

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
