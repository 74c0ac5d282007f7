package importing

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
	"github.com/clickbook/clickbook/projections/directory"
)

// What a sheet without a column for it is about.
const (
	serviceOfAll  = "Appointment"
	resourceOfAll = "Calendar"
)

const maxServiceMin = 7 * 24 * 60

// places finds the account's resources and services by their names, or makes them.
type places struct {
	im        *importer
	units     int // asked for, 0 where not
	hours     resource.Hours
	resources map[string]domain.ResourceID
	services  map[string]*plannedService
	madeNow   map[domain.ResourceID]bool

	resourceNames, serviceNames []string // made by this import
}

// plannedService is a service with what the rows of a batch want it to be.
type plannedService struct {
	id      domain.ServiceID
	policy  service.Policy // as it stands
	version int            // 0: not defined yet
	derived bool           // made by an import, this one or an earlier, and still offered
	more    []domain.ResourceID
	err     error
}

func newPlaces(ctx context.Context, im *importer, wish Options) (*places, error) {
	p := &places{
		im: im, units: wish.Units, hours: wish.Hours, madeNow: make(map[domain.ResourceID]bool),
		resources: make(map[string]domain.ResourceID), services: make(map[string]*plannedService),
	}
	if im.isNew {
		return p, nil
	}
	resources, err := directory.Resources{DB: im.in.Views}.All(ctx, im.account)
	if err != nil {
		return nil, err
	}
	for _, r := range slices.Backward(resources) { // of two of one name the first counts, and retired ones come last
		p.resources[sheet.Fold(r.Name)] = r.ID
	}
	services, err := directory.Services{DB: im.in.Views}.All(ctx, im.account)
	if err != nil {
		return nil, err
	}
	for _, s := range slices.Backward(services) {
		p.services[sheet.Fold(s.Policy.Name)] = &plannedService{
			id: s.ID, policy: s.Policy, version: s.Version, derived: !s.Retired && s.ID == p.serviceID(s.Policy.Name),
		}
	}
	return p, p.raise(ctx)
}

// raise gives the resources that imports have made the units asked for.
func (p *places) raise(ctx context.Context) error {
	for name, id := range p.resources {
		if p.units == 0 || id != p.resourceID(name) {
			continue
		}
		state, _, err := commands.Load(ctx, p.im.in.Engine, resource.Decider, resource.Stream(id))
		if err != nil {
			return err
		}
		if state.Retired || state.Units >= p.units {
			continue
		}
		profile := state.Profile
		profile.Units = p.units
		origin := p.im.as("units", id, p.units)
		if _, err := p.im.in.Engine.Do(ctx, origin, resource.Change{Resource: id, Profile: profile}); err != nil {
			return err
		}
	}
	return nil
}

func (p *places) resourceID(name string) domain.ResourceID {
	return domain.DeriveID[domain.ResourceID](p.im.account, "imported resource",
		p.im.fingerprint("resource", sheet.Fold(name)))
}

func (p *places) serviceID(name string) domain.ServiceID {
	return domain.DeriveID[domain.ServiceID](p.im.account, "imported service", sheet.Fold(name))
}

// resolve gives each row its visit and its service, making what is seen for the first time.
func (p *places) resolve(ctx context.Context, batch []*job) error {
	for _, j := range batch {
		if j.err == nil {
			j.err = p.place(ctx, j)
		}
		if _, refused := domain.AsRefusal(j.err); j.err != nil && !refused {
			return j.err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.services)) {
		s := p.services[name]
		if s.err = p.settle(ctx, s); s.err != nil {
			if _, refused := domain.AsRefusal(s.err); !refused {
				return s.err
			}
		}
	}
	for _, j := range batch {
		if j.err == nil {
			j.err = p.services[sheet.Fold(j.wish.Service)].err
		}
	}
	return nil
}

// place makes the visit of a row: its legs are as long as itself, since a sheet knows nothing of buffers.
func (p *places) place(ctx context.Context, j *job) error {
	zone, err := domain.ParseZone(j.wish.Zone)
	if err != nil {
		return err
	}
	j.visit = appointment.Visit{
		Start: j.wish.Start, End: j.wish.End, Zone: j.wish.Zone, Local: j.wish.Start.In(zone).Format("2006-01-02T15:04:05"),
	}
	for _, taken := range j.wish.Taken {
		id, err := p.resource(ctx, taken.Resource)
		if err != nil {
			return err
		}
		j.visit.Legs = joinLeg(j.visit.Legs, appointment.Leg{
			Resource: id, Units: taken.Units, Interval: domain.Interval{Start: j.wish.Start, End: j.wish.End},
		})
	}
	j.service = p.service(j)
	return nil
}

