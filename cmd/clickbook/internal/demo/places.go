package demo

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/page"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// place is one account of the demo.
type place struct {
	form    account.Form
	account domain.AccountID
	root    any // that ids of its things derive from
	rule    account.ReminderRule
	staff   []staff
	rooms   []string
	policy  service.Policy
	service domain.ServiceID
	clients []person
	page    page.Settings
	bought  int64 // credits, each time
	busy    int   // how much of the additional traffic it has, among all
}

// staff is a person with weekly hours. Starts are the local times at which the plan books, for each weekday.
type staff struct {
	name   string
	hours  []resource.Hours
	starts []string
	days   []int
}

var weekdays = []int{1, 2, 3, 4, 5}

const (
	clinicZone = "America/Vancouver"
	schoolZone = "America/Los_Angeles"
)

var (
	onTheHalf   = []string{"09:30", "10:30", "11:30", "14:30", "15:30", "16:30"}
	onTheHour   = []string{"09:00", "10:00", "11:00", "12:00", "14:00", "15:00", "16:00", "17:00"}
	earlyStarts = []string{"08:00", "09:00", "10:00", "11:00", "13:00", "14:00", "15:00", "16:00", "17:00"}
	visits      = []string{"09:00", "10:15", "11:30", "13:30", "14:45", "16:00"}
)

func opens(days []int, from, until, again, to string) []resource.Hours {
	return []resource.Hours{{Days: days, From: from, To: until}, {Days: days, From: again, To: to}}
}

// newClinic is a physiotherapy practice with five therapists and four rooms, open on every day of the week.
func newClinic(random *rand.Rand) *place {
	weekend, middle, other := []int{0, 2, 4, 6}, []int{0, 3, 4, 5, 6}, []int{1, 3, 5, 6}
	p := &place{
		form: account.Form{
			Name: "Harbour Physiotherapy", Email: "front.desk@example.com", Phone: "+16045550100", Zone: clinicZone,
			Locale: "en-CA", Country: "CA", Alerts: account.Alerts{On: true},
			Notices: account.Notices{
				Booked: account.Notice{Email: true}, Moved: account.Notice{Email: true, SMS: true},
				Cancelled: account.Notice{Email: true, SMS: true}, Approved: account.Notice{Email: true},
				Declined: account.Notice{Email: true},
			},
		},
		account: domain.DeriveID[domain.AccountID]("demo"), root: "demo",
		rule:    account.ReminderRule{ID: "day-before", LeadMin: 24 * 60, Channel: "sms"},
		service: domain.DeriveID[domain.ServiceID]("demo", "treatment"),
		staff: []staff{
			{"Anna Brandt", opens(weekdays, "08:00", "12:00", "13:00", "18:00"), earlyStarts, weekdays},
			{"Tom Okafor", opens(weekdays, "08:00", "12:00", "13:00", "18:00"), earlyStarts, weekdays},
			{"Priya Raman", opens(other, "09:00", "13:00", "14:00", "18:00"), onTheHour, other},
			{"Luc Moreau", opens(weekend, "09:00", "13:00", "14:00", "18:00"), onTheHalf, weekend},
			{"Mei Tanaka", opens(middle, "09:00", "13:00", "14:00", "18:00"), onTheHour, middle},
		},
		rooms: []string{"Room 1", "Room 2", "Room 3", "Room 4"},
		policy: service.Policy{
			Name: "Treatment", DurationMin: 45, IntervalMin: 15, BufferAfterMin: 15, HorizonDays: 90, PriceText: "CAD 95",
			CancelCutoffMin: 24 * 60, MoveCutoffMin: 24 * 60,
		},
		page: page.Settings{
			On: true, Address: "harbour-physio", Colour: "#0b5f58",
			Greeting: domain.Secret("Five physiotherapists by the water. This is a demo: everybody here is made up."),
			Policy:   domain.Secret("Move or cancel until a day before your visit. After that, please phone us."),
			Questions: []page.Question{
				{ID: "reason", Text: "What brings you to us?", Kind: page.Short, Required: true},
				{ID: "before", Text: "Have you been here before?", Kind: page.YesNo},
			},
		},
		bought: 500, busy: 4,
	}
	p.clients = append([]person{
		{"Grace Lee", "+16045550101", "grace@example.com", "CA"},
		{"Omar Haddad", "+16045550102", "omar@example.com", "CA"},
		{"Ines Duarte", "+16045550103", "", "CA"},
	}, somePeople(random, 190, "CA", "778", "236")...)
	return p
}

// newSchool has parents' evenings: ten teachers, ten minutes each.
func newSchool(random *rand.Rand) *place {
	p := &place{
		form: account.Form{
			Name: "Maple Street School", Email: "office@example.com", Phone: "+12535550100", Zone: schoolZone,
			Locale: "en-US", Country: "US", Alerts: account.Alerts{On: true},
			Notices: account.Notices{
				Booked: account.Notice{SMS: true}, Moved: account.Notice{SMS: true}, Cancelled: account.Notice{SMS: true},
			},
		},
		account: domain.DeriveID[domain.AccountID]("demo", "school"), root: "demo school",
		rule:    account.ReminderRule{ID: "day-before", LeadMin: 30 * 60, Channel: "sms"},
		service: domain.DeriveID[domain.ServiceID]("demo", "parents' evening"),
		policy: service.Policy{
			Name: "Parents' evening", DurationMin: 10, HorizonDays: 60, CancelCutoffMin: 60, MoveCutoffMin: 60,
		},
		page: page.Settings{
			On: true, Address: "maple-street", Colour: "#7a3b10",
			Greeting: domain.Secret("Parents' evenings. This is a demo: everybody here is made up."),
		},
		bought: 400, busy: 6,
	}
	for _, name := range []string{
		"Ms Abernathy", "Mr Bianchi", "Ms Chowdhury", "Mr Delacroix", "Ms Eriksen", "Mr Fontaine", "Ms Gupta", "Mr Halloran",
		"Ms Iwasaki", "Mr Jankowski",
	} {
		p.staff = append(p.staff, staff{name: name})
	}
	p.clients = somePeople(random, 190, "US", "206", "425")
	return p
}

