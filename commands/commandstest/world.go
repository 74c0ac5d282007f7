// Package commandstest is a test kit for the packages under commands. A World is an engine on a log in memory, with
// one account, every handler and two scripted providers.
package commandstest

import (
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
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/policy/reminding"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/domain/service"
)

// Balance is what the account of a world owns at first, in micro-credits.
const Balance = 10_000_000

// Price is what a text of one segment costs there, in micro-credits.
const Price = 800_000

var (
	// Monday is noon in São Paulo, and the time at which a World starts.
	Monday = time.Date(2016, 5, 2, 15, 0, 0, 0, time.UTC)
	// Tuesday is a day later. The reminder of an appointment then is due at once.
	Tuesday = Monday.Add(24 * time.Hour)
)

// Anyone is the origin of a test that is not about authority.
var Anyone = commands.ForInstallation(domain.Actor{})

// World is a clinic with one service, one room and one client, Ana, who is reminded by text the day before. Its clock
// is Now, which tests set.
type World struct {
	T        *testing.T
	Now      time.Time
	Log      *memory.Store
	Vault    *domaintest.Vault
	Codec    *domain.Codec
	Engine   *commands.Engine
	Openings openings.Openings
	Bookings booking.Bookings
	Books    *books.Credits
	OptOuts  commands.OptOuts
	Dispatch *messaging.Dispatcher
	Notices  *messaging.Notices
	Alpha    *Provider        // the first provider of the route
	Beta     *Provider        // the second
	Mails    []messaging.Mail // the emails submitted
	// MailResults is what Mail returns, in order; nil accepts, and so does Mail when none is left.
	MailResults []error
	Saved       map[string]domain.Position // the checkpoints, by reactor
	Account     domain.AccountID
	Service     domain.ServiceID
	Room        domain.ResourceID
	Ana         domain.ClientID
}

// NewWorld returns a World on Monday, before anything is booked.
func NewWorld(t *testing.T) *World {
	t.Helper()
	w := &World{
		T: t, Log: memory.New(), Vault: domaintest.NewVault(), Now: Monday, Saved: make(map[string]domain.Position),
		Account: domain.DeriveID[domain.AccountID]("clinic"), Service: domain.DeriveID[domain.ServiceID]("visit"),
		Room: domain.DeriveID[domain.ResourceID]("room"), Ana: domain.DeriveID[domain.ClientID]("ana"),
		Alpha: &Provider{}, Beta: &Provider{},
	}
	w.Restart()
	w.setUp()
	return w
}

// Restart replaces everything that a crash loses. The log, the keys and the checkpoints remain.
func (w *World) Restart() {
	w.T.Helper()
	var err error
	w.Codec, err = aggregates.NewCodec(w.Vault)
	w.Ok(err)
	w.Engine = commands.NewEngine(w.Log, w.Codec, func() time.Time { return w.Now }, aggregates.All()...)
	w.Openings = openings.Openings{Engine: w.Engine}
	w.Bookings = booking.Bookings{
		Engine: w.Engine, Openings: w.Openings, Protocol: &booking.Protocol{Engine: w.Engine},
	}
	w.Books = &books.Credits{Engine: w.Engine, Log: w.Log, Terms: credit.ProductTerms}
	w.OptOuts = commands.OptOuts{Engine: w.Engine, Keys: w.Vault}
	w.Notices = &messaging.Notices{Engine: w.Engine, OptOuts: w.OptOuts, Quiet: reminding.Nights}
	w.Dispatch = &messaging.Dispatcher{
		Engine: w.Engine, OptOuts: w.OptOuts, Mailer: w, Quiet: reminding.Nights,
		Providers: messaging.ByKind{"scripted": func(name string) messaging.Provider {
			return map[string]messaging.Provider{"alpha": w.Alpha, "beta": w.Beta}[name]
		}},
	}
}

func (w *World) setUp() {
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
	rules := []account.ReminderRule{{ID: "day-before", LeadMin: 1440, Channel: "sms"}}
	w.Do(
		account.Open{Account: w.Account, Settings: settings},
		account.SetReminderRules{Account: w.Account, Rules: rules},
		resource.Add{Resource: w.Room, Account: w.Account, Profile: profile}, hours,
		service.Define{Service: w.Service, Account: w.Account, Policy: service.Policy{
			Name: "Visit", DurationMin: 60, Requirements: []service.Requirement{
				{AnyOf: []service.Choice{{Resource: w.Room, Units: 1}}},
			},
		}},
		client.Register{Client: w.Ana, Account: w.Account, Contact: w.contact()},
		w.purchase(Balance),
	)
	w.Operate(
		provider.Register{Provider: "alpha", Kind: "scripted"},
		provider.Register{Provider: "beta", Kind: "scripted"},
		route.Set{Country: "BR", Providers: []string{"alpha", "beta"}},
	)
}

func (w *World) contact() client.Contact {
	w.T.Helper()
	contact, err := client.NewContact(client.Form{
		Name: "Ana", Phone: "+5527900000001", Email: "ana@example.com", Country: "BR",
	})
	w.Ok(err)
	return contact
}

func (w *World) purchase(micro int64) domain.Command {
	why := credit.Because{
		Account: w.Account.String(), Cause: domain.DeriveUUID("purchase", micro).String(), RecordedAt: w.Now,
	}
	return credit.Purchase{Because: why, Purchase: "p" + why.Cause, Amount: micro}
}

// Ok fails the test on an error.
func (w *World) Ok(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}
