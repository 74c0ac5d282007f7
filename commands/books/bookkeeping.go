// Package books keeps every account's credits in step with the log: holds, charges, releases and refunds.
package books

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/charging"
	"github.com/clickbook/clickbook/domain/policy/refunding"
	"github.com/clickbook/clickbook/domain/window"
)

// Bookkeeper keeps the credits of every account in step with the log: it charges for texts and refunds what a
// receipt or a refund window gives back. It must see its events in log order, one at a time, because what was
// known when decides what is owed. What it remembers is only what the log said before the event at hand.
type Bookkeeper struct {
	Engine *commands.Engine
	Log    domain.LogReader
	Terms  credit.Terms

	ready bool
	last  domain.Position // of the newest event seen
	known window.Set      // the windows declared before that event
	homes map[domain.AccountID]string
}

// Handlers returns the handlers of the books.
func (b *Bookkeeper) Handlers() []commands.Handler {
	return []commands.Handler{
		{Name: "charging", React: b.charge, Types: []string{
			"ReminderQueued", "NoticeQueued", "MessageSuppressed", "SmsSent", "SmsFailed", "AccountOpened",
			"AccountSettingsChanged",
		}},
		{Name: "refunding", React: b.refund, Types: []string{
			"SmsSent", "DeliveryReported", "RefundWindowDeclared", "RefundWindowAmended", "RefundWindowRevoked",
		}},
	}
}

func (b *Bookkeeper) charge(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
	if err := b.turnTo(ctx, r); err != nil {
		return err
	}
	var of domain.AccountID
	switch e := r.Event.(type) {
	case account.AccountOpened:
		b.homes[e.Account] = e.Zone
		return nil
	case account.AccountSettingsChanged:
		b.homes[e.Account] = e.Zone
		return nil
	case message.ReminderQueued:
		of = e.Account
	case message.NoticeQueued:
		of = e.Account
	case message.SmsSent:
		of = e.Account
	case message.SmsFailed:
		of = e.Account
	case message.MessageSuppressed:
		of = e.Account
	}
	home, err := b.home(ctx, of, r.Position)
	if err != nil {
		return err
	}
	books, err := b.books(ctx, of)
	if err != nil {
		return err
	}
	command, ok := charging.React(b.known, b.Terms, books, home, r)
	if !ok {
		return nil
	}
	_, err = b.Engine.Do(ctx, origin, command)
	return err
}

func (b *Bookkeeper) refund(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
	if err := b.turnTo(ctx, r); err != nil {
		return err
	}
	switch e := r.Event.(type) {
	case message.SmsSent: // a receipt may have come before the acceptance
		return b.refundUndelivered(ctx, origin, r, e.Account, e.Message)
	case message.DeliveryReported:
		if !b.Terms.RefundsOn(e.State) {
			return nil // the facts that refund are those of receipts that do
		}
		return b.refundUndelivered(ctx, origin, r, e.Account, e.Message)
	case window.Event:
		return b.refundWindow(ctx, origin, r, e)
	}
	return nil
}

// refundUndelivered asks whether this was the fact that proves that nobody got the text.
func (b *Bookkeeper) refundUndelivered(
	ctx context.Context, origin commands.Origin, r domain.Recorded, of domain.AccountID, id domain.MessageID,
) error {
	var facts refunding.Facts
	for recorded, err := range b.Engine.History(ctx, r.Stream) {
		if err != nil {
			return err
		}
		if r.Position.Before(recorded.Position) {
			break
		}
		facts = facts.With(recorded.Event)
	}
	command, ok := refunding.OnAttempt(b.Terms, charging.Because(of, r), id.String(), facts)
	if !ok {
		return nil
	}
	_, err := b.Engine.Do(ctx, origin, command)
	return err
}

// refundWindow settles every account with what a window's event changes, one account at a time. It can be repeated
// after a crash: messages that are settled already need no command.
func (b *Bookkeeper) refundWindow(
	ctx context.Context, origin commands.Origin, r domain.Recorded, e window.Event,
) error {
	change := refunding.After(b.known, e)
	accounts, err := b.accountsBefore(ctx, r.Position)
	if err != nil {
		return err
	}
	for _, of := range accounts {
		books, err := b.books(ctx, of)
		if err != nil {
			return err
		}
		for _, command := range refunding.OnWindow(change, b.Terms, charging.Because(of, r), books) {
			if _, err := b.Engine.Do(ctx, origin.Within(of), command); err != nil {
				return fmt.Errorf("window %s, account %s: %w", e.ID(), of, err)
			}
		}
	}
	b.known = change.After
	return nil
}

