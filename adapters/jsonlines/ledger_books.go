package jsonlines

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/policy/refunding"
	windows "github.com/clickbook/clickbook/domain/window"
)

// books is what a replay writes.
type books struct {
	Accounts   map[string]balance            `json:"accounts"`
	System     map[string]*big.Int           `json:"system"`
	Messages   map[string]charged            `json:"messages"`
	Lines      []line                        `json:"lines"`
	Bounds     []bounds                      `json:"final_window_bounds_utc"`
	After      map[string]map[string]balance `json:"after"`
	AsOf       []map[string]json.RawMessage  `json:"as_of"`
	Statements []credit.Statement            `json:"statements"`
	Rejected   []rejection                   `json:"rejected"`
	Items      []item                        `json:"reconciliation_items"`
}

type balance struct {
	Paid    int64 `json:"paid"`
	Granted int64 `json:"granted"`
	Held    int64 `json:"held"`
	Owned   int64 `json:"owned"`
}

type charged struct {
	State       string   `json:"state"`
	Price       int64    `json:"price"`
	Charged     int64    `json:"charged"`
	Refunded    int64    `json:"refunded"`
	Net         int64    `json:"net"`
	SupportedBy []string `json:"supported_by"`
}

type line struct {
	N            int     `json:"n"`
	Cause        string  `json:"cause"`
	Kind         string  `json:"kind"`
	Tx           string  `json:"tx"`
	From         string  `json:"from"`
	To           string  `json:"to"`
	Amount       int64   `json:"amount"`
	EffectiveAt  Instant `json:"effective_at"`
	RecordedAt   Instant `json:"recorded_at"`
	Account      string  `json:"account"`
	Message      string  `json:"message,omitempty"`
	Reason       string  `json:"reason,omitempty"`
	LotExpiresAt Instant `json:"lot_expires_at,omitzero"`
	Lot          string  `json:"lot,omitempty"`
}

type bounds struct {
	Window  string  `json:"window"`
	Account string  `json:"account,omitempty"` // where each account has its own
	Start   Instant `json:"start"`
	End     Instant `json:"end"`
}

func (l *ledger) result(asked []moment) (books, error) {
	result := books{
		Accounts: l.balances(), System: l.sums, Messages: make(map[string]charged), Lines: make([]line, 0, len(l.lines)),
		Bounds: l.bounds(), After: l.after, AsOf: []map[string]json.RawMessage{}, Statements: []credit.Statement{},
		Rejected: l.rejected, Items: l.items,
	}
	for id, accounts := range l.after {
		if accounts == nil {
			return books{}, fmt.Errorf("after: there is no fact %s; name event ids of the facts", id)
		}
	}
	for _, id := range slices.Sorted(slices.Values(l.opened)) {
		b := l.accounts[id]
		result.Statements = append(result.Statements, b.statements.All()...)
		for _, c := range b.state.Charges() {
			result.Messages[c.Message] = charged{
				c.Stage.String(), c.Price, c.Charged, c.Refunded, c.Charged - c.Refunded, refunding.Supports(l.known, id, c),
			}
		}
	}
	for i, posted := range l.lines {
		result.Lines = append(result.Lines, line{
			i + 1, posted.Cause, posted.Kind, posted.Tx, posted.From, posted.To, posted.Amount,
			Instant{posted.EffectiveAt},
			Instant{posted.RecordedAt},
			posted.Account, posted.Message, posted.Reason,
			Instant{posted.LotExpiresAt},
			posted.Lot,
		})
	}
	for _, m := range asked {
		owned, err := json.Marshal(l.ownedAt(m))
		if err != nil {
			return books{}, fmt.Errorf("as-of: %w", err)
		}
		m.asked["owned"] = owned
		result.AsOf = append(result.AsOf, m.asked)
	}
	return result, nil
}

func (l *ledger) balances() map[string]balance {
	balances := make(map[string]balance, len(l.accounts))
	for id, b := range l.accounts {
		s := b.state
		balances[id] = balance{s.Paid(), s.Granted(), s.Held(), s.Owned()}
	}
	return balances
}

// ownedAt sums the lines on an account's own pockets that were true before one instant and known before another.
func (l *ledger) ownedAt(m moment) *big.Int {
	owned := new(big.Int)
	for _, line := range l.lines {
		if line.Account != m.account || !line.EffectiveAt.Before(m.validBefore.Time) ||
			!line.RecordedAt.Before(m.knownBefore.Time) {
			continue
		}
		if strings.HasPrefix(line.From, "acct:") {
			owned.Sub(owned, big.NewInt(line.Amount))
		}
		if strings.HasPrefix(line.To, "acct:") {
			owned.Add(owned, big.NewInt(line.Amount))
		}
	}
	return owned
}

// bounds are those of the windows that still stand, resolved.
func (l *ledger) bounds() []bounds {
	resolved := []bounds{}
	for _, w := range l.known.All() {
		if w.Revoked {
			continue
		}
		if w.Bounds.ZoneMode != windows.AccountHome {
			resolved = append(resolved, stretch(w, "", ""))
			continue
		}
		for _, id := range l.opened {
			if len(w.Scope.Accounts) == 0 || slices.Contains(w.Scope.Accounts, id) {
				resolved = append(resolved, stretch(w, id, l.accounts[id].home))
			}
		}
	}
	return resolved
}

func stretch(w windows.State, account, home string) bounds {
	interval, err := w.Bounds.Interval(home)
	if err != nil { // declared bounds and opened accounts have been checked
		interval = domain.Interval{}
	}
	return bounds{w.Window, account, Instant{interval.Start}, Instant{interval.End}}
}
