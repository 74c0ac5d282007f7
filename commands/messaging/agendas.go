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

// agendaHour is when the day's agenda goes out, by the account's clock.
const agendaHour = 6

// AgendaLine is one appointment as the owner's email shows it.
type AgendaLine struct {
	Local    string // wall clock, "2016-04-29T08:30:00"
	Client   string
	Phone    string
	Service  string
	Resource string
	Status   string
}

// AgendaReader answers what stands on a local date ("2016-04-29"), earliest first.
type AgendaReader interface {
	On(ctx context.Context, account domain.AccountID, date string) ([]AgendaLine, error)
}

// Agendas mails each owner the appointments of the day. The log keeps only that an agenda was due and for which
// date: its page names many clients and must not outlive the erasure of any.
type Agendas struct {
	Engine *commands.Engine
	Read   AgendaReader
}

// Queue asks for today's agenda of an account once its morning has come; asking again is harmless. It answers the
// local date that it stands for, "" before the morning or where nobody is to be mailed.
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

// Page writes the body of an agenda, as it is at the moment of mailing. Its text in the log is its date.
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
