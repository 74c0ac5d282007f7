package simulation

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/domain/service"
)

// The simulated account at the start.
const (
	boughtCredits  = 60_000
	welcomeCredits = 1_000
	welcomeDays    = 25 // from the first simulated day until the rest of the gift expires
	reminderLead   = 24 * 60
)

// setup is the account with its clinics, before the first visit is booked.
type setup struct {
	account   domain.AccountID
	service   domain.ServiceID
	resources map[string]domain.ResourceID // by clinic
}

// do carries out a command of the simulated account. Its id derives from the seed and from what it is about, so that
// the same seed gives the same ids.
func (d *driver) do(ctx context.Context, cmd domain.Command, about ...any) error {
	return d.run(ctx, d.as(about...), cmd)
}

// operate carries out a command of the simulated operator: on providers, routes and windows.
func (d *driver) operate(ctx context.Context, cmd domain.Command, about ...any) error {
	return d.run(ctx, d.identify(commands.ForInstallation(vitoria), about...), cmd)
}

func (d *driver) run(ctx context.Context, origin commands.Origin, cmd domain.Command) error {
	_, err := d.in.Engine.Do(ctx, origin, cmd)
	if err != nil {
		return fmt.Errorf("%T at %s: %w", cmd, d.clock.Now().Format(time.RFC3339), err)
	}
	return nil
}

var vitoria = domain.Actor{ID: "vitoria", Channel: "simulation"}

// as returns the origin of a command of the simulated account.
func (d *driver) as(about ...any) commands.Origin {
	return d.identify(commands.ForAccount(d.account, vitoria), about...)
}

func (d *driver) identify(origin commands.Origin, about ...any) commands.Origin {
	id := domain.DeriveUUID(append([]any{"simulation", int64(d.options.Seed)}, about...)...)
	return origin.WithID(id).WithCause(uuid.Nil, id)
}

// setUp opens the account with its clinics, one service, and a reminder on the day before.
func (d *driver) setUp(ctx context.Context, clinics []clinic) error {
	d.account = domain.DeriveID[domain.AccountID]("simulation", int64(d.options.Seed), "account")
	d.service = domain.DeriveID[domain.ServiceID](d.account, "consulta")
	d.resources = make(map[string]domain.ResourceID, len(clinics))
	settings, err := account.NewSettings(account.Form{
		Name: "Saúde Vitória", Email: "agenda@example.com", Zone: d.options.Zone.String(), Locale: "pt-BR", Country: "BR",
	})
	if err != nil {
		return err
	}
	if err := d.do(ctx, account.Open{Account: d.account, Settings: settings}, "open"); err != nil {
		return err
	}
	rules := []account.ReminderRule{{ID: "day-before", LeadMin: reminderLead, Channel: "sms"}}
	if err := d.do(ctx, account.SetReminderRules{Account: d.account, Rules: rules}, "rules"); err != nil {
		return err
	}
	policy := service.Policy{Name: "Consulta", DurationMin: visitMin, Requirements: make([]service.Requirement, 1)}
	for _, c := range clinics {
		id := domain.DeriveID[domain.ResourceID](d.account, c.name)
		d.resources[c.name] = id
		choice := service.Choice{Resource: id, Units: 1}
		policy.Requirements[0].AnyOf = append(policy.Requirements[0].AnyOf, choice)
		if err := d.addClinic(ctx, id, c); err != nil {
			return err
		}
	}
	if err := d.do(ctx, service.Define{Service: d.service, Account: d.account, Policy: policy}, "service"); err != nil {
		return err
	}
	return d.addProviders(ctx)
}

func (d *driver) addClinic(ctx context.Context, id domain.ResourceID, c clinic) error {
	profile, err := resource.NewProfile(c.name, "room", c.units)
	if err != nil {
		return err
	}
	if err := d.do(ctx, resource.Add{Resource: id, Account: d.account, Profile: profile}, "clinic", c.name); err != nil {
		return err
	}
	everyDay := []int{0, 1, 2, 3, 4, 5, 6}
	hours, err := resource.NewWeeklyHours(id, d.options.Zone.String(),
		[]resource.Hours{{Days: everyDay, From: clinicOpens, To: clinicCloses}})
	if err != nil {
		return err
	}
	return d.do(ctx, hours, "hours", c.name)
}

// addProviders registers the providers with their route, and buys credits.
func (d *driver) addProviders(ctx context.Context) error {
	for _, name := range d.options.Providers {
		if err := d.operate(ctx, provider.Register{Provider: name, Kind: "simulated"}, "provider", name); err != nil {
			return err
		}
	}
	if err := d.operate(ctx, route.Set{Country: "BR", Providers: d.options.Providers}, "route"); err != nil {
		return err
	}
	reason := d.because("purchase")
	bought := credit.Purchase{Because: reason, Purchase: "opening", Amount: boughtCredits * 1_000_000}
	if err := d.do(ctx, bought, "buy"); err != nil {
		return err
	}
	gift := credit.Grant{
		Because: d.because("welcome"), Grant: "welcome", Amount: welcomeCredits * 1_000_000,
		ExpiresAt: d.options.From.AddDate(0, 0, welcomeDays).UTC(),
	}
	return d.do(ctx, gift, "gift")
}

func (d *driver) because(what string) credit.Because {
	return credit.Because{
		Account: d.account.String(), Cause: domain.DeriveUUID("simulation", int64(d.options.Seed), what).String(),
		RecordedAt: d.in.Engine.Now(),
	}
}
