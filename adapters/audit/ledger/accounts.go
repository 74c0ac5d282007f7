package ledger

import (
	"cmp"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
)

func (r *replay) open(f Fact) error {
	if _, twice := r.accounts[f.Account]; twice {
		return nil
	}
	if _, err := domain.ParseZone(f.HomeZone); err != nil {
		return err
	}
	r.accounts[f.Account] = &accountBooks{
		id: f.Account, home: f.HomeZone, statements: credit.Statements{Account: f.Account},
	}
	r.opened = append(r.opened, f.Account)
	if r.closing != nil { // a month that is closed for all accounts is closed for later ones too
		return r.closeOne(*r.closing, f.Account)
	}
	return nil
}

// changeZone takes an account's new zone, which applies to messages queued from now on.
func (r *replay) changeZone(f Fact) error {
	b, known := r.accounts[f.Account]
	if !known {
		return errUnknownAccount
	}
	if _, err := domain.ParseZone(f.HomeZone); err != nil {
		return err
	}
	b.home = f.HomeZone
	return nil
}

func (r *replay) close(f Fact) error {
	if f.Account != "" {
		return r.closeOne(f, f.Account)
	}
	for _, account := range r.opened {
		if err := r.closeOne(f, account); err != nil {
			return err
		}
	}
	if r.closing == nil || r.closing.Period < f.Period {
		r.closing = &f
	}
	return nil
}

func (r *replay) closeOne(f Fact, account string) error {
	b, ok := r.accounts[account]
	if !ok {
		return errUnknownAccount
	}
	return r.do(credit.ClosePeriod{
		Because: because(f, account), Period: f.Period, Zone: cmp.Or(f.Zone, b.home),
	})
}