// newTraveller is a physiotherapist who drives to her clients.
func newTraveller(random *rand.Rand) *place {
	p := &place{
		form: account.Form{
			Name: "Kite Home Physiotherapy", Email: "kit@example.com", Phone: "+16725550100", Zone: clinicZone,
			Locale: "en-CA", Country: "CA", Alerts: account.Alerts{On: true},
			Notices: account.Notices{
				Booked: account.Notice{Email: true}, Moved: account.Notice{SMS: true}, Cancelled: account.Notice{SMS: true},
			},
		},
		account: domain.DeriveID[domain.AccountID]("demo", "traveller"), root: "demo traveller",
		rule:    account.ReminderRule{ID: "day-before", LeadMin: 24 * 60, Channel: "sms"},
		service: domain.DeriveID[domain.ServiceID]("demo", "home visit"),
		staff: []staff{{
			"Kit Marlow", []resource.Hours{{Days: weekdays, From: "08:30", To: "18:00"}}, visits, weekdays,
		}},
		policy: service.Policy{
			Name: "Home visit", DurationMin: 45, IntervalMin: 15, BufferBeforeMin: 15, BufferAfterMin: 15, HorizonDays: 60,
			PriceText: "CAD 120", CancelCutoffMin: 24 * 60, MoveCutoffMin: 12 * 60,
		},
		page: page.Settings{
			On: true, Address: "kite", Approval: true,
			Greeting: domain.Secret("I come to your home. This is a demo: everybody here is made up."),
		},
		bought: 100, busy: 2,
	}
	p.clients = somePeople(random, 40, "CA", "250")
	return p
}

// setUp returns the commands that open the account, with everything but its clients.
func (p *place) setUp() ([]domain.Command, error) {
	settings, err := account.NewSettings(p.form)
	if err != nil {
		return nil, err
	}
	cmds := []domain.Command{
		account.Open{Account: p.account, Settings: settings},
		account.SetReminderRules{Account: p.account, Rules: []account.ReminderRule{p.rule}},
	}
	always := []resource.Hours{{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: "07:00", To: "21:00"}}
	policy := p.policy
	add := func(name, kind string, hours []resource.Hours, requirement *service.Requirement) error {
		profile, err := resource.NewProfile(name, kind, 1)
		if err != nil {
			return err
		}
		id := p.resource(name)
		weekly, err := resource.NewWeeklyHours(id, p.form.Zone, hours)
		if err != nil {
			return err
		}
		cmds = append(cmds, resource.Add{Resource: id, Account: p.account, Profile: profile}, weekly)
		requirement.AnyOf = append(requirement.AnyOf, service.Choice{Resource: id, Units: 1})
		return nil
	}
	var people, rooms service.Requirement
	for _, one := range p.staff {
		if err := add(one.name, "staff", one.hours, &people); err != nil {
			return nil, err
		}
	}
	for _, name := range p.rooms {
		if err := add(name, "room", always, &rooms); err != nil {
			return nil, err
		}
	}
	policy.Requirements = []service.Requirement{people}
	if len(p.rooms) > 0 {
		policy.Requirements = append(policy.Requirements, rooms)
	}
	return append(cmds, service.Define{Service: p.service, Account: p.account, Policy: policy}), nil
}

func (p *place) resource(name string) domain.ResourceID {
	return domain.DeriveID[domain.ResourceID](p.root, name)
}

func (p *place) client(n int) domain.ClientID {
	return domain.DeriveID[domain.ClientID](p.root, "client", n)
}

func (p *place) register(n int) (domain.Command, error) {
	of := p.clients[n]
	contact, err := client.NewContact(client.Form{Name: of.name, Phone: of.phone, Email: of.email, Country: of.country})
	if err != nil {
		return nil, fmt.Errorf("client %d of %s: %w", n, p.form.Name, err)
	}
	return client.Register{Client: p.client(n), Account: p.account, Contact: contact}, nil
}

// simulation is the actor of everything that the demo does by itself, so that the history shows it.
var simulation = domain.Actor{ID: "demo", Channel: "simulation"}

// as returns the origin of a command of the account. Its id derives from what it is about, so that the same day makes
// the same month.
func (p *place) as(about ...any) commands.Origin {
	id := domain.DeriveUUID(append([]any{"demo", p.account}, about...)...)
	return commands.ForAccount(p.account, simulation).WithID(id)
}

func operate(about ...any) commands.Origin {
	return commands.ForInstallation(simulation).WithID(domain.DeriveUUID(append([]any{"demo", "operator"}, about...)...))
}

// at returns an instant of a local date.
func (p *place) at(date time.Time, clock string) (time.Time, error) {
	zone, err := domain.ParseZone(p.form.Zone)
	if err != nil {
		return time.Time{}, err
	}
	return time.ParseInLocation("2006-01-02 15:04", date.Format(time.DateOnly)+" "+clock, zone)
}
