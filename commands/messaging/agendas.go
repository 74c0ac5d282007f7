package messaging

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/reminding"
	"github.com/clickbook/clickbook/domain/resource"
)

// agendaAt is when the agenda of the day is sent, by the account's clock, unless the account or the person says another
// time.
const agendaAt = "06:00"

// AgendaLine is one appointment in an agenda.
type AgendaLine struct {
	Local     string // wall clock, such as "2016-04-29T08:30:00"
	Client    string
	Phone     string
	Service   string
	Resource  string
	Status    string
	Start     time.Time
	BookedAt  time.Time
	Resources []domain.ResourceID // all that the appointment takes
}

// AgendaPerson is a member of staff with an email address.
type AgendaPerson struct {
	Resource domain.ResourceID
	Email    string
	Agenda   resource.Agenda
}

// AgendaReader returns what agendas are made of.
type AgendaReader interface {
	// On returns the appointments of a local date such as "2016-04-29", earliest first.
	On(ctx context.Context, account domain.AccountID, date string) ([]AgendaLine, error)
	// Staff returns the staff of an account who have an email address.
	Staff(ctx context.Context, account domain.AccountID) ([]AgendaPerson, error)
}

// Agendas mails the owner the appointments of the day, and each member of staff their own. The log keeps only the date
// of an agenda and whose it is: its page names many clients and must not outlive the erasure of any of them.
type Agendas struct {
	Engine *commands.Engine
	Read   AgendaReader
}

// agenda is the agenda of one person on one day. The owner has no resource.
type agenda struct {
	resource domain.ResourceID
	to       domain.Private
	day      reminding.Day
}

// Queue queues today's agendas of an account whose hour has come, once a day however often it is called. It returns
// the local date, "" if no agenda was to be sent now. reminding.Day says when one is not sent.
func (a *Agendas) Queue(ctx context.Context, id domain.AccountID) (date string, err error) {
	state, _, err := commands.Load(ctx, a.Engine, account.Decider, account.Stream(id))
	if err != nil || !state.Open || state.Agenda.Off {
		return "", err
	}
	zone, err := domain.ParseZone(state.Zone)
	if err != nil {
		return "", err
	}
	staff, err := a.Read.Staff(ctx, id)
	if err != nil {
		return "", err
	}
	now := a.Engine.Now().In(zone)
	today := now.Format(time.DateOnly)
	var lines []AgendaLine
	for _, one := range agendasOf(state, staff, now) {
		if !one.day.IsOpen(now) {
			continue
		}
		known, err := a.isQueued(ctx, id, today, one)
		if known || err != nil {
			date = today
			if err != nil {
				return date, err
			}
			continue
		}
		if lines == nil {
			if lines, err = a.Read.On(ctx, id, today); err != nil {
				return date, err
			}
		}
		one.day.Visits = visitsOf(lines, one.resource)
		if !one.day.SendsAgenda(now) {
			continue
		}
		if err := a.queue(ctx, id, state, today, one); err != nil {
			return date, err
		}
		date = today
	}
	return date, nil
}

// agendasOf returns the agendas of the day, sent or not, with their hours.
func agendasOf(state account.State, staff []AgendaPerson, now time.Time) (agendas []agenda) {
	add := func(to domain.Private, resource domain.ResourceID, at string) {
		min, err := domain.ParseClock(at)
		if err != nil || to.Reveal() == "" {
			return
		}
		hour := time.Date(now.Year(), now.Month(), now.Day(), 0, min, 0, 0, now.Location())
		ends := domain.FirstInstant(now.Year(), now.Month(), now.Day()+1, now.Location())
		agendas = append(agendas, agenda{resource, to, reminding.Day{Hour: hour, Ends: ends}})
	}
	usual := cmp.Or(state.Agenda.At, agendaAt)
	if !state.Agenda.OwnerOff {
		add(state.Email, domain.ResourceID{}, usual)
	}
	for _, person := range staff {
		if !person.Agenda.Off {
			add(domain.Secret(person.Email), person.Resource, cmp.Or(person.Agenda.At, usual))
		}
	}
	return agendas
}

func visitsOf(lines []AgendaLine, resource domain.ResourceID) (visits []reminding.DayVisit) {
	for _, line := range lines {
		if line.isOf(resource) {
			visits = append(visits, reminding.DayVisit{BookedAt: line.BookedAt, Start: line.Start})
		}
	}
	return visits
}

// isOf reports whether an appointment is in the agenda of a member of staff, or of the owner, who has them all.
func (l AgendaLine) isOf(resource domain.ResourceID) bool {
	return resource.IsZero() || slices.Contains(l.Resources, resource)
}

func agendaID(id domain.AccountID, date string, one agenda) domain.MessageID {
	if one.resource.IsZero() {
		return domain.DeriveID[domain.MessageID]("agenda", id, date)
	}
	return domain.DeriveID[domain.MessageID]("agenda", id, date, one.resource)
}

func (a *Agendas) isQueued(ctx context.Context, id domain.AccountID, date string, one agenda) (bool, error) {
	state, _, err := commands.Load(ctx, a.Engine, message.Decider, message.Stream(agendaID(id, date, one)))
	return state.Exists(), err
}

func (a *Agendas) queue(ctx context.Context, id domain.AccountID, state account.State, date string, one agenda) error {
	key := agendaID(id, date, one)
	text := date
	if !one.resource.IsZero() {
		text += " " + one.resource.String()
	}
	origin := commands.ForAccount(id, domain.Actor{ID: "agenda", Channel: "policy"}).
		WithID(key.UUID).WithCause(uuid.Nil, key.UUID)
	title := message.AgendaTitle(state.Name.Reveal(), date, state.Locale)
	_, err := a.Engine.Do(ctx, origin, message.QueueNotice{
		Message: key, Kind: "agenda",
		Letter: message.Letter{
			Account: id, Channel: message.Email, To: one.to, Title: domain.Secret(title),
			Text: domain.Secret(text), ScheduledFor: a.Engine.Now(), UsefulUntil: one.day.Until(),
		},
	})
	return err
}

// Page writes an agenda as it is now. Its text in the log is its date and, for a member of staff, their resource.
func (a *Agendas) Page(ctx context.Context, state message.State) (Page, error) {
	date, who, personal := strings.Cut(state.Text.Reveal(), " ")
	var resource domain.ResourceID
	if personal {
		var err error
		if resource, err = domain.ParseID[domain.ResourceID](who); err != nil {
			return Page{}, err
		}
	}
	lines, err := a.Read.On(ctx, state.Account, date)
	if err != nil {
		return Page{}, err
	}
	lines = slices.DeleteFunc(lines, func(line AgendaLine) bool { return !line.isOf(resource) })
	owner, _, err := commands.Load(ctx, a.Engine, account.Decider, account.Stream(state.Account))
	if err != nil {
		return Page{}, err
	}
	head := message.AgendaHead(date, owner.Locale, len(lines))
	var text strings.Builder
	text.WriteString(head + "\n\n")
	var rows [][]any
	for _, line := range lines {
		clock := line.Local
		if len(clock) >= 16 {
			clock = clock[11:16]
		}
		fmt.Fprintf(&text, "%s  %s  %s  %s  %s\n", clock, line.Client, line.Phone, line.Service, line.Resource)
		rows = append(rows, []any{clock, line.Client, line.Phone, line.Service, line.Resource})
	}
	body := Paragraphs(head) + Table(message.AgendaColumns(owner.Locale), rows)
	return Page{Text: text.String(), HTML: Document(owner.Locale, state.Title.Reveal(), body)}, nil
}
