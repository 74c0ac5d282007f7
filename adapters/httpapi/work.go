package httpapi

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// maxNeeding bounds the appointments in the answer to a write. The work list has all.
const maxNeeding = 200

func (h *handlers) ListWork(ctx context.Context, r api.ListWorkRequestObject) (api.ListWorkResponseObject, error) {
	var after readmodel.Cursor
	request, err := h.openPage(ctx, r.Params.Cursor, r.Params.Limit, &after)
	if err != nil {
		return nil, err
	}
	found, err := h.Reader.Work.Open(ctx, domain.AccountID{UUID: r.Account}, h.Engine.Now(), string(r.Params.Reason),
		after, request.rows())
	items, next := page(ctx, h, request, found, projections.WorkItem.Cursor)
	return api.ListWork200JSONResponse{Items: each(items, workItem), Next: next}, err
}

func (h *handlers) CountWork(ctx context.Context, r api.CountWorkRequestObject) (api.CountWorkResponseObject, error) {
	total, byReason, err := h.Reader.Work.Count(ctx, domain.AccountID{UUID: r.Account}, h.Engine.Now())
	count := api.CountWork200JSONResponse{Total: total, ByReason: []api.ReasonCount{}}
	for _, reason := range slices.Sorted(maps.Keys(byReason)) {
		count.ByReason = append(count.ByReason, api.ReasonCount{
			Reason: api.AttentionReason(reason), Count: byReason[reason],
		})
	}
	return count, err
}

func (h *handlers) ResolveWork(
	ctx context.Context, r api.ResolveWorkRequestObject,
) (api.ResolveWorkResponseObject, error) {
	id := domain.AppointmentID{UUID: r.Appointment}
	note, err := domain.ParseText("the note", r.Body.Note, 500)
	if err != nil {
		return nil, err
	}
	resolve := appointment.ResolveAttention{Appointment: id, Note: domain.Secret(note)}
	state, _, err := commands.Load(ctx, h.Engine, appointment.Decider, appointment.StreamOf(id))
	if err == nil && state.Account.UUID != r.Account {
		err = appointment.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	who, _, err := commands.Load(ctx, h.Engine, client.Decider, client.Stream(state.Client))
	if err != nil {
		return nil, err
	}
	if who.Erased {
		resolve.Note = domain.Private{}
	}
	outcome, err := h.run(ctx, resolve)
	return api.ResolveWork200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

// takenAway is done for a write that may take something away from booked appointments, or give it back.
func (h *handlers) takenAway(
	ctx context.Context, owner uuid.UUID, id fmt.Stringer, outcome commands.Outcome, what booking.Touching,
) (api.DoneJSONResponse, error) {
	answer := done(id, outcome)
	var err error
	answer.Body.NeedsAttention, err = h.needing(ctx, domain.AccountID{UUID: owner}, what)
	return answer, err
}

// needing brings the work list up to date, and returns the appointments that a change is about and that need attention.
func (h *handlers) needing(
	ctx context.Context, owner domain.AccountID, what booking.Touching,
) ([]api.WorkItem, error) {
	needing, last, err := h.Attention.Recheck(ctx, owner, what)
	if err != nil || len(needing) == 0 && last.IsZero() {
		return nil, err
	}
	if !last.IsZero() {
		h.writes.Record(middleware.CallerOf(ctx).Name(), last)
		if err := h.Views.Wait(ctx, last); err != nil {
			return nil, err
		}
	}
	items, err := h.Reader.Work.Of(ctx, owner, needing[:min(len(needing), maxNeeding)])
	return each(items, workItem), err
}

func workItem(one projections.WorkItem) api.WorkItem {
	return api.WorkItem{
		Appointment: one.Appointment.UUID, Local: one.Local, Zone: one.Zone, Start: one.Start, End: one.End,
		Client: one.Client.UUID, ClientName: one.ClientName, Service: one.Service.UUID, ServiceName: one.ServiceName,
		Reasons: each(one.Reasons, func(reason projections.WorkReason) api.WorkReason {
			return api.WorkReason{
				Reason: api.AttentionReason(reason.Reason), Source: reason.Source, Since: reason.Since,
			}
		}),
	}
}
