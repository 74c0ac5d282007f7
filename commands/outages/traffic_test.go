package outages_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/commands/outages"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
)

// traffic is a World in which many accounts send texts to Brazil through alpha.
type traffic struct {
	*commandstest.World
	Watch     *outages.Watch
	sent      int
	due       []receipt
	unwatched bool    // no server watches the log
	polls     *polled // what alpha says of a text; nil means that it cannot tell
}

// polled is a provider that tells the state of any text.
type polled struct {
	commandstest.Provider
	state string
	asked int
}

func (p *polled) Status(context.Context, messaging.Inquiry) (messaging.Standing, error) {
	p.asked++
	return messaging.Standing{Receipt: messaging.Receipt{State: p.state}}, nil
}

type receipt struct {
	at    time.Time
	id    domain.MessageID
	of    domain.AccountID
	state string
	fault message.Fault

	network string
}

func newTraffic(t *testing.T, polls *polled) *traffic {
	t.Helper()
	w := &traffic{World: commandstest.NewWorld(t), polls: polls}
	w.Restart()
	return w
}

// Restart loses everything but the log, the keys and the checkpoints.
func (w *traffic) Restart() {
	w.World.Restart()
	w.Watch = &outages.Watch{
		Engine: w.Engine, Log: w.Log, Numbers: w.OptOuts, Providers: w.Dispatch.Providers,
	}
	if w.polls != nil {
		w.Watch.Providers = messaging.ByKind{"scripted": func(string) messaging.Provider { return w.polls }}
	}
	w.Dispatch.Cells = outages.Cells{Engine: w.Engine, Watch: w.Watch}
}

const (
	delivered = "delivered"
	silent    = ""
	rejected  = "rejected"
	unheard   = "unheard" // the provider's API does not reply
)

// send sends n texts, one each step, with the same outcome.
func (w *traffic) send(n int, step time.Duration, outcome string) {
	w.T.Helper()
	for range n {
		w.text(outcome)
		w.wait(step)
	}
}

// text sends one text of one of 17 accounts.
func (w *traffic) text(outcome string) {
	w.T.Helper()
	w.sent++
	account := accountOf(w.sent)
	id := domain.DeriveID[domain.MessageID]("text", w.sent)
	reference := messaging.ReferenceOf(id, 1)
	w.as(account, message.QueueNotice{Message: id, Kind: "confirmation", Letter: message.Letter{
		Account: account, Channel: message.SMS, Country: "BR", UnitPrice: 1, ScheduledFor: w.Now,
		To: numberOf(w.sent), Text: domain.Secret("Hello"),
		UsefulUntil: w.Now.Add(time.Hour),
	}}, message.StartAttempt{
		Message: id, Attempt: 1, Provider: "alpha", Country: "BR", Reference: reference, At: w.Now,
	})
	if outcome == unheard {
		return
	}
	if outcome == rejected {
		w.as(account, message.RejectAttempt{
			Message: id, Attempt: 1, Class: "provider", Fault: message.FaultCarrier, Final: true,
		})
		return
	}
	w.as(account, message.Accept{Message: id, Attempt: 1, ProviderID: "p" + reference, At: w.Now})
	if outcome == silent {
		return
	}
	w.due = append(w.due, receipt{at: w.Now.Add(6 * time.Second), id: id, of: account, state: outcome})
}

func accountOf(text int) domain.AccountID {
	return domain.DeriveID[domain.AccountID]("account", text%17)
}
func numberOf(text int) domain.Private { return domain.Secret(fmt.Sprintf("+55279%08d", text)) }

// wait lets time pass in the ticks of a server.
func (w *traffic) wait(d time.Duration) {
	w.T.Helper()
	for end := w.Now.Add(d); w.Now.Before(end); w.Now = w.Now.Add(5 * time.Second) {
		for len(w.due) > 0 && !w.due[0].at.After(w.Now) {
			r := w.due[0]
			w.due = w.due[1:]
			w.as(r.of, message.Report{Message: r.id, Attempt: 1, State: r.state, Fault: r.fault, Network: r.network, At: r.at})
		}
		if !w.unwatched {
			w.Ok(w.Watch.Step(w.T.Context()))
		}
	}
}

func (w *traffic) as(account domain.AccountID, cmds ...domain.Command) {
	w.T.Helper()
	for _, cmd := range cmds {
		if _, err := w.Engine.Do(w.T.Context(), commands.ForAccount(account, domain.Actor{}), cmd); err != nil {
			w.T.Fatalf("%T: %v", cmd, err)
		}
	}
}

// outages returns the events about alpha's outages.
func (w *traffic) outages() (events []outage.Event) {
	w.T.Helper()
	for recorded, err := range w.Engine.History(w.T.Context(), outage.Stream("alpha")) {
		w.Ok(err)
		events = append(events, recorded.Event.(outage.Event))
	}
	return events
}
