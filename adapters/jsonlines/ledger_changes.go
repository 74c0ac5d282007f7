package jsonlines

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/policy/refunding"
	windows "github.com/clickbook/clickbook/domain/window"
)

func (l *ledger) open(f Fact) error {
	if _, twice := l.accounts[f.Account]; twice {
		return nil
	}
	if _, err := domain.ParseZone(f.HomeZone); err != nil {
		return err
	}
	l.accounts[f.Account] = &book{
		id: f.Account, home: f.HomeZone, statements: credit.Statements{Account: f.Account},
	}
	l.opened = append(l.opened, f.Account)
	if l.closing != nil { // a month that was closed for all is closed for who comes later
		return l.closeOne(*l.closing, f.Account)
	}
	return nil
}

// settle takes an account's new zone, which counts for what is queued from now on.
func (l *ledger) settle(f Fact) error {
	b, known := l.accounts[f.Account]
	if !known {
		return errUnknownAccount
	}
	if _, err := domain.ParseZone(f.HomeZone); err != nil {
		return err
	}
	b.home = f.HomeZone
	return nil
}

func (l *ledger) close(f Fact) error {
	if f.Account != "" {
		return l.closeOne(f, f.Account)
	}
	for _, account := range l.opened {
		if err := l.closeOne(f, account); err != nil {
			return err
		}
	}
	if l.closing == nil || l.closing.Period < f.Period {
		l.closing = &f
	}
	return nil
}

func (l *ledger) closeOne(f Fact, account string) error {
	b, ok := l.accounts[account]
	if !ok {
		return errUnknownAccount
	}
	return l.do(credit.ClosePeriod{
		Because: because(f, account), Period: f.Period, Zone: cmp.Or(f.Zone, b.home),
	})
}

func (l *ledger) window(f Fact) error {
	now := l.known.Window(f.Window)
	var terms windows.Terms
	if f.Type == "RefundWindowAmended" { // what an amendment does not mention stays
		terms = now.Terms
	}
	if f.Scope != nil {
		terms.Scope = *f.Scope
	}
	if f.Bounds != nil {
		terms.Bounds = f.Bounds.bounds()
	}
	var command windows.Command
	switch f.Type {
	case "RefundWindowDeclared":
		command = windows.Declare{Window: f.Window, Terms: terms}
	case "RefundWindowAmended":
		command = windows.Amend{Window: f.Window, Terms: terms, Clawback: f.Clawback}
	case "RefundWindowRevoked":
		command = windows.Revoke{Window: f.Window, Clawback: f.Clawback}
	default:
		return fmt.Errorf("%q is not a type of fact", f.Type)
	}
	events, err := windows.Decide(now, command)
	if err != nil {
		return err
	}
	for _, event := range events {
		change := refunding.After(l.known, event)
		l.known = change.After
		for _, account := range slices.Sorted(slices.Values(l.opened)) {
			asks := refunding.OnWindow(change, l.terms, because(f, account), l.accounts[account].state)
			for _, ask := range asks {
				if err := l.do(ask); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
