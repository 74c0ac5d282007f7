// Package books moves credits after what happens to messages: it holds, charges, releases and refunds them.
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

// Credits charges the texts of every account and refunds them after receipts and refund windows. Its handlers need
// their events in log order, one at a time: what is owed for a text depends on the windows and settings known when it
// was sent. So it keeps in memory only what the log says before the event at hand.
type Credits struct {
	Engine *commands.Engine
	Log    domain.LogReader
	Terms  credit.Terms

	ready   bool
	last    domain.Position             // of the newest event seen
	windows window.Set                  // as of that event
	zones   map[domain.AccountID]string // of the accounts seen, as of that event
}

// Handlers returns the handlers that charge and refund.
func (c *Credits) Handlers() []commands.Handler {
	return []commands.Handler{
		{Name: "charging", React: c.charge, Types: domain.NamesOf(
			message.ReminderQueued{}, message.NoticeQueued{}, message.MessageSuppressed{}, message.SmsSent{},
			message.SmsFailed{}, account.AccountOpened{}, account.AccountSettingsChanged{},
		)},
		{Name: "refunding", React: c.refund, Types: domain.NamesOf(
			message.SmsSent{}, message.DeliveryReported{},
			window.RefundWindowDeclared{}, window.RefundWindowAmended{}, window.RefundWindowRevoked{},
		)},
	}
}

func (c *Credits) charge(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
	if err := c.prepare(ctx, r); err != nil {
		return err
	}
	var of domain.AccountID
	switch e := r.Event.(type) {
	case account.AccountOpened: // moves no credits; windows of later texts need the zone
		c.zones[e.Account] = e.Zone
		return nil
	case account.AccountSettingsChanged:
		c.zones[e.Account] = e.Zone
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
	default:
		return domain.Unexpected(r)
	}
	zone, err := c.zone(ctx, of, r.Position)
	if err != nil {
		return err
	}
	state, err := c.credits(ctx, of)
	if err != nil {
		return err
	}
	command, ok := charging.React(c.windows, c.Terms, state, zone, r)
	if !ok {
		return nil
	}
	_, err = c.Engine.Do(ctx, origin, command)
	return err
}

func (c *Credits) refund(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
	if err := c.prepare(ctx, r); err != nil {
		return err
	}
	switch e := r.Event.(type) {
	case message.SmsSent: // a receipt may come before the acceptance
		return c.refundUndelivered(ctx, origin, r, e.Account, e.Message)
	case message.DeliveryReported:
		if !c.Terms.RefundsOn(e.State) {
			return nil
		}
		return c.refundUndelivered(ctx, origin, r, e.Account, e.Message)
	case window.RefundWindowDeclared:
		return c.refundWindow(ctx, origin, r, e)
	case window.RefundWindowAmended:
		return c.refundWindow(ctx, origin, r, e)
	case window.RefundWindowRevoked:
		return c.refundWindow(ctx, origin, r, e)
	default:
		return domain.Unexpected(r)
	}
}

// refundUndelivered refunds a text if this event completes the proof that it was not delivered.
func (c *Credits) refundUndelivered(
	ctx context.Context, origin commands.Origin, r domain.Recorded, of domain.AccountID, id domain.MessageID,
) error {
	var facts refunding.Facts
	for recorded, err := range c.Engine.History(ctx, r.Stream) {
		if err != nil {
			return err
		}
		if r.Position.Before(recorded.Position) {
			break
		}
		facts = facts.With(recorded.Event)
	}
	command, ok := refunding.OnAttempt(c.Terms, charging.Because(of, r), id.String(), facts)
	if !ok {
		return nil
	}
	_, err := c.Engine.Do(ctx, origin, command)
	return err
}

// refundWindow applies what the event of a window changes, one account at a time. After a crash it runs again, and
// messages that are refunded already need no command.
func (c *Credits) refundWindow(
	ctx context.Context, origin commands.Origin, r domain.Recorded, e window.Event,
) error {
	change := refunding.After(c.windows, e)
	accounts, err := c.accountsBefore(ctx, r.Position)
	if err != nil {
		return err
	}
	for _, of := range accounts {
		state, err := c.credits(ctx, of)
		if err != nil {
			return err
		}
		for _, command := range refunding.OnWindow(change, c.Terms, charging.Because(of, r), state) {
			if _, err := c.Engine.Do(ctx, origin.Within(of), command); err != nil {
				return fmt.Errorf("window %s, account %s: %w", e.ID(), of, err)
			}
		}
	}
	c.windows = change.After
	return nil
}

