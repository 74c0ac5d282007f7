package httpapi

import (
	"context"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
)

func (h *handlers) ShowTextLimits(
	ctx context.Context, r api.ShowTextLimitsRequestObject,
) (api.ShowTextLimitsResponseObject, error) {
	id := domain.AccountID{UUID: r.Account}
	found, revision, err := commands.Load(ctx, h.Engine, account.Decider, account.Stream(id))
	if err == nil && !found.Open && !found.Closed {
		err = account.ErrUnknown
	}
	return api.ShowTextLimits200JSONResponse{
		Body: api.TextLimits{
			Countries: found.Limits.Countries, PerDayMicro: found.Limits.PerDayMicro,
			PossibleDuplicates: found.Limits.PossibleDuplicates,
		},
		Headers: api.ShowTextLimits200ResponseHeaders{ETag: etag(revision)},
	}, err
}

func (h *handlers) SetTextLimits(
	ctx context.Context, r api.SetTextLimitsRequestObject,
) (api.SetTextLimitsResponseObject, error) {
	id := domain.AccountID{UUID: r.Account}
	outcome, err := h.run(ctx, account.SetTextLimits{Account: id, Limits: account.TextLimits{
		Countries: r.Body.Countries, PerDayMicro: r.Body.PerDayMicro, PossibleDuplicates: r.Body.PossibleDuplicates,
	}})
	return api.SetTextLimits200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}
