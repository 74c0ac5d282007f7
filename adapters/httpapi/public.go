package httpapi

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/runtime/types"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/commands/visiting"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/availability"
	bookingpage "github.com/clickbook/clickbook/domain/page"
)

// usualDays is how many days are counted for a visitor who does not say.
const usualDays = 5

// minKey is how long the Idempotency-Key of a hold must be: another visitor with the same key would get the hold.
const minKey = 16

func (h *handlers) ListPublicServices(
	ctx context.Context, r api.ListPublicServicesRequestObject,
) (api.ListPublicServicesResponseObject, error) {
	at, err := h.Visiting.Open(ctx, r.Page)
	if err != nil {
		return nil, err
	}
	offered, err := h.Visiting.Services(ctx, at)
	if err != nil {
		return nil, err
	}
	return api.ListPublicServices200JSONResponse{
		// The email address of an account is where its owner gets alerts, so strangers do not see it.
		Business: api.Business{Name: at.Account.Name.Reveal(), Phone: at.Account.Phone.Reveal()},
		Zone:     at.Account.Zone, Locale: at.Account.Locale, Items: each(offered, publicService),
	}, nil
}

func publicService(one visiting.Service) api.PublicService {
	return api.PublicService{
		Id: one.ID.UUID, Name: one.Name, DurationMin: one.Minutes, PriceText: one.Price, Approval: one.Approval,
		ConfirmEmail: one.Email, Questions: each(one.Asked, publicQuestion),
	}
}

func publicQuestion(one bookingpage.Question) api.PublicQuestion {
	return api.PublicQuestion{
		Id: one.ID, Text: one.Text, Kind: api.PublicQuestionKind(one.Kind), Required: one.Required, Choices: one.Choices,
	}
}

func (h *handlers) ListPublicStaff(
	ctx context.Context, r api.ListPublicStaffRequestObject,
) (api.ListPublicStaffResponseObject, error) {
	at, err := h.Visiting.Open(ctx, r.Page)
	if err != nil {
		return nil, err
	}
	staff, err := h.Visiting.Staff(ctx, at, domain.ServiceID{UUID: r.Service})
	return api.ListPublicStaff200JSONResponse{Items: each(staff, func(one visiting.Staff) api.PublicPerson {
		return api.PublicPerson{Id: one.ID.UUID, Name: one.Name}
	})}, err
}

// choiceOf returns what a visitor wants, and the zone in which the reply is.
func choiceOf(at visiting.Page, service, staff uuid.UUID, zone, own string) (visiting.Choice, error) {
	if zone == "" {
		zone = at.Account.Zone
	}
	in, err := domain.ParseZone(zone)
	if refusal, refused := domain.AsRefusal(err); refused {
		err = refusal.At("zone")
	}
	return visiting.Choice{
		Service: domain.ServiceID{UUID: service}, Staff: domain.ResourceID{UUID: staff}, Zone: in, Mine: own,
	}, err
}

func (h *handlers) ListPublicDays(
	ctx context.Context, r api.ListPublicDaysRequestObject,
) (api.ListPublicDaysResponseObject, error) {
	at, err := h.Visiting.Open(ctx, r.Page)
	if err != nil {
		return nil, err
	}
	of, err := choiceOf(at, r.Service, r.Params.Staff, r.Params.Zone, r.Params.Hold)
	if err != nil {
		return nil, err
	}
	first, days := availability.DateAt(h.Engine.Now(), of.Zone), usualDays
	if !r.Params.From.IsZero() {
		first = availability.DateAt(r.Params.From.Time, time.UTC)
	}
	if r.Params.Days != 0 {
		days = r.Params.Days
	}
	found, err := h.Visiting.Days(ctx, at, of, first, days)
	if err != nil {
		return nil, err
	}
	return api.ListPublicDays200JSONResponse{
		Zone: of.Zone.String(), Items: each(found, func(one visiting.Day) api.PublicDay {
			return api.PublicDay{Date: types.Date{Time: one.Date.Start(time.UTC)}, Free: one.Free}
		}),
	}, nil
}

func (h *handlers) ListPublicStarts(
	ctx context.Context, r api.ListPublicStartsRequestObject,
) (api.ListPublicStartsResponseObject, error) {
	at, err := h.Visiting.Open(ctx, r.Page)
	if err != nil {
		return nil, err
	}
	of, err := choiceOf(at, r.Service, r.Params.Staff, r.Params.Zone, r.Params.Hold)
	if err != nil {
		return nil, err
	}
	found, err := h.Visiting.Starts(ctx, at, of, availability.DateAt(r.Params.Date.Time, time.UTC))
	if err != nil {
		return nil, err
	}
	return api.ListPublicStarts200JSONResponse{Zone: of.Zone.String(), Items: each(found, publicStart)}, nil
}

func publicStart(one visiting.Start) api.ManagedStart {
	return api.ManagedStart{Start: one.At, Local: one.Local}
}

