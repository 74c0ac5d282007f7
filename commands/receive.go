package commands

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// Receive takes a carrier's receipt into the log. Receipts come late, twice and in contradiction; the message
// decides what each of them changes.
func Receive(ctx context.Context, e *Engine, receipt Receipt) (domain.Position, error) {
	id, attempt, err := ParseReference(receipt.Reference)
	if err != nil {
		return domain.Position{}, err
	}
	ctx = WithOrigin(ctx, Origin{
		ID:          domain.DeriveUUID("receipt", receipt.Reference, receipt.State, receipt.At.UTC().UnixMicro()),
		Actor:       domain.Actor{ID: "receipts", Channel: "carrier"},
		Correlation: id.UUID,
	})
	return e.Do(ctx, message.Report{
		Message: id, Attempt: attempt, State: receipt.State, Code: receipt.Code, At: receipt.At,
	})
}
