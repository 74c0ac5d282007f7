package messaging

import (
	"context"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// Receive records a provider's receipt. Receipts may be late, repeated or contradictory; the message decides what
// each one changes. A receipt that only says sent accepts the attempt, if the reply of the provider was lost. A receipt
// names a message and no account, so Receive acts for the installation.
func Receive(ctx context.Context, e *commands.Engine, receipt Receipt) (domain.Position, error) {
	id, attempt, err := ParseReference(receipt.Reference)
	if err != nil {
		return domain.Position{}, err
	}
	origin := commands.ForInstallation(domain.Actor{ID: "receipts", Channel: "carrier"}).
		WithID(domain.DeriveUUID("receipt", receipt.Reference, receipt.State, receipt.At.UTC().UnixMicro())).
		WithCause(uuid.Nil, id.UUID)
	if receipt.State == string(message.Sent) {
		return e.Do(ctx, origin, message.Accept{
			Message: id, Attempt: attempt, Provider: receipt.Provider, ProviderID: receipt.ProviderID,
			Network: receipt.Network, At: receipt.At,
		})
	}
	return e.Do(ctx, origin, message.Report{
		Message: id, Attempt: attempt, Provider: receipt.Provider, State: receipt.State, Code: receipt.Code,
		Fault: receipt.Fault, Network: receipt.Network, At: receipt.At,
	})
}
