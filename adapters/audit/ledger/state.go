package ledger

import (
	"math/big"
	"strings"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	windows "github.com/clickbook/clickbook/domain/window"
)

// replay is the state of a replay. Like the running engine it asks the policies which commands follow from a fact and
// lets the credit aggregate decide them; unlike the engine it stores nothing.
type replay struct {
	terms    credit.Terms
	windows  windows.Set
	accounts map[string]*accountBooks
	opened   []string          // accounts in the order they opened
	owners   map[string]string // account of a purchase or a lot, by the transaction that made it
	messages map[string]*messageFacts
	seen     map[string]bool // event ids
	lines    []credit.Line
	sums     map[string]*big.Int // system accounts; the sum over many accounts may exceed 64 bits
	rejected []rejection
	items    []item
	after    map[string]map[string]balance // nil until the fact was seen
	closing  *Fact                         // the latest closing of all accounts
}

// accountBooks are the credits and statements of one account.
type accountBooks struct {
	id         string
	home       string // its zone
	state      credit.State
	statements credit.Statements
}

type rejection struct {
	EventID string `json:"event_id"`
	Code    string `json:"code"`
}

var (
	errUnknownAccount = domain.Refuse(domain.Unknown, "unknown_account", "no such account was opened")
	errUnknownMessage = domain.Refuse(domain.Unknown, "unknown_message", "no such message was queued")
)

func newReplay(terms credit.Terms, after []string) *replay {
	r := &replay{
		terms: terms, accounts: make(map[string]*accountBooks), owners: make(map[string]string),
		messages: make(map[string]*messageFacts), seen: make(map[string]bool), sums: make(map[string]*big.Int),
		rejected: []rejection{}, items: []item{}, after: make(map[string]map[string]balance),
	}
	for _, id := range after {
		r.after[id] = nil
	}
	return r
}

// take applies the next fact and records a refusal. It ignores an event id that it has seen before.
func (r *replay) take(fact Fact) error {
	if r.seen[fact.EventID] {
		return nil
	}
	r.seen[fact.EventID] = true
	if err := r.apply(fact); err != nil {
		refusal, ok := domain.AsRefusal(err)
		if !ok {
			return err
		}
		r.rejected = append(r.rejected, rejection{fact.EventID, refusal.Code})
	}
	if _, wanted := r.after[fact.EventID]; wanted {
		r.after[fact.EventID] = r.balances()
	}
	return nil
}

func (r *replay) apply(f Fact) error {
	switch f.Type {
	case "AccountOpened":
		return r.open(f)
	case "AccountSettingsChanged":
		return r.changeZone(f)
	case "CreditsPurchased":
		if owner, known := r.owners[credit.Tx("purchase", f.Purchase, 0)]; known && owner != f.Account {
			return credit.ErrPurchaseIDReused
		}
		return r.do(credit.Purchase{Because: because(f, f.Account), Purchase: f.Purchase, Amount: int64(*f.Amount)})
	case "CreditsGranted":
		if owner, known := r.owners[credit.Tx("grant", f.Grant, 0)]; known && owner != f.Account {
			return credit.ErrGrantIDReused
		}
		return r.do(credit.Grant{
			Because: because(f, f.Account), Grant: f.Grant, Amount: int64(*f.Amount), ExpiresAt: f.ExpiresAt.Time,
		})
	case "GrantExpired":
		account, granted := r.owners[credit.Tx("grant", f.Grant, 0)]
		if !granted {
			return credit.ErrUnknownGrant
		}
		return r.do(credit.ExpireGrant{Because: because(f, account), Grant: f.Grant})
	case "ReminderQueued":
		return r.queue(f)
	case "SmsSent", "SmsFailed", "DeliveryReported":
		return r.message(f)
	case "ManualRefundIssued":
		return r.refund(f)
	case "PeriodClosed":
		return r.close(f)
	}
	return r.window(f)
}

func because(f Fact, account string) credit.Because {
	return credit.Because{Account: account, Cause: f.EventID, RecordedAt: f.RecordedAt.Time}
}

// do decides a command on its account's credits and posts the lines of the events.
func (r *replay) do(command credit.Command) error {
	b, ok := r.accounts[command.Stream().Key()]
	if !ok {
		return errUnknownAccount
	}
	events, err := credit.Decide(b.state, command)
	if err != nil {
		return err
	}
	for _, event := range events {
		b.state = credit.Evolve(b.state, event)
		if closed, ok := event.(credit.PeriodClosed); ok {
			if err := b.statements.Close(closed.Period, closed.Zone); err != nil {
				return err
			}
		}
		for _, line := range credit.Lines(event) {
			r.post(b, line)
		}
	}
	return nil
}

func (r *replay) post(b *accountBooks, line credit.Line) {
	r.lines = append(r.lines, line)
	b.statements.Post(line)
	if line.Kind == "purchase" {
		r.owners[line.Tx] = b.id
	}
	if line.Lot != "" {
		r.owners[credit.Tx("grant", line.Lot, 0)] = b.id
	}
	r.addToSystem(line.From, -line.Amount)
	r.addToSystem(line.To, line.Amount)
}

// addToSystem adds an amount to the sum of a system account; it ignores the pockets of customers.
func (r *replay) addToSystem(pocket string, amount int64) {
	if !strings.HasPrefix(pocket, "sys:") {
		return
	}
	sum, ok := r.sums[pocket]
	if !ok {
		sum = new(big.Int)
		r.sums[pocket] = sum
	}
	sum.Add(sum, big.NewInt(amount))
}
