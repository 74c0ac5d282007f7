package alerts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/alerting"
)

// foresight is how far ahead the texts are due whose cost an account is warned of.
const foresight = 3 * 24 * time.Hour

// Credits returns what the texts that are due will probably cost, a segment each.
type Credits interface {
	// Costs returns the sum of those due until a time, in micro-credits, by account.
	Costs(ctx context.Context, until time.Time) (map[domain.AccountID]int64, error)
	// Texts returns those of an account that are due until a time, the first due first.
	Texts(ctx context.Context, account domain.AccountID, until time.Time) ([]alerting.Text, error)
}

// WarnOfCredits records for each account whose credits run out that its owner is to be warned. Once recorded, it is
// not recorded again until credits are added.
func (a *Alerts) WarnOfCredits(ctx context.Context, accounts []domain.AccountID) error {
	now := a.Engine.Now()
	costs, err := a.Credits.Costs(ctx, now.Add(foresight))
	if err != nil {
		return err
	}
	var failures []error
	for _, id := range accounts {
		if err := a.warn(ctx, id, costs[id]); err != nil {
			failures = append(failures, fmt.Errorf("credits of account %s: %w", id, err))
		}
	}
	return errors.Join(failures...)
}

func (a *Alerts) warn(ctx context.Context, id domain.AccountID, cost int64) error {
	owner, _, ok, err := a.owner(ctx, id)
	below := cmp.Or(owner.Alerts.CreditsBelow, cost)
	if err != nil || !ok || !owner.Alerts.On || owner.Alerts.CreditsOff || below <= 0 {
		return err
	}
	origin := commands.ForAccount(id, domain.Actor{ID: "alerts", Channel: "policy"})
	why := credit.Because{Account: id.String(), RecordedAt: a.Engine.Now()}
	_, err = a.Engine.Do(ctx, origin, credit.Warn{Because: why, Below: below})
	return err
}

// tellCredits queues the alert of a low balance to the owner.
func (a *Alerts) tellCredits(
	ctx context.Context, origin commands.Origin, r domain.Recorded, e credit.LowBalanceWarned,
) error {
	id, err := domain.ParseID[domain.AccountID](e.Account)
	if err != nil {
		return err
	}
	owner, to, ok, err := a.owner(ctx, id)
	if err != nil || !ok || owner.Email.Reveal() == "" {
		return err
	}
	key := domain.DeriveID[domain.MessageID]("alert", string(message.AboutCredits), r.ID)
	return a.queueAs(ctx, origin, key, notice{
		Alert:   message.Alert{About: message.AboutCredits, Round: 1, Last: true},
		account: id, to: owner.Email, title: alerting.CreditsTitle(to.Locale, e.Available),
		usefulUntil: a.Engine.Now().Add(foresight),
	})
}

func (a *Alerts) creditsLetter(
	ctx context.Context, state message.State, to alerting.Reader,
) (alerting.Letter, error) {
	now := a.Engine.Now()
	books, _, err := commands.Load(ctx, a.Engine, credit.Decider, credit.StreamOf(state.Account))
	if err != nil {
		return alerting.Letter{}, err
	}
	until := now.Add(foresight)
	texts, err := a.Credits.Texts(ctx, state.Account, until)
	return alerting.AboutCredits(to, books.At(now).Available(), until, texts), err
}
