package commands_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/reminding"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/domain/service"
	"github.com/clickbook/clickbook/domain/window"
)

// world is an engine on a log in memory with every handler wired and carriers that do as the test says.
type world struct {
	t        *testing.T
	log      *memory.Store
	vault    *domaintest.Vault
	codec    *domain.Codec
	now      time.Time
	engine   *commands.Engine
	openings commands.Openings
	booking  *commands.Booking
	books    *commands.Bookkeeper
	dispatch *commands.Dispatcher
	alpha    *carrier
	beta     *carrier
	mails    []commands.Mail
	saved    map[string]domain.Position
	account  domain.AccountID
	service  domain.ServiceID
	room     domain.ResourceID
	ana      domain.ClientID
}

// Monday noon in São Paulo is 15:00 UTC.
var monday = time.Date(2016, 5, 2, 15, 0, 0, 0, time.UTC)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, log: memory.New(), vault: domaintest.NewVault(), now: monday, saved: make(map[string]domain.Position),
		account: domain.DeriveID[domain.AccountID]("clinic"), service: domain.DeriveID[domain.ServiceID]("visit"),
		room: domain.DeriveID[domain.ResourceID]("room"), ana: domain.DeriveID[domain.ClientID]("ana"),
		alpha: &carrier{}, beta: &carrier{},
	}
	w.restart()
	w.set()
	return w
}

