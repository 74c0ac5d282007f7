package messaging_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
)

// before is what was sent before the server started.
type before struct {
	times []time.Time
	spent int64
}

func (b before) SentTo(context.Context, string, time.Time, int) ([]time.Time, error) {
	return b.times, nil
}

func (b before) Spent(context.Context, domain.AccountID, time.Time) (int64, error) {
	return b.spent, nil
}

func TestNumberGetsThreeTextsAnHour(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Dispatch.Limits = &messaging.NumberLimits{Traffic: before{}}
	var reasons []string
	for n := range 4 {
		id := w.Remind(w.Book(fmt.Sprint(n), commandstest.Tuesday))
		w.Settle()
		reasons = append(reasons, w.Message(id).Reason)
	}
	if want := fmt.Sprint([]string{"", "", "", "number_limit"}); fmt.Sprint(reasons) != want {
		t.Fatalf("the texts ended with %v, want %v", reasons, want)
	}
	if len(w.Alpha.Sent) != 3 || len(w.Mails) != 1 {
		t.Errorf("%d texts and %d emails were sent, want 3 and 1", len(w.Alpha.Sent), len(w.Mails))
	}
}

func TestTextsOfBeforeTheStartCount(t *testing.T) {
	now := commandstest.Monday
	var day []time.Time
	for n := range 10 {
		day = append(day, now.Add(-time.Duration(2*n+1)*time.Hour))
	}
	for _, c := range []struct {
		name   string
		before before
		limits account.TextLimits
		reason string
	}{
		{"nothing", before{}, account.TextLimits{}, ""},
		{"ten in a day", before{times: day}, account.TextLimits{}, "number_limit"},
		{"nine in a day", before{times: day[1:]}, account.TextLimits{}, ""},
		{"a cost below the cap", before{spent: 1_000_000}, account.TextLimits{PerDayMicro: 2_000_000}, ""},
		{"a cost at the cap", before{spent: 2_000_000}, account.TextLimits{PerDayMicro: 2_000_000}, "daily_limit"},
		{"another country", before{}, account.TextLimits{Countries: []string{"AR"}}, "country_not_allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			w.Dispatch.Limits = &messaging.NumberLimits{Traffic: c.before}
			w.Do(account.SetTextLimits{Account: w.Account, Limits: c.limits})
			id := w.Remind(w.Book("a", commandstest.Tuesday))
			w.Settle()
			if got := w.Message(id).Reason; got != c.reason {
				t.Errorf("the text ended with %q, want %q", got, c.reason)
			}
			if sent := len(w.Alpha.Sent) == 1; sent != (c.reason == "") {
				t.Errorf("%d texts were sent", len(w.Alpha.Sent))
			}
		})
	}
}
