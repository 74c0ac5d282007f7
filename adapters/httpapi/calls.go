package httpapi

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func (h *handlers) ListCalls(
	ctx context.Context, r api.ListCallsRequestObject,
) (api.ListCallsResponseObject, error) {
	var after readmodel.Cursor
	request, err := h.openPage(ctx, r.Params.Cursor, r.Params.Limit, &after)
	if err != nil {
		return nil, err
	}
	found, err := h.Reader.CallSheet.Of(ctx, domain.AccountID{UUID: r.Account}, h.Engine.Now())
	found = slices.DeleteFunc(found, func(one projections.Call) bool {
		resource, outage := domain.ResourceID{UUID: r.Params.Resource}, r.Params.Outage
		return !after.Before(one.Cursor()) || r.Params.Open && !one.ContactedAt.IsZero() ||
			!resource.IsZero() && !slices.Contains(one.Resources, resource) ||
			outage != uuid.Nil && one.Outage.UUID != outage
	})
	items, next := page(ctx, h, request, found[:min(len(found), request.rows())], projections.Call.Cursor)
	return api.ListCalls200JSONResponse{Items: each(items, call), Next: next}, err
}

func call(one projections.Call) api.Call {
	return api.Call{
		Appointment: one.Appointment.UUID, Local: one.Local, Zone: one.Zone, Start: one.Start, Cancelled: one.Cancelled,
		Resources: each(one.Resources, func(id domain.ResourceID) uuid.UUID { return id.UUID }),
		Client:    one.Client.UUID, ClientName: one.ClientName, ClientPhone: one.ClientPhone,
		Service: one.Service.UUID, ServiceName: one.ServiceName, Message: one.Message.UUID,
		Kind: api.MessageKind(one.Kind), Channel: api.Channel(one.Channel), State: api.CallState(one.State),
		Reason: one.Reason, Provider: one.Provider, Since: one.Since, Outage: one.Outage.UUID,
		Instead: api.InsteadState(one.Instead), ContactedAt: one.ContactedAt,
		ContactedBy: api.CallContactedBy(one.ContactedBy),
	}
}
