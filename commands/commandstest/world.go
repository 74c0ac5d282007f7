// Package commandstest wires an engine on a log in memory with every handler and with scripted providers, for the
// tests of the packages under commands.
package commandstest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/books"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/reminding"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/domain/service"
)

// world is an engine on a log in memory with every handler wired and carriers that do as the test says.
type World struct {
	T        *testing.T
	Log      *memory.Store
	Vault    *domaintest.Vault
	Codec    *domain.Codec
	Now      time.Time
	Engine   *commands.Engine
	Openings openings.Openings
	Booking  *booking.Protocol
	Books    *books.Bookkeeper
	Dispatch *messaging.Dispatcher
	Alpha    *carrier
	Beta     *carrier
	Mails    []messaging.Mail
	Saved    map[string]domain.Position
	Account  domain.AccountID
	Service  domain.ServiceID
	Room     domain.ResourceID
	Ana      domain.ClientID
}

// Monday noon in São Paulo is 15:00 UTC.
var Monday = time.Date(2016, 5, 2, 15, 0, 0, 0, time.UTC)

func NewWorld(t *testing.T) *World {
	t.Helper()
	w := &World{
		T: t, Log: memory.New(), Vault: domaintest.NewVault(), Now: Monday, Saved: make(map[string]domain.Position),
		Account: domain.DeriveID[domain.AccountID]("clinic"), Service: domain.DeriveID[domain.ServiceID]("visit"),
		Room: domain.DeriveID[domain.ResourceID]("room"), Ana: domain.DeriveID[domain.ClientID]("ana"),
		Alpha: &carrier{}, Beta: &carrier{},
	}
	w.Restart()
	w.set()
	return w
}

// restart is what a crash leaves: the log, the keys and the checkpoints, and nothing that was only remembered.
func (w *World) Restart() {
	w.T.Helper()
	var err error
	w.Codec, err = aggregates.NewCodec(w.Vault)
	w.Ok(err)
	w.Engine = commands.NewEngine(w.Log, w.Codec, func() time.Time { return w.Now }, aggregates.All()...)
	w.Openings = openings.Openings{Engine: w.Engine}
	w.Booking = &booking.Protocol{
		Engine: w.Engine,
		Units:  func(context.Context, domain.ResourceID) (int, error) { return 1, nil },
	}
	w.Books = &books.Bookkeeper{Engine: w.Engine, Log: w.Log, Terms: credit.ProductTerms}
	w.Dispatch = &messaging.Dispatcher{
		Engine: w.Engine, Mailer: w,
		Provider: func(_, name string) messaging.Provider {
			return map[string]messaging.Provider{"alpha": w.Alpha, "beta": w.Beta}[name]
		},
	}
}

