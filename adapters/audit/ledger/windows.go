package ledger

import (
	"fmt"
	"slices"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/policy/refunding"
	windows "github.com/clickbook/clickbook/domain/window"
)

// window changes a refund window and adjusts the charges of every account that it affects.
func (r *replay) window(f Fact) error {
	before := r.windows.Window(f.Window)
	command, err := windowCommand(before, f)
	if err != nil {
		return err
	}
	events, err := windows.Decide(before, command)
	switch {
	case before.Revoked && f.Type == "RefundWindowRevoked":
		return nil // a second revocation changes nothing: among facts it is a repetition, not a request
	case err != nil:
		return err
	}
	for _, event := range events {
		change := refunding.After(r.windows, event)
		r.windows = change.After
		for _, account := range slices.Sorted(slices.Values(r.opened)) {
			commands := refunding.OnWindow(change, r.terms, because(f, account), r.accounts[account].state)
			for _, command := range commands {
				if err := r.do(command); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func windowCommand(before windows.State, f Fact) (windows.Command, error) {
	var terms windows.Terms
	if f.Type == "RefundWindowAmended" { // an amendment keeps what it does not mention
		terms = before.Terms
	}
	if f.Scope != nil {
		terms.Scope = *f.Scope
	}
	if f.Bounds != nil {
		terms.Bounds = f.Bounds.bounds()
	}
	switch f.Type {
	case "RefundWindowDeclared":
		return windows.Declare{Window: f.Window, Terms: terms}, nil
	case "RefundWindowAmended":
		return windows.Amend{Window: f.Window, Terms: terms, Clawback: f.Clawback}, nil
	case "RefundWindowRevoked":
		return windows.Revoke{Window: f.Window, Clawback: f.Clawback}, nil
	}
	return nil, fmt.Errorf("%q is not a type of fact", f.Type)
}

// windowBounds resolves the bounds of every window that was not revoked.
func (r *replay) windowBounds() []resolvedBounds {
	resolved := []resolvedBounds{}
	for _, w := range r.windows.All() {
		if w.Revoked {
			continue
		}
		if w.Bounds.ZoneMode != windows.AccountHome {
			resolved = append(resolved, resolve(w, "", ""))
			continue
		}
		for _, id := range r.opened {
			if len(w.Scope.Accounts) == 0 || slices.Contains(w.Scope.Accounts, id) {
				resolved = append(resolved, resolve(w, id, r.accounts[id].home))
			}
		}
	}
	return resolved
}

func resolve(w windows.State, account, home string) resolvedBounds {
	interval, err := w.Bounds.Interval(home)
	if err != nil { // cannot happen: the bounds and the zone were checked when they were taken
		interval = domain.Interval{}
	}
	return resolvedBounds{w.Window, account, Instant{interval.Start}, Instant{interval.End}}
}
