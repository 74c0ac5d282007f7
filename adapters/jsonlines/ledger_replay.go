package jsonlines

import (
	"math/big"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/policy/charging"
	"github.com/clickbook/clickbook/domain/policy/refunding"
	windows "github.com/clickbook/clickbook/domain/window"
)

// ledger is a replay under way. It asks the policies what follows from each fact and lets the books decide, as the
// running engine does; only the store is missing.
type ledger struct {
	terms    credit.Terms
	known    windows.Set
	accounts map[string]*book
	opened   []string          // accounts in the order they opened
	owners   map[string]string // account of a purchase or a lot, by the transaction that made it
	texts    map[string]*text
	seen     map[string]bool // event ids
	lines    []credit.Line
	sums     map[string]*big.Int // system accounts; many accounts together may exceed 64 bits
	rejected []rejection
	items    []item
	after    map[string]map[string]balance
	closing  *Fact // the last closing of all accounts
}

type book struct {
	id         string
	home       string
	state      credit.State
	statements credit.Statements
}

// text is what the facts say of a message beside the books.
type text struct {
	account  string
	segments Whole
	facts    refunding.Facts
	accepted []acceptance
	failed   bool // accepted although it had finally failed
}

type acceptance struct {
	attempt  Whole
	provider string
}

type rejection struct {
	EventID string `json:"event_id"`
	Code    string `json:"code"`
}

var (
	errUnknownAccount = domain.Refuse(domain.Unknown, "unknown_account", "no such account was opened")
	errUnknownMessage = domain.Refuse(domain.Unknown, "unknown_message", "no such message was queued")
)

func newLedger(terms credit.Terms, after []string) *ledger {
	l := &ledger{
		terms: terms, accounts: make(map[string]*book), owners: make(map[string]string), texts: make(map[string]*text),
		seen: make(map[string]bool), sums: make(map[string]*big.Int), rejected: []rejection{}, items: []item{},
		after: make(map[string]map[string]balance),
	}
	for _, id := range after {
		l.after[id] = nil
	}
	return l
}

// follow takes the next fact of the log. The same event id again is ignored; a refusal is noted.
func (l *ledger) follow(fact Fact) error {
	if l.seen[fact.EventID] {
		return nil
	}
	l.seen[fact.EventID] = true
	if err := l.apply(fact); err != nil {
		refusal, ok := domain.AsRefusal(err)
		if !ok {
			return err
		}
		l.rejected = append(l.rejected, rejection{fact.EventID, refusal.Code})
	}
	if _, wanted := l.after[fact.EventID]; wanted {
		l.after[fact.EventID] = l.balances()
	}
	return nil
}

func (l *ledger) apply(f Fact) error {
	switch f.Type {
	case "AccountOpened":
		return l.open(f)
	case "AccountSettingsChanged":
		return l.settle(f)
	case "CreditsPurchased":
		if owner, known := l.owners[credit.Tx("purchase", f.Purchase, 0)]; known && owner != f.Account {
			return credit.ErrPurchaseIDReused
		}
		return l.do(credit.Purchase{Because: because(f, f.Account), Purchase: f.Purchase, Amount: int64(*f.Amount)})
	case "CreditsGranted":
		if owner, known := l.owners[credit.Tx("grant", f.Grant, 0)]; known && owner != f.Account {
			return credit.ErrGrantIDReused
		}
		return l.do(credit.Grant{
			Because: because(f, f.Account), Grant: f.Grant, Amount: int64(*f.Amount), ExpiresAt: f.ExpiresAt.Time,
		})
	case "GrantExpired":
		account, given := l.owners[credit.Tx("grant", f.Grant, 0)]
		if !given {
			return credit.ErrUnknownGrant
		}
		return l.do(credit.ExpireGrant{Because: because(f, account), Grant: f.Grant})
	case "ReminderQueued":
		return l.queue(f)
	case "SmsSent", "SmsFailed", "DeliveryReported":
		return l.carry(f)
	case "ManualRefundIssued":
		return l.refund(f)
	case "PeriodClosed":
		return l.close(f)
	}
	return l.window(f)
}

func because(f Fact, account string) credit.Because {
	return credit.Because{Account: account, Cause: f.EventID, RecordedAt: f.RecordedAt.Time}
}

// do lets an account's books decide and posts what follows.
func (l *ledger) do(command credit.Command) error {
	b, ok := l.accounts[command.Stream().Key()]
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
			l.post(b, line)
		}
	}
	return nil
}

func (l *ledger) post(b *book, line credit.Line) {
	l.lines = append(l.lines, line)
	b.statements.Post(line)
	if line.Kind == "purchase" {
		l.owners[line.Tx] = b.id
	}
	if line.Lot != "" {
		l.owners[credit.Tx("grant", line.Lot, 0)] = b.id
	}
	l.add(line.From, -line.Amount)
	l.add(line.To, line.Amount)
}

func (l *ledger) add(account string, amount int64) {
	if len(account) < 4 || account[:4] != "sys:" {
		return
	}
	sum, ok := l.sums[account]
	if !ok {
		sum = new(big.Int)
		l.sums[account] = sum
	}
	sum.Add(sum, big.NewInt(amount))
}

func (l *ledger) queue(f Fact) error {
	b, ok := l.accounts[f.Account]
	if !ok {
		return errUnknownAccount
	}
	if _, twice := l.texts[f.Message]; twice {
		return nil
	}
	err := l.do(charging.OnQueued(l.known, because(f, f.Account), charging.Queued{
		Message: f.Message, Segments: int64(*f.Segments), UnitPrice: int64(*f.UnitPrice), Country: f.ToCountry,
		Home: b.home, PlannedFor: f.ScheduledFor.Time,
	}))
	if err == nil {
		l.texts[f.Message] = &text{account: f.Account, segments: *f.Segments}
	}
	return err
}