func (w *World) Ok(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// origin is that of commands to the world's account.
func (w *World) Origin() commands.Origin { return commands.ForAccount(w.Account, domain.Actor{}) }

// do carries out commands of the account.
func (w *World) Do(cmds ...domain.Command) {
	w.T.Helper()
	for _, cmd := range cmds {
		if _, err := w.Engine.Do(w.T.Context(), w.Origin(), cmd); err != nil {
			w.T.Fatalf("%T: %v", cmd, err)
		}
	}
}

func (w *World) set() {
	w.T.Helper()
	settings, err := account.NewSettings(account.Form{
		Name: "Clinic", Email: "owner@example.com", Zone: "America/Sao_Paulo", Locale: "en", Country: "BR",
	})
	w.Ok(err)
	profile, err := resource.NewProfile("Room", "room", 1)
	w.Ok(err)
	hours, err := resource.NewWeeklyHours(w.Room, "America/Sao_Paulo",
		[]resource.Hours{{Days: []int{1, 2, 3, 4, 5}, From: "08:00", To: "18:00"}})
	w.Ok(err)
	contact, err := client.NewContact(client.Form{
		Name: "Ana", Phone: "+5527900000001", Email: "ana@example.com", Country: "BR",
	})
	w.Ok(err)
	w.Do(
		account.Open{Account: w.Account, Settings: settings},
		account.SetReminderRules{Account: w.Account, Rules: []account.ReminderRule{{ID: "day-before", LeadMin: 1440, Channel: "sms"}}},
		resource.Add{Resource: w.Room, Account: w.Account, Profile: profile}, hours,
		service.Define{Service: w.Service, Account: w.Account, Policy: service.Policy{
			Name: "Visit", DurationMin: 60, Requirements: []service.Requirement{
				{AnyOf: []service.Choice{{Resource: w.Room, Units: 1}}},
			},
		}},
		client.Register{Client: w.Ana, Account: w.Account, Contact: contact},
		w.purchase(10_000_000),
	)
	for _, wish := range []domain.Command{
		provider.Register{Provider: "alpha", Kind: "scripted"},
		provider.Register{Provider: "beta", Kind: "scripted"},
		route.Set{Country: "BR", Providers: []string{"alpha", "beta"}},
	} {
		_, err := w.Engine.Do(w.T.Context(), Anyone, wish)
		w.Ok(err)
	}
}

func (w *World) purchase(micro int64) domain.Command {
	why := credit.Because{
		Account: w.Account.String(), Cause: domain.DeriveUUID("purchase", micro).String(), RecordedAt: w.Now,
	}
	return credit.Purchase{Because: why, Purchase: "p" + why.Cause, Amount: micro}
}

// book takes the first free start on a local day and answers the appointment.
func (w *World) Book(key string, day time.Time) domain.AppointmentID {
	w.T.Helper()
	ctx := w.T.Context()
	ask := openings.Ask{Account: w.Account, Service: w.Service, Now: w.Now}
	free, err := w.Openings.Between(ctx, ask, domain.Interval{Start: day, End: day.Add(24 * time.Hour)})
	w.Ok(err)
	if len(free) == 0 {
		w.T.Fatalf("nothing is free on %s", day)
	}
	visit, terms, err := w.Openings.Visit(ctx, ask, free[0].At)
	w.Ok(err)
	id := appointment.IDOf(w.Account, key)
	_, err = w.Booking.Book(ctx, w.Origin(), appointment.Request{
		Appointment: id, Account: w.Account, Client: w.Ana, Service: w.Service, Terms: terms, Visit: visit,
	})
	w.Ok(err)
	return id
}

// remind queues the reminder of an appointment now, as the due read model would ask for it.
func (w *World) Remind(id domain.AppointmentID) domain.MessageID {
	w.T.Helper()
	facts := reminding.Facts{Appointment: id, Client: w.Ana}
	due := messaging.DueReminder{
		Message: reminding.MessageID(facts, "day-before", "sms"), Account: w.Account, Appointment: id,
		Rule: "day-before", Channel: message.SMS, DueAt: w.Now,
	}
	reminders := &messaging.Reminders{Engine: w.Engine, Due: DueNow{due}, Quiet: reminding.Nights}
	_, err := reminders.QueueDue(w.T.Context())
	w.Ok(err)
	return due.Message
}

type DueNow []messaging.DueReminder

func (d DueNow) DueBefore(context.Context, time.Time, int) ([]messaging.DueReminder, error) {
	return d, nil
}

// settle steps both reactors until nothing is left to do.
func (w *World) Settle() {
	w.T.Helper()
	books := w.Reactor("books", w.Books.Handlers())
	dispatch := w.Reactor("dispatch", w.Dispatch.Handlers())
	for {
		a, err := books.Step(w.T.Context())
		w.Ok(err)
		b, err := dispatch.Step(w.T.Context())
		w.Ok(err)
		if a+b == 0 {
			return
		}
	}
}

func (w *World) Reactor(name string, handlers []commands.Handler) *commands.Reactor {
	return &commands.Reactor{
		Name: name, Handlers: handlers, Log: w.Log, Codec: w.Codec, Checkpoints: w,
		Transport: func(handle func(context.Context, domain.Entry) error) (commands.Transport, error) {
			return direct{handle}, nil
		},
	}
}

func (w *World) LoadCheckpoint(_ context.Context, name string) (domain.Position, error) {
	return w.Saved[name], nil
}

func (w *World) SaveCheckpoint(_ context.Context, name string, at domain.Position) error {
	w.Saved[name] = at
	return nil
}

// direct is a transport without retry: in these tests an error is a failure.
type direct struct {
	handle func(context.Context, domain.Entry) error
}

func (d direct) Deliver(ctx context.Context, entry domain.Entry) error { return d.handle(ctx, entry) }

// Mail takes emails.
func (w *World) Mail(_ context.Context, mail messaging.Mail) error {
	w.Mails = append(w.Mails, mail)
	return nil
}

// carrier answers each text with the next of its answers, and accepts when it has none left.
type carrier struct {
	mu       sync.Mutex
	Answers  []error
	Sent     []messaging.Text
	Statuses map[string]error // by reference; nil is accepted
	During   func()           // called while a text is being handed over
}

func (c *carrier) Send(_ context.Context, text messaging.Text) (messaging.Accepted, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Sent = append(c.Sent, text)
	if c.During != nil {
		c.During()
	}
	if len(c.Answers) > 0 {
		answer := c.Answers[0]
		if c.Answers = c.Answers[1:]; answer != nil {
			return messaging.Accepted{}, answer
		}
	}
	return messaging.Accepted{ProviderID: "id", At: Monday}, nil
}

func (c *carrier) Status(_ context.Context, reference string, _ time.Time) (messaging.Accepted, error) {
	answer, known := c.Statuses[reference]
	if !known {
		return messaging.Accepted{}, messaging.ErrCannotTell
	}
	return messaging.Accepted{ProviderID: "id", At: Monday}, answer
}

var ErrLost = errors.New("the connection was lost")

func Refused(class string) error { return &messaging.NotAccepted{Class: class, Code: "x"} }

// message is what became of one.
func (w *World) Message(id domain.MessageID) message.State {
	w.T.Helper()
	state, _, err := commands.Load(w.T.Context(), w.Engine, message.Decider, message.Stream(id))
	w.Ok(err)
	return state
}

// charge is what the books say of a message.
func (w *World) Charge(id domain.MessageID) credit.Charge {
	w.T.Helper()
	books, _, err := commands.Load(w.T.Context(), w.Engine, credit.Decider, credit.StreamOf(w.Account))
	w.Ok(err)
	charge, _ := books.Charge(id.String())
	return charge
}

func (w *World) Ask() openings.Ask {
	return openings.Ask{Account: w.Account, Service: w.Service, Now: w.Now}
}

func (w *World) Free(day time.Time) (starts []string) {
	w.T.Helper()
	free, err := w.Openings.Between(w.T.Context(), w.Ask(), domain.Interval{Start: day, End: day.Add(24 * time.Hour)})
	w.Ok(err)
	for _, start := range free {
		starts = append(starts, start.At.Format("15:04"))
	}
	return starts
}

// captures counts how often a message was charged.
func (w *World) Captures(id domain.MessageID) (count int) {
	w.T.Helper()
	for entry, err := range w.Log.ReadAll(w.T.Context(), domain.Position{}, domain.Filter{Types: []string{"CreditsCharged"}}) {
		w.Ok(err)
		recorded, err := w.Codec.Decode(entry)
		w.Ok(err)
		if recorded.Event.(credit.CreditsCharged).Message == id.String() {
			count++
		}
	}
	return count
}

func (w *World) Operator(wish domain.Command) {
	w.T.Helper()
	_, err := w.Engine.Do(w.T.Context(), Anyone, wish)
	w.Ok(err)
	w.Settle()
}

func (w *World) Owned() int64 {
	w.T.Helper()
	books, _, err := commands.Load(w.T.Context(), w.Engine, credit.Decider, credit.StreamOf(w.Account))
	w.Ok(err)
	return books.Owned()
}

const Start, Price = 10_000_000, 800_000

// tuesday is a day ahead, so that the reminder of the day before is due now.
var Tuesday = Monday.Add(24 * time.Hour)

// Anyone is the origin of a test that is not about authority.
var Anyone = commands.ForInstallation(domain.Actor{})