// Preview returns what declaring, amending or revoking a window would move. It runs the same code as the handler.
func (c *Credits) Preview(ctx context.Context, event window.Event) (window.Totals, error) {
	head, err := c.Log.Head(ctx)
	if err != nil {
		return window.Totals{}, err
	}
	windows, err := c.windowsBefore(ctx, domain.Position{})
	if err != nil {
		return window.Totals{}, err
	}
	accounts, err := c.accountsBefore(ctx, domain.Position{})
	if err != nil {
		return window.Totals{}, err
	}
	change := refunding.After(windows, event)
	var totals window.Totals
	for _, of := range accounts {
		state, err := c.credits(ctx, of)
		if err != nil {
			return window.Totals{}, err
		}
		why := credit.Because{Account: of.String(), Cause: "preview " + head.String(), RecordedAt: c.Engine.Now()}
		totals = totals.Plus(refunding.Preview(change, c.Terms, why, state))
	}
	return totals, nil
}

// prepare makes windows and zones what the log says before the event. Events come in log order, so usually they are.
// After a restart, or when an earlier event is delivered again, prepare reads the log.
func (c *Credits) prepare(ctx context.Context, r domain.Recorded) error {
	if c.ready && !r.Position.Before(c.last) {
		c.last = r.Position
		return nil
	}
	windows, err := c.windowsBefore(ctx, r.Position)
	if err != nil {
		return err
	}
	c.ready, c.last, c.windows, c.zones = true, r.Position, windows, make(map[domain.AccountID]string)
	return nil
}

// windowsBefore returns the windows declared before a position, all of them if it is zero.
func (c *Credits) windowsBefore(ctx context.Context, before domain.Position) (windows window.Set, err error) {
	err = c.eachBefore(ctx, before, window.Category, window.Types, func(event domain.Event) {
		windows = windows.With(event.(window.Event))
	})
	return windows, err
}

// accountsBefore returns the accounts opened before a position, sorted by id: a window refunds them in that order.
func (c *Credits) accountsBefore(ctx context.Context, before domain.Position) (ids []domain.AccountID, err error) {
	opened := domain.Types{domain.TypeOf[account.AccountOpened]()}
	err = c.eachBefore(ctx, before, account.Decider.Category, opened, func(event domain.Event) {
		ids = append(ids, event.(account.AccountOpened).Account)
	})
	slices.SortFunc(ids, func(a, b domain.AccountID) int { return bytes.Compare(a.UUID[:], b.UUID[:]) })
	return ids, err
}

// eachBefore calls take with every event of the types before a position, all of them if it is zero. The types belong to
// streams of a category, and a store finds the streams of one that has few faster than its events in the whole log.
func (c *Credits) eachBefore(
	ctx context.Context, before domain.Position, category string, types domain.Types, take func(domain.Event),
) error {
	filter := domain.Filter{Prefixes: []string{category + "-"}}
	for _, t := range types {
		filter.Types = append(filter.Types, t.Name)
	}
	for entry, err := range c.Log.ReadAll(ctx, domain.Position{}, filter) {
		if err != nil {
			return err
		}
		if !before.IsZero() && !entry.Position.Before(before) {
			break
		}
		recorded, err := c.Engine.Codec().Decode(entry)
		if err != nil {
			return err
		}
		take(recorded.Event)
	}
	return nil
}

// zone returns the account's zone as of a position. It reads the log once for each account: charge handles the events
// that change the zone later.
func (c *Credits) zone(ctx context.Context, id domain.AccountID, at domain.Position) (string, error) {
	if zone, ok := c.zones[id]; ok {
		return zone, nil
	}
	var state account.State
	for recorded, err := range c.Engine.History(ctx, account.Stream(id)) {
		if err != nil {
			return "", err
		}
		if at.Before(recorded.Position) {
			break
		}
		state = account.Evolve(state, recorded.Event.(account.Event))
	}
	c.zones[id] = state.Zone
	return state.Zone, nil
}

func (c *Credits) credits(ctx context.Context, id domain.AccountID) (credit.State, error) {
	state, _, err := commands.Load(ctx, c.Engine, credit.Decider, credit.StreamOf(id))
	return state, err
}

// ExpireGrants ends the granted lots of an account that have expired. Each ends once, however often it is called.
func (c *Credits) ExpireGrants(ctx context.Context, id domain.AccountID) error {
	state, err := c.credits(ctx, id)
	if err != nil {
		return err
	}
	why := credit.Because{Account: id.String(), RecordedAt: c.Engine.Now()}
	origin := commands.ForAccount(id, domain.Actor{ID: "expiring", Channel: "policy"})
	for _, command := range charging.OnTime(why, state) {
		if expire, ok := command.(credit.ExpireGrant); ok { // each grant expires once, so each has its own cause
			expire.Cause = domain.DeriveUUID("expiry", id, expire.Grant).String()
			command = expire
		}
		if _, err := c.Engine.Do(ctx, origin, command); err != nil {
			return err
		}
	}
	return nil
}
