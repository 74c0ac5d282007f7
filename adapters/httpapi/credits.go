package httpapi

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/policy/refunding"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections"
)

func (h *handlers) ShowCredits(
	ctx context.Context, r api.ShowCreditsRequestObject,
) (api.ShowCreditsResponseObject, error) {
	if !r.Params.AsOf.IsZero() {
		return h.creditsAsOf(ctx, domain.AccountID{UUID: r.Account}, r.Params.AsOf)
	}
	books, revision, err := commands.Load(ctx, h.Engine, credit.Decider,
		credit.StreamOf(domain.AccountID{UUID: r.Account}))
	if err == nil {
		err = h.checkBooks(ctx, domain.AccountID{UUID: r.Account}, books, revision)
	}
	books = books.At(h.Engine.Now())
	shown := api.Credits{
		Revision: int64(revision), AvailableMicro: books.Available(), PaidMicro: books.Paid(),
		GrantedMicro: books.Granted(), HeldMicro: books.Held(), OwnedMicro: books.Owned(),
	}
	return api.ShowCredits200JSONResponse{
		Body: shown, Headers: api.ShowCredits200ResponseHeaders{ETag: etag(revision)},
	}, err
}

// creditsAsOf shows the balance by the lines that were recorded up to an instant.
func (h *handlers) creditsAsOf(
	ctx context.Context, account domain.AccountID, at time.Time,
) (api.ShowCreditsResponseObject, error) {
	if err := h.checkPast(at); err != nil {
		return nil, err
	}
	balance, entries, err := h.Reader.Ledger.BalanceAsOf(ctx, account, at)
	revision := domain.Revision(entries - 1)
	return api.ShowCredits200JSONResponse{
		Body: api.Credits{
			Revision: int64(revision), AvailableMicro: balance.Available(), PaidMicro: balance.Paid,
			GrantedMicro: balance.Granted, HeldMicro: balance.Held(), OwnedMicro: balance.Owned(),
		}, Headers: api.ShowCredits200ResponseHeaders{ETag: etag(revision)},
	}, err
}

// checkBooks compares the balance, which is folded from the events, with the sums of the lines. If they contradict each
// other, one of them is damaged, and a number would be a guess.
func (h *handlers) checkBooks(
	ctx context.Context, account domain.AccountID, books credit.State, revision domain.Revision,
) error {
	lines, same, err := h.Reader.Ledger.BalanceAt(ctx, account, int(revision)+1)
	if err != nil || !same ||
		lines.Paid == books.Paid() && lines.Granted == books.Granted() && lines.Held() == books.Held() {
		return err
	}
	return fmt.Errorf("the balance of account %s contradicts its lines: %w; run `clickbook verify`", account,
		domain.ErrDamaged)
}

func (h *handlers) ListCreditLines(
	ctx context.Context, r api.ListCreditLinesRequestObject,
) (api.ListCreditLinesResponseObject, error) {
	filter := projections.LineFilter{
		Recorded: domain.Interval{Start: r.Params.From, End: r.Params.To},
	}
	if r.Params.Message != uuid.Nil {
		filter.Message = r.Params.Message.String()
	}
	for _, kind := range r.Params.Kind {
		filter.Kinds = append(filter.Kinds, string(kind))
	}
	if at := r.Params.AsOf; !at.IsZero() {
		if err := h.checkPast(at); err != nil {
			return nil, err
		}
		// The end of an interval is excluded, and the log keeps microseconds.
		if end := at.Add(time.Microsecond); filter.Recorded.End.IsZero() || end.Before(filter.Recorded.End) {
			filter.Recorded.End = end
		}
	}
	request, err := h.openPage(ctx, r.Params.Cursor, r.Params.Limit, &filter.After)
	if err != nil {
		return nil, err
	}
	filter.Limit = request.rows()
	found, err := h.Reader.Ledger.Find(ctx, domain.AccountID{UUID: r.Account}, filter)
	items, next := page(ctx, h, request, found, projections.Line.Cursor)
	return api.ListCreditLines200JSONResponse{Items: each(items, creditLine), Next: next}, err
}

func (h *handlers) ListCreditWindows(
	ctx context.Context, r api.ListCreditWindowsRequestObject,
) (api.ListCreditWindowsResponseObject, error) {
	account := domain.AccountID{UUID: r.Account}
	known, err := h.Reader.Windows.All(ctx)
	if err != nil {
		return nil, err
	}
	books, _, err := commands.Load(ctx, h.Engine, credit.Decider, credit.StreamOf(account))
	shown := api.CreditWindows{Items: []api.CreditWindow{}}
	for _, one := range slices.Backward(known) {
		if one.Proposed || one.Revoked {
			continue
		}
		if item := creditWindow(one, account, books); item.Eligible > 0 || item.Waived > 0 {
			shown.Items = append(shown.Items, item)
		}
	}
	return api.ListCreditWindows200JSONResponse(shown), err
}

