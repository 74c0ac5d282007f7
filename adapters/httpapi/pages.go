package httpapi

import (
	"cmp"
	"context"
	"encoding/base64"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/picture"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/commands/pages"
	"github.com/clickbook/clickbook/domain"
	bookingpage "github.com/clickbook/clickbook/domain/page"
)

func (h *handlers) ShowBookingPage(
	ctx context.Context, r api.ShowBookingPageRequestObject,
) (api.ShowBookingPageResponseObject, error) {
	id := domain.AccountID{UUID: r.Account}
	found, revision, err := commands.Load(ctx, h.Engine, bookingpage.Decider, bookingpage.Stream(id))
	if err != nil {
		return nil, err
	}
	shown := api.BookingPage{
		Revision: int64(revision), Settings: shownPage(found.Settings),
		Url: h.ByLink.Links.Base + links.BookPath + cmp.Or(found.Address, id.String()),
	}
	if picture, err := base64.StdEncoding.DecodeString(found.Logo.Content.Reveal()); err == nil && len(picture) > 0 {
		shown.Logo = api.BookingPageLogoShown{
			Type: api.BookingPageLogoShownType(found.Logo.Type), Width: found.Logo.Width, Height: found.Logo.Height,
			Picture: picture,
		}
	}
	return api.ShowBookingPage200JSONResponse{
		Body: shown, Headers: api.ShowBookingPage200ResponseHeaders{ETag: etag(revision)},
	}, nil
}

func (h *handlers) SetBookingPage(
	ctx context.Context, r api.SetBookingPageRequestObject,
) (api.SetBookingPageResponseObject, error) {
	if _, err := openAccount(ctx); err != nil {
		return nil, err
	}
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return nil, err
	}
	id, settings := domain.AccountID{UUID: r.Account}, parsePage(*r.Body)
	if err := (pages.Pages{Engine: h.Engine}).Check(ctx, write.Origin, id, settings); err != nil {
		return nil, err
	}
	outcome, err := h.runWrite(ctx, write, bookingpage.Set{Account: id, Settings: settings})
	return api.SetBookingPage200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) SetBookingPageLogo(
	ctx context.Context, r api.SetBookingPageLogoRequestObject,
) (api.SetBookingPageLogoResponseObject, error) {
	if _, err := openAccount(ctx); err != nil {
		return nil, err
	}
	logo, err := picture.Logo(r.Body.Picture)
	if err != nil {
		return nil, err
	}
	id := domain.AccountID{UUID: r.Account}
	outcome, err := h.run(ctx, bookingpage.SetLogo{Account: id, Logo: logo})
	return api.SetBookingPageLogo200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) RemoveBookingPageLogo(
	ctx context.Context, r api.RemoveBookingPageLogoRequestObject,
) (api.RemoveBookingPageLogoResponseObject, error) {
	id := domain.AccountID{UUID: r.Account}
	outcome, err := h.run(ctx, bookingpage.RemoveLogo{Account: id})
	return api.RemoveBookingPageLogo200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func parsePage(given api.BookingPageSettings) bookingpage.Settings {
	return bookingpage.Settings{
		On: given.On, Address: given.Address, Colour: given.Colour, Sites: given.Sites,
		ConfirmEmail: given.ConfirmEmail, Approval: given.Approval,
		Services: each(given.Services, func(id uuid.UUID) domain.ServiceID { return domain.ServiceID{UUID: id} }),
		Questions: each(given.Questions, func(q api.IntakeQuestion) bookingpage.Question {
			return bookingpage.Question{
				ID: q.Id, Service: domain.ServiceID{UUID: q.Service}, Text: q.Text, Kind: string(q.Kind),
				Required: q.Required, Choices: q.Choices,
			}
		}),
		Greeting: domain.Secret(given.Greeting), Policy: domain.Secret(given.Policy),
	}
}

func shownPage(s bookingpage.Settings) api.BookingPageSettings {
	return api.BookingPageSettings{
		On: s.On, Address: s.Address, Colour: s.Colour, Sites: s.Sites, ConfirmEmail: s.ConfirmEmail, Approval: s.Approval,
		Services: each(s.Services, func(id domain.ServiceID) uuid.UUID { return id.UUID }),
		Questions: each(s.Questions, func(q bookingpage.Question) api.IntakeQuestion {
			return api.IntakeQuestion{
				Id: q.ID, Service: q.Service.UUID, Text: q.Text, Kind: api.IntakeQuestionKind(q.Kind), Required: q.Required,
				Choices: q.Choices,
			}
		}),
		Greeting: s.Greeting.Reveal(), Policy: s.Policy.Reveal(),
	}
}