func (h *handlers) HoldStart(ctx context.Context, r api.HoldStartRequestObject) (api.HoldStartResponseObject, error) {
	at, err := h.Visiting.Open(ctx, r.Page)
	if err != nil {
		return nil, err
	}
	if len(r.Params.IdempotencyKey) < minKey {
		return nil, problem.Invalid("Idempotency-Key",
			"the Idempotency-Key of a hold must have at least %d characters; use a random UUID", minKey)
	}
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return nil, err
	}
	from := middleware.Network(ctx)
	held, err := h.Visiting.Hold(ctx, at, visiting.Wanted{
		Choice: visiting.Choice{
			Service: domain.ServiceID{UUID: r.Body.Service}, Staff: domain.ResourceID{UUID: r.Body.Staff},
		},
		Start: domain.Microseconds(r.Body.Start), Replaces: r.Body.Replaces, From: from,
		Request: domain.DeriveUUID("public hold", write.Origin.ID(), from),
	})
	if err != nil {
		return nil, instead(err)
	}
	return api.HoldStart201JSONResponse{PublicHoldJSONResponse: api.PublicHoldJSONResponse(publicHold(held))}, nil
}

func (h *handlers) ShowHold(ctx context.Context, r api.ShowHoldRequestObject) (api.ShowHoldResponseObject, error) {
	held, err := h.publicHold(ctx, r.Page, func(at visiting.Page) (visiting.Held, error) {
		return h.Visiting.Show(ctx, at, r.Hold)
	})
	return api.ShowHold200JSONResponse{PublicHoldJSONResponse: held}, err
}

func (h *handlers) ExtendHold(
	ctx context.Context, r api.ExtendHoldRequestObject,
) (api.ExtendHoldResponseObject, error) {
	held, err := h.publicHold(ctx, r.Page, func(at visiting.Page) (visiting.Held, error) {
		return h.Visiting.Extend(ctx, at, r.Hold)
	})
	return api.ExtendHold200JSONResponse{PublicHoldJSONResponse: held}, err
}

func (h *handlers) ReleaseHold(
	ctx context.Context, r api.ReleaseHoldRequestObject,
) (api.ReleaseHoldResponseObject, error) {
	at, err := h.Visiting.Open(ctx, r.Page)
	if err != nil {
		return nil, err
	}
	return api.ReleaseHold200JSONResponse{Released: true}, h.Visiting.Release(ctx, at, r.Hold)
}

func (h *handlers) BookHold(ctx context.Context, r api.BookHoldRequestObject) (api.BookHoldResponseObject, error) {
	held, err := h.publicHold(ctx, r.Page, func(at visiting.Page) (visiting.Held, error) {
		return h.Visiting.Book(ctx, at, r.Hold, visiting.Form{
			Name: r.Body.Name, Phone: r.Body.Phone, Email: r.Body.Email, Note: r.Body.Note, Responses: r.Body.Responses,
			Language: r.Body.Language, Trap: r.Body.Website, From: middleware.Network(ctx),
		})
	})
	return api.BookHold200JSONResponse{PublicHoldJSONResponse: held}, err
}

func (h *handlers) ConfirmHold(
	ctx context.Context, r api.ConfirmHoldRequestObject,
) (api.ConfirmHoldResponseObject, error) {
	held, err := h.publicHold(ctx, r.Page, func(at visiting.Page) (visiting.Held, error) {
		of, _, err := h.Visiting.Peek(ctx, r.Token)
		if err != nil && !errors.Is(err, visiting.ErrHoldEnded) {
			return visiting.Held{}, err
		}
		if of.ID != at.ID {
			return visiting.Held{}, links.ErrLink
		}
		_, held, err := h.Visiting.Confirm(ctx, r.Token)
		return held, err
	})
	return api.ConfirmHold200JSONResponse{PublicHoldJSONResponse: held}, err
}

// publicHold does what a visitor wants on a page and returns the hold afterwards.
func (h *handlers) publicHold(
	ctx context.Context, page string, do func(at visiting.Page) (visiting.Held, error),
) (api.PublicHoldJSONResponse, error) {
	at, err := h.Visiting.Open(ctx, page)
	if err != nil {
		return api.PublicHoldJSONResponse{}, err
	}
	held, err := do(at)
	return api.PublicHoldJSONResponse(publicHold(held)), instead(err)
}

func publicHold(held visiting.Held) api.PublicHold {
	if held.Token == "" {
		return api.PublicHold{}
	}
	local := held.Start
	if zone, err := domain.ParseZone(held.Zone); err == nil {
		local = local.In(zone)
	}
	shown := api.PublicHold{
		Hold: held.Token, Service: held.Service.UUID, ServiceName: held.Name,
		With: each(held.With, func(name string) string { return name }), Start: held.Start, End: held.End,
		Local: local.Format(localForm), Zone: held.Zone, Until: held.Until, SecondsLeft: int(math.Ceil(held.Left.Seconds())),
		CanExtend: held.Extends, ConfirmEmail: held.Email,
	}
	if held.Booked != nil {
		shown.Booked = api.PublicBooked{Manage: held.Booked.Manage, Status: api.AppointmentStatus(held.Booked.Status)}
	}
	return shown
}

// instead returns the problem of a refusal that comes with something the visitor can do instead.
func instead(err error) error {
	if taken, ok := errors.AsType[*visiting.Taken](err); ok {
		shown := *problem.From(err)
		shown.Alternatives = each(taken.Alternatives, publicStart)
		return &shown
	}
	if again, ok := errors.AsType[*visiting.Again](err); ok {
		shown := *problem.From(err)
		shown.Hold = publicHold(again.Held)
		return &shown
	}
	return err
}
