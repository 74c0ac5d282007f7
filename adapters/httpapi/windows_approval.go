package httpapi

import (
	"context"
	"encoding/json"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/outages"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/window"
)

func (h *handlers) ApproveWindow(
	ctx context.Context, r api.ApproveWindowRequestObject,
) (api.ApproveWindowResponseObject, error) {
	id := domain.WindowID{UUID: r.Window}
	approve, err := h.approval(ctx, id, r.Body.Reason)
	if err == nil {
		approve.Signed, err = h.seconded(ctx, approve.Signed, "approve", id)
	}
	if err != nil {
		return nil, err
	}
	approve.ApprovalAbove = h.SecondPerson
	written, headers, err := h.change(ctx, approve, id, approve.Signed)
	return api.ApproveWindow200JSONResponse{
		WindowDoneJSONResponse: api.WindowDoneJSONResponse{Body: written, Headers: headers},
	}, err
}

func (h *handlers) PreviewApproval(
	ctx context.Context, r api.PreviewApprovalRequestObject,
) (api.PreviewApprovalResponseObject, error) {
	approve, err := h.approval(ctx, domain.WindowID{UUID: r.Window}, "")
	return api.PreviewApproval200JSONResponse(shownPreview(approve.Signed.Preview)), err
}

// approval returns the command that approves a window, with the preview of what it moves. For a window that is
// approved already it has no preview, and no effect.
func (h *handlers) approval(ctx context.Context, id domain.WindowID, reason string) (window.Approve, error) {
	approve := window.Approve{Window: id.String(), Until: h.Engine.Now().Add(outages.LongestWindow)}
	state, _, err := commands.Load(ctx, h.Engine, window.Decider, domain.StreamOf(window.Category, id.String()))
	if err != nil {
		return approve, err
	}
	events, err := window.Decide(state, approve)
	if err != nil || len(events) == 0 {
		return approve, err
	}
	approve.Signed, err = h.sign(ctx, events[0], reason)
	return approve, err
}

// seconded adds the second person to a change that moves more than one person may. The first person's request is noted
// and then refused by the command; when another one wants the same within a day, it is the first's change, which the
// other approves.
func (h *handlers) seconded(
	ctx context.Context, signed window.Signed, change string, values any,
) (window.Signed, error) {
	if !signed.NeedsSecond(h.SecondPerson) {
		return signed, nil
	}
	what, err := json.Marshal([]any{change, values})
	if err != nil {
		return signed, err
	}
	caller := middleware.CallerOf(ctx).Name()
	first, ok, err := h.People.Seconded(ctx, string(what), caller)
	if err == nil && ok {
		signed.By, signed.ApprovedBy = first, caller
	}
	return signed, err
}
