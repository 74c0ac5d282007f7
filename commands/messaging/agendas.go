package messaging

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
)

// agendaHour is the hour of the account's clock at which the agenda of the day is sent.
const agendaHour = 6

// AgendaLine is one appointment in the owner's email.
type AgendaLine struct {
	Local    string // wall clock, such as "2016-04-29T08:30:00"
	Client   string
	Phone    string
	Service  string
	Resource string
	Status   string
}

// AgendaReader returns the appointments of a local date such as "2016-04-29", earliest first.
type AgendaReader interface {
	On(ctx context.Context, account domain.AccountID, date string) ([]AgendaLine, error)
}

// Agendas mails each owner the appointments of the day. The log keeps only the date of an agenda: its page names many
// clients and must not outlive the erasure of any of them.
type Agendas struct {
	Engine *commands.Engine
	Read   AgendaReader
}

// Queue queues today's agenda of an account from agendaHour on, once a day however often it is called. It returns the
// local date of the agenda, "" before that hour and for an account that is closed or has no email address.
func (a *Agendas) Queue(ctx context.Context, id domain.AccountID) (date string, err error) {
	state, _, err := commands.Load(ctx, a.Engine, account.Decider, account.Stream(id))
	if err != nil || !state.Open || state.Email.Reveal() == "" {
		return "", err
	}
	zone, err := domain.ParseZone(state.Zone)
	if err != nil {
		return "", err
	}
	now := a.Engine.Now().In(zone)
	if now.Hour() < agendaHour {
		return "", nil
	}
	date = now.Format(time.DateOnly)
	key := domain.DeriveUUID("agenda", id, date)
	origin := commands.ForAccount(id, domain.Actor{ID: "agenda", Channel: "policy"}).WithID(key).WithCause(uuid.Nil, key)
	_, err = a.Engine.Do(ctx, origin, message.QueueNotice{
		Message: domain.MessageID{UUID: key}, Kind: "agenda",
		Letter: message.Letter{
			Account: id, Channel: message.Email, To: state.Email, Title: domain.Secret(agendaTitle(state, date)),
			Text: domain.Secret(date), ScheduledFor: now, UsefulUntil: now.Add(18 * time.Hour),
		},
	})
	return date, err
}

func agendaTitle(state account.State, date string) string {
	return fmt.Sprintf("%s — %s", state.Name.Reveal(), date)
}

// Page writes the body of an agenda as it is now. Its text in the log is its date.
func (a *Agendas) Page(ctx context.Context, state message.State) (string, error) {
	date := state.Text.Reveal()
	lines, err := a.Read.On(ctx, state.Account, date)
	if err != nil {
		return "", err
	}
	var page strings.Builder
	fmt.Fprintf(&page, "%s: %d\n\n", date, len(lines))
	for _, line := range lines {
		clock := line.Local
		if len(clock) >= 16 {
			clock = clock[11:16]
		}
		fmt.Fprintf(&page, "%s  %s  %s  %s  %s\n", clock, line.Client, line.Phone, line.Service, line.Resource)
	}
	return page.String(), nil
}