// Preview is what declaring, amending or revoking a window would move, by the very code that would move it.
func (b *Bookkeeper) Preview(ctx context.Context, event window.Event) (window.Totals, error) {
	head, err := b.Log.Head(ctx)
	if err != nil {
		return window.Totals{}, err
	}
	known, err := b.windowsBefore(ctx, domain.Position{})
	if err != nil {
		return window.Totals{}, err
	}
	accounts, err := b.accountsBefore(ctx, domain.Position{})
	if err != nil {
		return window.Totals{}, err
	}
	change := refunding.After(known, event)
	var totals window.Totals
	for _, of := range accounts {
		books, err := b.books(ctx, of)
		if err != nil {
			return window.Totals{}, err
		}
		why := credit.Because{Account: of.String(), Cause: "preview " + head.String(), RecordedAt: b.Engine.Now()}
		totals = totals.Plus(refunding.Preview(change, b.Terms, why, books))
	}
	return totals, nil
}

// turnTo makes what the keeper remembers be what the log said before the event. Events come in log order; after
// a restart, or when some are delivered again, it reads the past anew.
func (b *Bookkeeper) turnTo(ctx context.Context, r domain.Recorded) error {
	if b.ready && !r.Position.Before(b.last) {
		b.last = r.Position
		return nil
	}
	known, err := b.windowsBefore(ctx, r.Position)
	if err != nil {
		return err
	}
	b.ready, b.last, b.known, b.homes = true, r.Position, known, make(map[domain.AccountID]string)
	return nil
}

// windowsBefore are the windows as of a position, all of them when it is zero.
func (b *Bookkeeper) windowsBefore(ctx context.Context, before domain.Position) (known window.Set, err error) {
	err = b.eachBefore(ctx, before, window.Types, func(event domain.Event) {
		known = known.With(event.(window.Event))
	})
	return known, err
}

// accountsBefore are the accounts opened before a position, by id: the order in which a window settles them.
func (b *Bookkeeper) accountsBefore(ctx context.Context, before domain.Position) (ids []domain.AccountID, err error) {
	opened := domain.Types{domain.TypeOf[account.AccountOpened]()}
	err = b.eachBefore(ctx, before, opened, func(event domain.Event) {
		ids = append(ids, event.(account.AccountOpened).Account)
	})
	slices.SortFunc(ids, func(a, b domain.AccountID) int { return bytes.Compare(a.UUID[:], b.UUID[:]) })
	return ids, err
}

func (b *Bookkeeper) eachBefore(
	ctx context.Context, before domain.Position, types domain.Types, take func(domain.Event),
) error {
	var filter domain.Filter
	for _, t := range types {
		filter.Types = append(filter.Types, t.Name)
	}
	for entry, err := range b.Log.ReadAll(ctx, domain.Position{}, filter) {
		if err != nil {
			return err
		}
		if !before.IsZero() && !entry.Position.Before(before) {
			break
		}
		recorded, err := b.Engine.Codec().Decode(entry)
		if err != nil {
			return err
		}
		take(recorded.Event)
	}
	return nil
}

// home is the account's zone as of a position. Changes pass by as events, so it is read once.
func (b *Bookkeeper) home(ctx context.Context, id domain.AccountID, at domain.Position) (string, error) {
	if zone, ok := b.homes[id]; ok {
		return zone, nil
	}
	var state account.State
	for recorded, err := range b.Engine.History(ctx, account.Stream(id)) {
		if err != nil {
			return "", err
		}
		if at.Before(recorded.Position) {
			break
		}
		state = account.Evolve(state, recorded.Event.(account.Event))
	}
	b.homes[id] = state.Zone
	return state.Zone, nil
}

func (b *Bookkeeper) books(ctx context.Context, id domain.AccountID) (credit.State, error) {
	books, _, err := commands.Load(ctx, b.Engine, credit.Decider, domain.StreamOf(credit.Category, id.String()))
	return books, err
}

// ExpireGrants ends the lots of an account that have expired. Each ends once, however often it is called.
func (b *Bookkeeper) ExpireGrants(ctx context.Context, id domain.AccountID) error {
	books, err := b.books(ctx, id)
	if err != nil {
		return err
	}
	why := credit.Because{Account: id.String(), RecordedAt: b.Engine.Now()}
	origin := commands.ForAccount(id, domain.Actor{ID: "expiring", Channel: "policy"})
	for _, command := range charging.OnTime(why, books) {
		if expire, ok := command.(credit.ExpireGrant); ok { // each is a fact of its own, with an id of its own
			expire.Cause = domain.DeriveUUID("expiry", id, expire.Grant).String()
			command = expire
		}
		if _, err := b.Engine.Do(ctx, origin, command); err != nil {
			return err
		}
	}
	return nil
}
