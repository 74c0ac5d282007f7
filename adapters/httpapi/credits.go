package httpapi

import (
	"context"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/projections"
)

// Ledger is what the API asks about the lines of the books. The balance comes from the books themselves.
type Ledger interface {
	Find(ctx context.Context, account domain.AccountID, in projections.LineFilter) ([]projections.Line, error)
}

func (a *api) ShowCredits(ctx context.Context, r ShowCreditsRequestObject) (ShowCreditsResponseObject, error) {
	books, revision, err := commands.Load(ctx, a.Engine, credit.Decider, booksOf(r.Account))
	shown := Credits{
		Revision: int64(revision), AvailableMicro: books.Available(), PaidMicro: books.Paid(),
		GrantedMicro: books.Granted(), HeldMicro: books.Held(), OwnedMicro: books.Owned(),
	}
	return ShowCredits200JSONResponse{shown, ShowCredits200ResponseHeaders{etag(revision)}}, err
}

func (a *api) ListCreditLines(
	ctx context.Context, r ListCreditLinesRequestObject,
) (ListCreditLinesResponseObject, error) {
	size := sizeOf(r.Params.Limit)
	filter := projections.LineFilter{
		Recorded: domain.Interval{Start: r.Params.From, End: r.Params.To}, Limit: size + 1,
	}
	if r.Params.Message != uuid.Nil {
		filter.Message = r.Params.Message.String()
	}
	if r.Params.Kind != "" {
		filter.Kinds = []string{string(r.Params.Kind)}
	}
	if r.Params.Cursor != "" {
		if err := filter.After.UnmarshalText([]byte(r.Params.Cursor)); err != nil {
			return nil, err
		}
	}
	found, err := a.Ledger.Find(ctx, domain.AccountID{UUID: r.Account}, filter)
	items, next := pageOf(found, size, func(line projections.Line) string {
		text, _ := line.Cursor().MarshalText() // never fails
		return string(text)
	})
	return ListCreditLines200JSONResponse{Items: each(items, creditLine), Next: next}, err
}

func creditLine(line projections.Line) CreditLine {
	return CreditLine{
		Entry: int64(line.Entry), Kind: line.Kind, Tx: line.Tx, From: line.From, To: line.To, Lot: line.Lot,
		AmountMicro: line.Amount, Message: line.Message, Reason: line.Reason, Windows: line.Windows,
		EffectiveAt: line.EffectiveAt, RecordedAt: line.RecordedAt, Cause: line.Cause,
	}
}

func (a *api) PurchaseCredits(
	ctx context.Context, r PurchaseCreditsRequestObject,
) (PurchaseCreditsResponseObject, error) {
	because, id, err := a.because(ctx, r.Account)
	if err != nil {
		return nil, err
	}
	purchase := id
	if r.Body.Reference != "" {
		purchase = r.Body.Reference
	}
	outcome, err := a.run(ctx, credit.Purchase{Because: because, Purchase: purchase, Amount: r.Body.AmountMicro})
	return PurchaseCredits201JSONResponse{created(name(purchase), outcome)}, err
}

func (a *api) GrantCredits(ctx context.Context, r GrantCreditsRequestObject) (GrantCreditsResponseObject, error) {
	because, id, err := a.because(ctx, r.Account)
	if err != nil {
		return nil, err
	}
	outcome, err := a.run(ctx, credit.Grant{
		Because: because, Grant: id, Amount: r.Body.AmountMicro, ExpiresAt: domain.Microseconds(r.Body.ExpiresAt),
	})
	return GrantCredits201JSONResponse{created(name(id), outcome)}, err
}

// because says why a line is in the books: the request itself, whose id names it too.
func (a *api) because(ctx context.Context, account PathAccount) (because credit.Because, id string, err error) {
	origin, err := originOf(ctx)
	id = origin.ID().String()
	return credit.Because{Account: account.String(), Cause: id, RecordedAt: a.Engine.Now()}, id, err
}

func booksOf(account PathAccount) domain.Stream {
	return domain.StreamOf(credit.Category, account.String())
}

func (a *api) RefundManually(
	ctx context.Context, r RefundManuallyRequestObject,
) (RefundManuallyResponseObject, error) {
	because, id, err := a.because(ctx, r.Account)
	if err != nil {
		return nil, err
	}
	outcome, err := a.run(ctx, credit.RefundManually{
		Because: because, Message: r.Body.Message.String(), RefundKey: id, Amount: r.Body.AmountMicro,
		Note: domain.Secret(r.Body.Reason), GraceDays: a.Terms.ExpiredLotGraceDays,
	})
	return RefundManually201JSONResponse{created(name(id), outcome)}, err
}
