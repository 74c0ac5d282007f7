package httpapi_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
)

func TestCalendarOfThePast(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	path := acc.path + "/appointments/" + w.must(201, acc.staff, "POST", acc.path+"/appointments",
		acc.booking("2026-03-09T10:00")).text("id")
	booked := w.clock
	w.clock = w.clock.Add(time.Hour)
	w.must(200, acc.staff, "POST", path+"/move", object{"local": "2026-03-09T15:00"})
	for at, want := range map[time.Time]string{
		booked.Add(-time.Second): "", booked: "2026-03-09T10:00:00", booked.Add(59 * time.Minute): "2026-03-09T10:00:00",
		w.clock: "2026-03-09T15:00:00",
	} {
		shown := w.must(200, acc.staff, "GET", acc.path+"/calendar?from=2026-03-09&to=2026-03-10&as_of="+
			at.Format(time.RFC3339)+"&after="+w.head().String(), nil)
		got := ""
		for _, item := range shown.items() {
			got += item["local"].(string)
			if _, has := item["message"]; has {
				t.Error("a past calendar has messages")
			}
		}
		if got != want || shown.text("as_of") != at.Format(time.RFC3339) {
			t.Errorf("as of %s the calendar has %q, want %q", at, got, want)
		}
	}
	for _, of := range []string{"calendar?from=2026-03-09&to=2026-03-10&", "credits?", "credits/lines?"} {
		w.refused(422, "as_of_future", acc.owner, "GET", acc.path+"/"+of+"as_of=2026-03-10T00:00:00Z", nil)
	}
}

// TestCreditsOfThePastAreTheFoldOfTheLogUpToThen compares the balance as of each step of a random history with the
// balance that the books had then.
func TestCreditsOfThePastAreTheFoldOfTheLogUpToThen(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	id, err := domain.ParseID[domain.AccountID](acc.id)
	w.ok(err)
	type step struct {
		at                  time.Time
		paid, granted, held int64
		lines               int
	}
	var steps []step
	random, lines := rand.New(rand.NewPCG(1, 2)), 0
	for n := range 60 {
		w.clock = w.clock.Add(time.Duration(1+random.IntN(1000)) * time.Millisecond)
		because := credit.Because{Account: acc.id, Cause: fmt.Sprint("step ", n), RecordedAt: w.clock}
		message := fmt.Sprint("m", random.IntN(12))
		var cmd domain.Command
		switch random.IntN(6) {
		case 0:
			cmd = credit.Purchase{Because: because, Purchase: fmt.Sprint("p", n), Amount: 1 + random.Int64N(3_000_000)}
		case 1:
			cmd = credit.Grant{Because: because, Grant: fmt.Sprint("g", n), Amount: 1 + random.Int64N(2_000_000)}
		case 2, 3:
			cmd = credit.Hold{Because: because, Message: message, Segments: 1, UnitPrice: 700_000, Country: "DE", Home: "UTC"}
		case 4:
			cmd = credit.Accept{Because: because, Message: message, Attempt: 1, Provider: "alpha", SentAt: w.clock}
		default:
			cmd = credit.Release{Because: because, Message: message}
		}
		outcome, err := w.engine.Run(t.Context(), commands.ForAccount(id, domain.Actor{}), cmd)
		if _, refused := domain.AsRefusal(err); err != nil && !refused {
			t.Fatal(err)
		}
		for _, recorded := range outcome.Events {
			lines += max(1, len(credit.Lines(recorded.Event.(credit.Event))))
		}
		books, _, err := commands.Load(t.Context(), w.engine, credit.Decider, credit.StreamOf(id))
		w.ok(err)
		steps = append(steps, step{w.clock, books.Paid(), books.Granted(), books.Held(), lines})
	}
	w.clock = w.clock.Add(time.Hour)
	for _, step := range steps {
		query := "?as_of=" + url.QueryEscape(step.at.Format(time.RFC3339Nano)) + "&after=" + w.head().String()
		got := w.must(200, acc.billing, "GET", acc.path+"/credits"+query, nil).body
		if got["paid_micro"] != float64(step.paid) || got["granted_micro"] != float64(step.granted) ||
			got["held_micro"] != float64(step.held) {
			t.Errorf("as of %s the balance is %v, want %+v", step.at, got, step)
		}
		listed := w.must(200, acc.billing, "GET", acc.path+"/credits/lines"+query+"&limit=200", nil).items()
		if len(listed) != step.lines {
			t.Errorf("as of %s there are %d lines, want %d", step.at, len(listed), step.lines)
		}
	}
}
