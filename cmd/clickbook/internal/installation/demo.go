package installation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

const demoZone = "America/Vancouver"

// The demo is a physiotherapy practice in Vancouver with two therapists and a few clients.
var (
	demoAccount    = domain.DeriveID[domain.AccountID]("demo")
	demoService    = domain.DeriveID[domain.ServiceID]("demo", "treatment")
	demoTherapists = []string{"Anna Brandt", "Tom Okafor"}
	demoClients    = []client.Form{
		{Name: "Grace Lee", Phone: "+16045550101", Email: "grace@example.com", Country: "CA"},
		{Name: "Omar Haddad", Phone: "+16045550102", Email: "omar@example.com", Country: "CA"},
		{Name: "Ines Duarte", Phone: "+16045550103", Country: "CA"},
	}
)

// printDemo seeds the demo account once, and prints what is needed to try it. The keys are new at each start.
func (in *Installation) printDemo(ctx context.Context, out io.Writer, url string) error {
	if err := in.seed(ctx, commands.ForAccount(demoAccount, Operator)); err != nil {
		return fmt.Errorf("seed the demo: %w", err)
	}
	owner, err := in.Issue(ctx, demoAccount, access.Owner, "demo")
	if err != nil {
		return err
	}
	staff, err := in.Issue(ctx, demoAccount, access.Staff, "demo")
	if err != nil {
		return err
	}
	start, err := in.demoStart(ctx)
	if err != nil {
		return err
	}
	if err := in.printDemoLinks(ctx, out, demoAccount); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nto try it, set these in another terminal:\n")
	for _, line := range [][2]string{
		{"URL", url},
		{"ACCOUNT", demoAccount.String()},
		{"KEY", owner},
		{"STAFF_KEY", staff},
		{"SERVICE", demoService.String()},
		{"THERAPIST", demoTherapist(demoTherapists[0]).String()},
		{"CLIENT", demoClient(0).String()},
		{"OTHER", demoClient(1).String()},
		{"DAY", start.Format(time.DateOnly)},
		{"NEXT", start.AddDate(0, 0, 1).Format(time.DateOnly)},
		{"START", start.Format("2006-01-02T15:04")},
	} {
		fmt.Fprintf(out, "  %s=%s\n", line[0], line[1])
	}
	return nil
}

func demoTherapist(name string) domain.ResourceID {
	return domain.DeriveID[domain.ResourceID]("demo", name)
}

// demoStart returns a start of the first therapist that is free after the demo's own appointments, on the demo's clock.
func (in *Installation) demoStart(ctx context.Context) (time.Time, error) {
	now := in.Engine.Now()
	free, err := in.Openings.Between(ctx, openings.Question{
		Account: demoAccount, Service: demoService, Resource: demoTherapist(demoTherapists[0]), Now: now,
	}, domain.Interval{Start: now.AddDate(0, 0, 8), End: now.AddDate(0, 0, 15)})
	if err != nil || len(free) == 0 {
		return time.Time{}, errors.Join(err, errors.New("the demo has no free start in its second week"))
	}
	zone, err := domain.ParseZone(demoZone)
	return free[len(free)/2].At.In(zone), err
}

func demoClient(n int) domain.ClientID { return domain.DeriveID[domain.ClientID]("demo", "client", n) }

// seed sets up the account. A second call changes nothing, because every command has been carried out.
func (in *Installation) seed(ctx context.Context, origin commands.Origin) error {
	settings, err := account.NewSettings(account.Form{
		Name: "Harbour Physiotherapy", Email: "front.desk@example.com", Zone: demoZone, Locale: "en-CA",
		Country: "CA",
	})
	if err != nil {
		return err
	}
	cmds := []domain.Command{
		account.Open{Account: demoAccount, Settings: settings},
		account.SetReminderRules{Account: demoAccount, Rules: []account.ReminderRule{
			{ID: "day-before", LeadMin: 24 * 60, Channel: "sms"}, {ID: "two-hours", LeadMin: 120, Channel: "sms"},
		}},
		credit.Purchase{
			Because: credit.Because{
				Account: demoAccount.String(), Cause: domain.DeriveUUID("demo", "purchase").String(),
				RecordedAt: in.Engine.Now(),
			},
			Purchase: "demo", Amount: 500_000_000,
		},
	}
	policy := service.Policy{
		Name: "Treatment", DurationMin: 45, IntervalMin: 15, BufferAfterMin: 15, HorizonDays: 90, PriceText: "CAD 95",
		CancelCutoffMin: 24 * 60, MoveCutoffMin: 24 * 60, Requirements: make([]service.Requirement, 1),
	}
	for _, name := range demoTherapists {
		id := demoTherapist(name)
		profile, err := resource.NewProfile(name, "staff", 1)
		if err != nil {
			return err
		}
		hours, err := resource.NewWeeklyHours(id, demoZone, []resource.Hours{
			{Days: []int{1, 2, 3, 4, 5}, From: "08:00", To: "12:00"}, {Days: []int{1, 2, 3, 4, 5}, From: "13:00", To: "18:00"},
		})
		if err != nil {
			return err
		}
		cmds = append(cmds, resource.Add{Resource: id, Account: demoAccount, Profile: profile}, hours)
		policy.Requirements[0].AnyOf = append(policy.Requirements[0].AnyOf, service.Choice{Resource: id, Units: 1})
	}
	cmds = append(cmds, service.Define{Service: demoService, Account: demoAccount, Policy: policy})
	for n, form := range demoClients {
		contact, err := client.NewContact(form)
		if err != nil {
			return err
		}
		cmds = append(cmds, client.Register{Client: demoClient(n), Account: demoAccount, Contact: contact})
	}
	for _, cmd := range cmds {
		if _, err := in.Engine.Do(ctx, origin, cmd); err != nil {
			return fmt.Errorf("%T: %w", cmd, err)
		}
	}
	return in.seedBookings(ctx, origin)
}

// seedBookings books each client at the next free starts.
func (in *Installation) seedBookings(ctx context.Context, origin commands.Origin) error {
	now := in.Engine.Now()
	ask := openings.Question{Account: demoAccount, Service: demoService, Now: now}
	for n := range demoClients {
		id := appointment.IDOf(demoAccount, fmt.Sprintf("demo-%d", n))
		known, _, err := commands.Load(ctx, in.Engine, appointment.Decider, appointment.StreamOf(id))
		if err != nil || known.Exists() {
			return err
		}
		free, err := in.Openings.Between(ctx, ask, domain.Interval{Start: now.Add(26 * time.Hour), End: now.AddDate(0, 0, 7)})
		if err != nil || len(free) <= 3*n {
			return err
		}
		_, err = in.Booking.Book(ctx, origin, booking.Order{
			Appointment: id, Account: demoAccount, Client: demoClient(n), Service: demoService, Start: free[3*n].At,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
