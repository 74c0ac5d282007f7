package drill

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/domain/service"
)

// start is the morning of the day on which ClickBook stopped deducting credits in 2010: nine o'clock in New York.
var start = time.Date(2010, 3, 18, 13, 0, 0, 0, time.UTC)

// networks are those of each country. Their codes are of real networks, and their behaviour is made up.
var networks = map[string][]string{
	"US": {"310-410", "310-260", "311-480", "310-120"}, "CA": {"302-720", "302-610", "302-220"},
	"GB": {"234-15", "234-10", "234-30"}, "DE": {"262-01", "262-02", "262-03"}, "BR": {"724-05", "724-06", "724-11"},
}

// business is one account of the drill.
type business struct {
	name, country, zone, locale string
	weight                      int // of its texts among all
}

var businesses = []business{
	{"Harbor Dental", "US", "America/New_York", "en", 14},
	{"Maple Street School", "US", "America/New_York", "en", 12},
	{"Lakeside Physio", "US", "America/Chicago", "en", 9},
	{"Clinique du Fleuve", "CA", "America/Toronto", "fr", 8},
	{"Granville Optics", "CA", "America/Toronto", "en", 7},
	{"High Street Surgery", "GB", "Europe/London", "en", 12},
	{"Kingsmead School", "GB", "Europe/London", "en", 8},
	{"Praxis am Markt", "DE", "Europe/Berlin", "de", 8},
	{"Musikschule Nord", "DE", "Europe/Berlin", "de", 7},
	{"Clínica Vitória", "BR", "America/Sao_Paulo", "pt", 8},
	{"Escola Jardim", "BR", "America/Sao_Paulo", "pt", 7},
}

// numbers are how a valid number of each country is made of a counter.
var numbers = map[string]string{
	"US": "+1212%d", "CA": "+1416%d", "GB": "+44740%d", "DE": "+491512%d", "BR": "+551199%d",
}

// place is an account as it is set up.
type place struct {
	business
	account domain.AccountID
	service domain.ServiceID
	origin  commands.Origin
}

const day = 24 * time.Hour

// setUp opens the accounts with one service each, buys credits and registers the providers.
func setUp(ctx context.Context, in *installation.Installation, options Options) ([]place, error) {
	operator := commands.ForInstallation(domain.Actor{ID: "drill", Channel: "simulation"})
	for n, cmd := range []domain.Command{
		provider.Register{Provider: failing, Kind: "simulated"},
		provider.Register{Provider: second, Kind: "simulated"},
		route.Set{Country: route.Elsewhere, Providers: []string{failing, second}, Terms: []route.Term{
			{Provider: failing, Weight: 950}, {Provider: second, Weight: 50},
		}},
	} {
		if _, err := in.Engine.Do(ctx, operator.WithID(options.id("operator", n)), cmd); err != nil {
			return nil, err
		}
	}
	var places []place
	for _, b := range businesses {
		p := place{business: b, account: domain.AccountID{UUID: options.id("account", b.name)}}
		p.service = domain.DeriveID[domain.ServiceID](p.account, "service")
		p.origin = commands.ForAccount(p.account, domain.Actor{ID: "drill", Channel: "simulation"})
		cmds, err := p.commands(in.Engine.Now())
		if err != nil {
			return nil, err
		}
		for n, cmd := range cmds {
			if _, err := in.Engine.Do(ctx, p.origin.WithID(options.id(b.name, n)), cmd); err != nil {
				return nil, fmt.Errorf("set up %s: %w", b.name, err)
			}
		}
		places = append(places, p)
	}
	return places, nil
}

// commands returns the commands that set the account up.
func (p place) commands(now time.Time) ([]domain.Command, error) {
	settings, err := account.NewSettings(account.Form{
		Name: p.name, Email: "front.desk@example.com", Zone: p.zone, Locale: p.locale, Country: p.country,
	})
	if err != nil {
		return nil, err
	}
	room := domain.DeriveID[domain.ResourceID](p.account, "room")
	profile, err := resource.NewProfile("Room", "room", 500)
	if err != nil {
		return nil, err
	}
	hours, err := resource.NewWeeklyHours(room, p.zone, []resource.Hours{
		{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: "00:00", To: "24:00"},
	})
	if err != nil {
		return nil, err
	}
	return []domain.Command{
		account.Open{Account: p.account, Settings: settings},
		account.SetReminderRules{Account: p.account, Rules: []account.ReminderRule{
			{ID: "day-before", LeadMin: 24 * 60, Channel: "sms"},
		}},
		resource.Add{Resource: room, Account: p.account, Profile: profile},
		hours,
		service.Define{Service: p.service, Account: p.account, Policy: service.Policy{
			Name: "Visit", DurationMin: 15, IntervalMin: 15, Requirements: []service.Requirement{
				{AnyOf: []service.Choice{{Resource: room, Units: 1}}},
			},
		}},
		credit.Purchase{
			Because:  credit.Because{Account: p.account.String(), Cause: p.account.String(), RecordedAt: now},
			Purchase: "drill", Amount: 1_000_000_000_000,
		},
	}, nil
}

// visit is one booking of the drill. Its reminder is due a day before it starts.
type visit struct {
	place *place
	n     int
	due   time.Time
}

// schedule spreads visits evenly over the drill, so that the given number of reminders is due in each hour.
func schedule(places []place, options Options, random *rand.Rand) (visits []visit) {
	weights := 0
	for _, p := range places {
		weights += p.weight
	}
	count := int(float64(options.PerHour) * options.Scenario.runs.Hours())
	for n := range count {
		draw := random.IntN(weights)
		at := 0
		for draw >= places[at].weight {
			draw -= places[at].weight
			at++
		}
		due := start.Add(time.Duration(float64(n) / float64(count) * float64(options.Scenario.runs))).Truncate(time.Minute)
		visits = append(visits, visit{place: &places[at], n: n, due: due})
	}
	return visits
}

// book registers the client of a visit and books it. The drill books outside of the grid of starts, so that reminders
// are due in every minute.
func book(ctx context.Context, in *installation.Installation, options Options, v visit) error {
	contact, err := client.NewContact(client.Form{
		Name: fmt.Sprintf("Client %d", v.n+1), Phone: fmt.Sprintf(numbers[v.place.country], 2_000_000+v.n),
		Country: v.place.country,
	})
	if err != nil {
		return fmt.Errorf("client %d: %w", v.n+1, err)
	}
	who := domain.ClientID{UUID: options.id("client", v.n)}
	origin := v.place.origin.WithID(options.id("register", v.n))
	if _, err := in.Engine.Do(ctx, origin, client.Register{
		Client: who, Account: v.place.account, Contact: contact,
	}); err != nil {
		return err
	}
	_, err = in.Booking.Book(ctx, v.place.origin.WithID(options.id("book", v.n)), booking.Order{
		Appointment: appointment.IDOf(v.place.account, fmt.Sprint("drill-", v.n)), Account: v.place.account, Client: who,
		Service: v.place.service, Start: v.due.Add(day), Override: domain.Secret("drill"),
	})
	return err
}

// id derives an id of the drill.
func (o Options) id(about ...any) uuid.UUID {
	return domain.DeriveUUID(append([]any{"drill", o.Scenario.Name, int64(o.Seed)}, about...)...)
}
