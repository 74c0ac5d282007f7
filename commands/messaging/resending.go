package messaging

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/lanes"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
)

// Unreceipted says which texts a provider has accepted without reporting on them.
type Unreceipted interface {
	// SentWithoutReceipt returns texts that a provider accepted since an instant and that have no final receipt, the
	// earliest first.
	SentWithoutReceipt(ctx context.Context, provider string, since time.Time, limit int) ([]WaitingMessage, error)
}

// maxResent bounds the texts that are sent again for one outage.
const maxResent = 10_000

// resend sends the texts again that a provider accepted in an outage and that have probably not arrived, where their
// accounts accept possible duplicates. All others stay on the call sheets of their accounts.
func (d *Dispatcher) resend(ctx context.Context, _ commands.Origin, r domain.Recorded) error {
	e, ok := r.Event.(outage.OutageDetected)
	if !ok {
		return domain.Unexpected(r)
	}
	if d.Unreceipted == nil || e.Cause == outage.ReceiptsOnly {
		return nil
	}
	rows, err := d.Unreceipted.SentWithoutReceipt(ctx, e.Provider, e.ChangePoint, maxResent)
	if err != nil {
		return fmt.Errorf("find the texts of the outage of %s: %w", e.Provider, err)
	}
	allowed := make(map[domain.AccountID]bool) // by account, once asked
	for _, row := range rows {
		allows, asked := allowed[row.Account]
		if !asked {
			if allows, err = d.allowsDuplicates(ctx, row.Account); err != nil {
				return err
			}
			allowed[row.Account] = allows
		}
		if !allows {
			continue
		}
		origin := commands.ForAccount(row.Account, domain.Actor{ID: "resending", Channel: "policy"}).
			WithID(domain.DeriveUUID("resend", row.Message, r.ID)).WithCause(r.ID, row.Message.UUID)
		again := func(ctx context.Context) error { return d.sendDuplicate(ctx, origin, row.Message) }
		if err := d.schedule(ctx, row.Account, row.Message, again); err != nil && !errors.Is(err, lanes.ErrLater) {
			return err
		}
	}
	return nil
}

// sendDuplicate makes another attempt at a text that a provider accepted in a cell that is out, by a provider whose
// cell is not. Without one it does nothing.
func (d *Dispatcher) sendDuplicate(ctx context.Context, origin commands.Origin, id domain.MessageID) error {
	state, _, err := commands.Load(ctx, d.Engine, message.Decider, message.Stream(id))
	if _, open := state.Open(); err != nil || open || state.Status() != message.Sent || d.Cells == nil {
		return err
	}
	last := state.Attempts[len(state.Attempts)-1]
	if out, err := d.Cells.Out(ctx, last.Provider, state); err != nil || !out {
		return err // it is not of the cell, or the cell works again
	}
	if reason, err := d.obsolete(ctx, state); err != nil || reason != "" {
		return err
	}
	chosen, err := d.choose(ctx, state)
	if err != nil || chosen.Provider == nil {
		return err
	}
	if out, err := d.Cells.Out(ctx, chosen.name, state); err != nil || out {
		return err
	}
	return d.attempt(ctx, origin, state, chosen, true)
}
