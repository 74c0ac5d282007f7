package messaging

import (
	"context"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// Contacting records that somebody has contacted a client in place of a message, by the signed link in a call sheet.
// Every method returns links.ErrLink for a token that is not valid.
type Contacting struct {
	Engine *commands.Engine
	Links  links.Links
}

// Show returns the row of a link.
func (c Contacting) Show(ctx context.Context, token string) (links.Row, error) {
	return c.Links.OpenContacted(ctx, token)
}

// Mark records that the client was contacted. Marking twice is the same.
func (c Contacting) Mark(ctx context.Context, token string) (commands.Outcome, error) {
	row, err := c.Links.OpenContacted(ctx, token)
	if err != nil {
		return commands.Outcome{}, err
	}
	id := domain.DeriveUUID("contacted", row.Message)
	origin := commands.ForAccount(row.State.Account, domain.Actor{ID: "call-sheet", Channel: "link"}).
		WithID(id).WithCause(id, id)
	return c.Engine.Run(ctx, origin, message.MarkContacted{
		Message: row.Message, By: message.ByLink, At: c.Engine.Now(),
	})
}
