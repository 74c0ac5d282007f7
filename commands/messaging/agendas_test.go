package messaging_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/resource"
)

var (
	maria = domain.DeriveID[domain.ResourceID]("maria")
	jose  = domain.DeriveID[domain.ResourceID]("jose")
)

// aDay is a read model of one Tuesday: Maria at nine and José at ten, booked the day before.
type aDay struct{ staff []messaging.AgendaPerson }

func (aDay) On(_ context.Context, _ domain.AccountID, date string) ([]messaging.AgendaLine, error) {
	line := func(hour int, client string, who domain.ResourceID) messaging.AgendaLine {
		start := clock(1, hour, 0)
		return messaging.AgendaLine{
			Local: start.Add(-3 * time.Hour).Format("2006-01-02T15:04:05"), Client: client, Service: "Visit", Start: start,
			BookedAt: clock(0, 12, 0), Resources: []domain.ResourceID{who},
		}
	}
	if date != "2016-05-03" {
		return nil, nil
	}
	return []messaging.AgendaLine{line(9, "Ana", maria), line(10, "Bia", jose)}, nil
}

func (d aDay) Staff(context.Context, domain.AccountID) ([]messaging.AgendaPerson, error) {
	return d.staff, nil
}

func TestAgendasByPerson(t *testing.T) {
	person := func(id domain.ResourceID, email string, agenda resource.Agenda) messaging.AgendaPerson {
		return messaging.AgendaPerson{Resource: id, Email: email, Agenda: agenda}
	}
	everyone := []messaging.AgendaPerson{
		person(maria, "maria@example.com", resource.Agenda{}), person(jose, "jose@example.com", resource.Agenda{At: "07:30"}),
	}
	const owner, mariasMail, josesMail = "owner@example.com 2", "maria@example.com 1", "jose@example.com 1"
	for _, c := range []struct {
		name   string
		agenda account.Agenda
		staff  []messaging.AgendaPerson
		now    time.Time
		want   []string
	}{
		{"before six", account.Agenda{}, everyone, clock(1, 5, 59), nil},
		{"at six", account.Agenda{}, everyone, clock(1, 6, 0), []string{owner, mariasMail}},
		{"when all have had their time", account.Agenda{}, everyone, clock(1, 7, 30), []string{owner, mariasMail, josesMail}},
		{"at the account's time", account.Agenda{At: "07:45"}, everyone, clock(1, 7, 40), []string{josesMail}},
		{"nobody", account.Agenda{Off: true}, everyone, clock(1, 8, 0), nil},
		{"not the owner", account.Agenda{OwnerOff: true}, everyone, clock(1, 8, 0), []string{mariasMail, josesMail}},
		{
			"not Maria",
			account.Agenda{},
			[]messaging.AgendaPerson{person(maria, "m@example.com", resource.Agenda{Off: true})},
			clock(1, 8, 0),
			[]string{owner},
		},
		{"after a downtime until half past nine", account.Agenda{}, everyone, clock(1, 9, 30), []string{owner, josesMail}},
		{"until the evening", account.Agenda{}, everyone, clock(1, 18, 0), nil},
		{"an empty day", account.Agenda{}, everyone, clock(2, 8, 0), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			settings, err := account.NewSettings(account.Form{
				Name: "Clinic", Email: "owner@example.com", Zone: "America/Sao_Paulo", Locale: "en", Country: "BR",
				Agenda: c.agenda,
			})
			w.Ok(err)
			w.Do(account.ChangeSettings{Account: w.Account, Settings: settings})
			agendas := &messaging.Agendas{Engine: w.Engine, Read: aDay{c.staff}}
			w.Dispatch.Pages = messaging.Pages{"agenda": agendas.Page}
			w.Now = c.now
			for range 2 {
				_, err := agendas.Queue(t.Context(), w.Account)
				w.Ok(err)
				w.Settle()
			}
			var got []string
			for _, mail := range w.Mails {
				got = append(got, mail.To+" "+mail.Body[len("2016-05-03: "):len("2016-05-03: ")+1])
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// An agenda that was queued in the morning and not mailed, because the server stopped, is not mailed in the evening.
func TestQueuedAgendaIsNotMailedInTheEvening(t *testing.T) {
	w := commandstest.NewWorld(t)
	agendas := &messaging.Agendas{Engine: w.Engine, Read: aDay{}}
	w.Dispatch.Pages = messaging.Pages{"agenda": agendas.Page}
	w.Now = clock(1, 6, 0)
	_, err := agendas.Queue(t.Context(), w.Account)
	w.Ok(err)
	w.Now = clock(1, 18, 0)
	w.Settle()
	if len(w.Mails) != 0 {
		t.Errorf("%d emails in the evening", len(w.Mails))
	}
}