// joinLeg adds up two mentions of one resource.
func joinLeg(legs []appointment.Leg, leg appointment.Leg) []appointment.Leg {
	for i := range legs {
		if legs[i].Resource == leg.Resource {
			legs[i].Units += leg.Units
			return legs
		}
	}
	return append(legs, leg)
}

// resource finds a resource by its name or adds it, open every day.
func (p *places) resource(ctx context.Context, name string) (domain.ResourceID, error) {
	if id, ok := p.resources[sheet.Fold(name)]; ok {
		return id, nil
	}
	profile, err := resource.NewProfile(name, "staff", max(p.units, 1))
	if err != nil {
		return domain.ResourceID{}, err
	}
	id := p.resourceID(name)
	hours, err := resource.NewWeeklyHours(id, p.im.home.Zone, []resource.Hours{p.hours})
	if err != nil {
		return id, err
	}
	for i, cmd := range []domain.Command{resource.Add{Resource: id, Account: p.im.account, Profile: profile}, hours} {
		if _, err := p.im.in.Engine.Do(ctx, p.im.as("resource", id, i), cmd); err != nil {
			return id, err
		}
	}
	p.resources[sheet.Fold(name)], p.madeNow[id] = id, true
	p.resourceNames = append(p.resourceNames, name)
	return id, nil
}

// service finds a service by its name or plans it, as long as the first appointment of it and with whoever gives it.
// Resources are added only to services that an import has made, and only when they are new as well: what the staff
// decided stays.
func (p *places) service(j *job) domain.ServiceID {
	name := sheet.Fold(j.wish.Service)
	s := p.services[name]
	if s == nil {
		minutes := int(j.wish.End.Sub(j.wish.Start) / time.Minute)
		s = &plannedService{id: p.serviceID(j.wish.Service), derived: true, policy: service.Policy{
			Name: j.wish.Service, DurationMin: min(max(minutes, 1), maxServiceMin),
		}}
		p.services[name] = s
	}
	for _, leg := range j.visit.Legs {
		isNew := s.version == 0 || s.derived && p.madeNow[leg.Resource]
		if isNew && !s.has(leg.Resource) {
			s.more = append(s.more, leg.Resource)
		}
	}
	return s.id
}

func (s *plannedService) has(id domain.ResourceID) bool {
	if slices.Contains(s.more, id) {
		return true
	}
	return len(s.policy.Requirements) > 0 && slices.ContainsFunc(s.policy.Requirements[0].AnyOf,
		func(c service.Choice) bool { return c.Resource == id })
}

// settle defines a service, or adds to its choices what the batch brought.
func (p *places) settle(ctx context.Context, s *plannedService) error {
	const maxChoices = 500 // a service has no more; later resources are booked without being offered
	if len(s.more) == 0 || s.version > 0 && len(s.policy.Requirements) != 1 {
		return s.err
	}
	var choices []service.Choice
	if s.version > 0 {
		choices = slices.Clone(s.policy.Requirements[0].AnyOf)
	}
	for _, id := range s.more {
		if len(choices) < maxChoices {
			choices = append(choices, service.Choice{Resource: id, Units: 1})
		}
	}
	s.more = nil
	s.policy.Requirements = []service.Requirement{{AnyOf: choices}}
	var cmd domain.Command = service.Change{Service: s.id, Policy: s.policy}
	if s.version == 0 {
		cmd = service.Define{Service: s.id, Account: p.im.account, Policy: s.policy}
	}
	outcome, err := p.im.in.Engine.Run(ctx, p.im.as("service", s.id, len(choices)), cmd)
	if err != nil {
		return err
	}
	if s.version == 0 {
		p.serviceNames = append(p.serviceNames, s.policy.Name)
	}
	if len(outcome.Events) > 0 {
		s.version++
	} else {
		s.version = max(s.version, 1)
	}
	return nil
}
