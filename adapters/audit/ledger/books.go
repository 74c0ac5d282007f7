package ledger

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/policy/refunding"
)

// books are the result of a replay.
type books struct {
	Accounts   map[string]balance            `json:"accounts"`
	System     map[string]*big.Int           `json:"system"`
	Messages   map[string]charged            `json:"messages"`
	Lines      []line                        `json:"lines"`
	Bounds     []resolvedBounds              `json:"final_window_bounds_utc"`
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

type resolvedBounds struct {
	Window  string  `json:"window"`
	Account string  `json:"account,omitempty"` // set when the bounds depend on the account's zone
	Start   Instant `json:"start"`
	End     Instant `json:"end"`
}

// books returns the result of the replay. An event id of ReplayOptions.After that no fact had is an error.
func (r *replay) books(views []view) (books, error) {
	result := books{
		Accounts: r.balances(), System: r.sums, Messages: make(map[string]charged), Lines: make([]line, 0, len(r.lines)),
		Bounds: r.windowBounds(), After: r.after, AsOf: []map[string]json.RawMessage{}, Statements: []credit.Statement{},
		Rejected: r.rejected, Items: r.items,
	}
	for id, accounts := range r.after {
		if accounts == nil {
			return books{}, fmt.Errorf("after: there is no fact %s; name event ids of the facts", id)
		}
	}
	for _, id := range slices.Sorted(slices.Values(r.opened)) {
		b := r.accounts[id]
		result.Statements = append(result.Statements, b.statements.All()...)
		for _, c := range b.state.Charges() {
			result.Messages[c.Message] = charged{
				c.Stage.String(), c.Price, c.Charged, c.Refunded, c.Charged - c.Refunded,
				refunding.Supports(r.windows, id, c),
			}
		}
	}
	for i, posted := range r.lines {
		result.Lines = append(result.Lines, line{
			i + 1, posted.Cause, posted.Kind, posted.Tx, posted.From, posted.To, posted.Amount,
			Instant{posted.EffectiveAt},
			Instant{posted.RecordedAt},
			posted.Account, posted.Message, posted.Reason,
			Instant{posted.LotExpiresAt},
			posted.Lot,
		})
	}
	for _, v := range views {
		owned, err := json.Marshal(r.ownedAt(v))
		if err != nil {
			return books{}, fmt.Errorf("as-of: %w", err)
		}
		v.fields["owned"] = owned
		result.AsOf = append(result.AsOf, v.fields)
	}
	return result, nil
}

func (r *replay) balances() map[string]balance {
	balances := make(map[string]balance, len(r.accounts))
	for id, b := range r.accounts {
		s := b.state
		balances[id] = balance{s.Paid(), s.Granted(), s.Held(), s.Owned()}
	}
	return balances
}

// ownedAt sums the lines on the account's own pockets that were effective and recorded before the view's instants.
func (r *replay) ownedAt(v view) *big.Int {
	owned := new(big.Int)
	for _, line := range r.lines {
		if line.Account != v.account || !line.EffectiveAt.Before(v.validBefore.Time) ||
			!line.RecordedAt.Before(v.knownBefore.Time) {
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