// creditWindow counts the charges of the account that a window covers.
func creditWindow(one projections.Window, account domain.AccountID, books credit.State) api.CreditWindow {
	terms, supports := shownWindow(one), "window:"+one.ID
	alone := window.Set{}.With(window.RefundWindowDeclared{Window: one.ID, Terms: one.Terms})
	shown := api.CreditWindow{
		Id: one.ID, Bounds: terms.Bounds, Countries: terms.Scope.Countries, Providers: terms.Scope.Providers,
		Outage: terms.Outage, DeclaredAt: one.DeclaredAt,
	}
	for charge := range books.EachCharge() {
		if !slices.Contains(refunding.Supports(alone, account.String(), charge), supports) {
			continue
		}
		if charge.Stage == credit.Waived {
			shown.Waived++
			continue
		}
		shown.Eligible++
		shown.EligibleMicro += charge.Charged
		shown.ClaimedMicro += charge.Refunded
		if charge.Refunded == charge.Charged {
			shown.Claimed++
		}
	}
	return shown
}

func creditLine(line projections.Line) api.CreditLine {
	shown := api.CreditLine{
		Entry: int64(line.Entry), Kind: line.Kind, Tx: line.Tx, From: line.From, To: line.To, Lot: line.Lot,
		AmountMicro: line.Amount, Message: line.Message, Reason: line.Reason, Windows: line.Windows,
		EffectiveAt: line.EffectiveAt, RecordedAt: line.RecordedAt, Cause: line.Cause,
	}
	if price := line.Price; price.Segments > 0 {
		shown.Price = api.MessagePrice{
			Country: price.Country, Segments: int64(price.Segments), UnitPriceMicro: price.UnitPrice,
			PriceMicro: price.UnitPrice * int64(price.Segments), PriceList: int64(price.PriceList),
		}
	}
	return shown
}

func (h *handlers) PurchaseCredits(
	ctx context.Context, r api.PurchaseCreditsRequestObject,
) (api.PurchaseCreditsResponseObject, error) {
	because, id, err := h.because(ctx, r.Account)
	if err != nil {
		return nil, err
	}
	purchase := id
	if r.Body.Reference != "" {
		purchase = r.Body.Reference
	}
	outcome, err := h.run(ctx, credit.Purchase{Because: because, Purchase: purchase, Amount: r.Body.AmountMicro})
	return api.PurchaseCredits201JSONResponse{CreatedJSONResponse: created(name(purchase), outcome)}, err
}

func (h *handlers) GrantCredits(
	ctx context.Context, r api.GrantCreditsRequestObject,
) (api.GrantCreditsResponseObject, error) {
	because, id, err := h.because(ctx, r.Account)
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, credit.Grant{
		Because: because, Grant: id, Amount: r.Body.AmountMicro, ExpiresAt: domain.Microseconds(r.Body.ExpiresAt),
	})
	return api.GrantCredits201JSONResponse{CreatedJSONResponse: created(name(id), outcome)}, err
}

// because returns the cause of a line in the ledger, which is the request itself, and the request's id.
func (h *handlers) because(
	ctx context.Context, account api.PathAccount,
) (because credit.Because, id string, err error) {
	write, err := middleware.WriteOf(ctx)
	id = write.Origin.ID().String()
	return credit.Because{Account: account.String(), Cause: id, RecordedAt: h.Engine.Now()}, id, err
}

func (h *handlers) RefundManually(
	ctx context.Context, r api.RefundManuallyRequestObject,
) (api.RefundManuallyResponseObject, error) {
	because, id, err := h.because(ctx, r.Account)
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, credit.RefundManually{
		Because: because, Message: r.Body.Message.String(), RefundKey: id, Amount: r.Body.AmountMicro,
		Note: domain.Secret(r.Body.Reason), GraceDays: h.Terms.ExpiredLotGraceDays, MustPay: true,
	})
	return api.RefundManually201JSONResponse{RefundCreatedJSONResponse: api.RefundCreatedJSONResponse{
		Body: api.RefundWritten{
			Id: id, Revision: int64(outcome.Revision), Position: outcome.Position.String(),
			RefundedMicro: refundedBy(outcome),
		},
		Headers: api.RefundCreatedResponseHeaders{
			ETag: etag(outcome.Revision), ClickbookPosition: outcome.Position.String(),
		},
	}}, err
}

// refundedBy returns what a command refunded, in micro-credits.
func refundedBy(outcome commands.Outcome) (sum int64) {
	for _, recorded := range outcome.Events {
		if refunded, ok := recorded.Event.(credit.CreditRefunded); ok {
			for _, posting := range refunded.Postings {
				sum += posting.Amount
			}
		}
	}
	return sum
}