// restart is what a crash leaves: the log, the keys and the checkpoints, and nothing that was only remembered.
func (w *world) restart() {
	w.t.Helper()
	var err error
	w.codec, err = domain.NewCodec(w.vault, account.Types, appointment.Types, client.Types, credit.Types, diary.Types,
		message.Types, provider.Types, resource.Types, route.Types, service.Types, window.Types)
	w.ok(err)
	w.engine = commands.NewEngine(w.log, w.codec, func() time.Time { return w.now },
		commands.Wire(account.Decider), commands.Wire(appointment.Decider), commands.Wire(client.Decider),
		commands.Wire(credit.Decider), commands.Wire(diary.Decider), commands.Wire(message.Decider),
		commands.Wire(provider.Decider), commands.Wire(resource.Decider), commands.Wire(route.Decider),
		commands.Wire(service.Decider), commands.Wire(window.Decider))
	w.openings = commands.Openings{Engine: w.engine}
	w.booking = &commands.Booking{
		Engine: w.engine,
		Units:  func(context.Context, domain.ResourceID) (int, error) { return 1, nil },
	}
	w.books = &commands.Bookkeeper{Engine: w.engine, Log: w.log, Terms: credit.ProductTerms}
	w.dispatch = &commands.Dispatcher{
		Engine: w.engine, Mailer: w,
		Carrier: func(_, name string) commands.Carrier {
			return map[string]commands.Carrier{"alpha": w.alpha, "beta": w.beta}[name]
		},
	}
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// origin is that of commands to the world's account.
func (w *world) origin() commands.Origin { return commands.ForAccount(w.account, domain.Actor{}) }

// do carries out commands of the account.
func (w *world) do(cmds ...domain.Command) {
	w.t.Helper()
	for _, cmd := range cmds {
		if _, err := w.engine.Do(w.t.Context(), w.origin(), cmd); err != nil {
			w.t.Fatalf("%T: %v", cmd, err)
		}
	}
}

func (w *world) set() {
	w.t.Helper()
	settings, err := account.NewSettings(account.Form{
		Name: "Clinic", Email: "owner@example.com", Zone: "America/Sao_Paulo", Locale: "en", Country: "BR",
	})
	w.ok(err)
	profile, err := resource.NewProfile("Room", "room", 1)
	w.ok(err)
	hours, err := resource.NewWeeklyHours(w.room, "America/Sao_Paulo",
		[]resource.Hours{{Days: []int{1, 2, 3, 4, 5}, From: "08:00", To: "18:00"}})
	w.ok(err)
	contact, err := client.NewContact(client.Form{
		Name: "Ana", Phone: "+5527900000001", Email: "ana@example.com", Country: "BR",
	})
	w.ok(err)
	w.do(
		account.Open{Account: w.account, Settings: settings},
		account.SetReminderRules{Account: w.account, Rules: []account.ReminderRule{{ID: "day-before", LeadMin: 1440, Channel: "sms"}}},
		resource.Add{Resource: w.room, Account: w.account, Profile: profile}, hours,
		service.Define{Service: w.service, Account: w.account, Policy: service.Policy{
			Name: "Visit", DurationMin: 60, Requirements: []service.Requirement{
				{AnyOf: []service.Choice{{Resource: w.room, Units: 1}}},
			},
		}},
		client.Register{Client: w.ana, Account: w.account, Contact: contact},
		w.purchase(10_000_000),
	)
	for _, wish := range []domain.Command{
		provider.Register{Provider: "alpha", Kind: "scripted"},
		provider.Register{Provider: "beta", Kind: "scripted"},
		route.Set{Country: "BR", Providers: []string{"alpha", "beta"}},
	} {
		_, err := w.engine.Do(w.t.Context(), anyone, wish)
		w.ok(err)
	}
}

func (w *world) purchase(micro int64) domain.Command {
	why := credit.Because{
		Account: w.account.String(), Cause: domain.DeriveUUID("purchase", micro).String(), RecordedAt: w.now,
	}
	return credit.Purchase{Because: why, Purchase: "p" + why.Cause, Amount: micro}
}

// book takes the first free start on a local day and answers the appointment.
func (w *world) book(key string, day time.Time) domain.AppointmentID {
	w.t.Helper()
	ctx := w.t.Context()
	ask := commands.Ask{Account: w.account, Service: w.service, Now: w.now}
	free, err := w.openings.Between(ctx, ask, domain.Interval{Start: day, End: day.Add(24 * time.Hour)})
	w.ok(err)
	if len(free) == 0 {
		w.t.Fatalf("nothing is free on %s", day)
	}
	visit, terms, err := w.openings.Visit(ctx, ask, free[0].At)
	w.ok(err)
	id := appointment.IDOf(w.account, key)
	_, err = w.booking.Book(ctx, w.origin(), appointment.Request{
		Appointment: id, Account: w.account, Client: w.ana, Service: w.service, Terms: terms, Visit: visit,
	})
	w.ok(err)
	return id
}

// remind queues the reminder of an appointment now, as the due read model would ask for it.
func (w *world) remind(id domain.AppointmentID) domain.MessageID {
	w.t.Helper()
	facts := reminding.Facts{Appointment: id, Client: w.ana}
	due := commands.DueReminder{
		Message: reminding.MessageID(facts, "day-before", "sms"), Account: w.account, Appointment: id,
		Rule: "day-before", Channel: message.SMS, DueAt: w.now,
	}
	reminders := &commands.Reminders{Engine: w.engine, Due: dueNow{due}, Quiet: reminding.Nights}
	_, err := reminders.QueueDue(w.t.Context())
	w.ok(err)
	return due.Message
}

type dueNow []commands.DueReminder

func (d dueNow) DueBefore(context.Context, time.Time, int) ([]commands.DueReminder, error) {
	return d, nil
}

// settle steps both reactors until nothing is left to do.
func (w *world) settle() {
	w.t.Helper()
	books := w.reactor("books", w.books.Handlers())
	dispatch := w.reactor("dispatch", w.dispatch.Handlers())
	for {
		a, err := books.Step(w.t.Context())
		w.ok(err)
		b, err := dispatch.Step(w.t.Context())
		w.ok(err)
		if a+b == 0 {
			return
		}
	}
}

func (w *world) reactor(name string, handlers []commands.Handler) *commands.Reactor {
	return &commands.Reactor{
		Name: name, Handlers: handlers, Log: w.log, Codec: w.codec, Checkpoints: w,
		Transport: func(handle func(context.Context, domain.Entry) error) (commands.Transport, error) {
			return direct{handle}, nil
		},
	}
}

func (w *world) LoadCheckpoint(_ context.Context, name string) (domain.Position, error) {
	return w.saved[name], nil
}

func (w *world) SaveCheckpoint(_ context.Context, name string, at domain.Position) error {
	w.saved[name] = at
	return nil
}

// direct is a transport without retry: in these tests an error is a failure.
type direct struct {
	handle func(context.Context, domain.Entry) error
}

func (d direct) Deliver(ctx context.Context, entry domain.Entry) error { return d.handle(ctx, entry) }

// Mail takes emails.
func (w *world) Mail(_ context.Context, mail commands.Mail) error {
	w.mails = append(w.mails, mail)
	return nil
}

// carrier answers each text with the next of its answers, and accepts when it has none left.
type carrier struct {
	mu       sync.Mutex
	answers  []error
	sent     []commands.Text
	statuses map[string]error // by reference; nil is accepted
	during   func()           // called while a text is being handed over
}

func (c *carrier) Send(_ context.Context, text commands.Text) (commands.Accepted, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, text)
	if c.during != nil {
		c.during()
	}
	if len(c.answers) > 0 {
		answer := c.answers[0]
		if c.answers = c.answers[1:]; answer != nil {
			return commands.Accepted{}, answer
		}
	}
	return commands.Accepted{ProviderID: "id", At: monday}, nil
}

func (c *carrier) Status(_ context.Context, reference string, _ time.Time) (commands.Accepted, error) {
	answer, known := c.statuses[reference]
	if !known {
		return commands.Accepted{}, commands.ErrCannotTell
	}
	return commands.Accepted{ProviderID: "id", At: monday}, answer
}

var errLost = errors.New("the connection was lost")

func refused(class string) error { return &commands.NotAccepted{Class: class, Code: "x"} }

// message is what became of one.
func (w *world) message(id domain.MessageID) message.State {
	w.t.Helper()
	state, _, err := commands.Load(w.t.Context(), w.engine, message.Decider, message.Stream(id))
	w.ok(err)
	return state
}

// charge is what the books say of a message.
func (w *world) charge(id domain.MessageID) credit.Charge {
	w.t.Helper()
	books, _, err := commands.Load(w.t.Context(), w.engine, credit.Decider, credit.StreamOf(w.account))
	w.ok(err)
	charge, _ := books.Charge(id.String())
	return charge
}
