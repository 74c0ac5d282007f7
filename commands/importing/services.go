package importing

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/service"
	"github.com/clickbook/clickbook/projections/fold"
)

const (
	maxServiceMin = 7 * 24 * 60
	maxChoices    = 500 // of a service; an import books further resources without offering them
)

// services finds the services of an account by name, and defines those that are missing.
type services struct {
	*Importer
	planned map[string]*plannedService // by fold.Identity of the name
	names   []string                   // of those that this import defined
}

// plannedService is a service and the resources that the rows of a batch add to it.
type plannedService struct {
	id       domain.ServiceID
	policy   service.Policy // in force, or to be defined
	version  int            // 0: not defined yet
	imported bool           // an import defined it, and it is still offered
	more     []domain.ResourceID
	err      error
}

func newServices(im *Importer) *services {
	return &services{Importer: im, planned: make(map[string]*plannedService)}
}

func (s *services) learn(known []KnownService) {
	for _, one := range slices.Backward(known) { // the first of a name is set last
		s.planned[fold.Identity(one.Policy.Name)] = &plannedService{
			id: one.ID, policy: one.Policy, version: one.Version,
			imported: !one.Retired && (one.ID == s.idOf(one.Policy.Name) || one.ID == s.legacyService(one.Policy.Name)),
		}
	}
}

// idOf returns the id of a service that an import defines under a name.
func (s *services) idOf(name string) domain.ServiceID {
	return domain.DeriveID[domain.ServiceID](s.account, "imported service name", fold.Identity(name))
}

// find returns the service of a row. A new service is as long as its first appointment, and offers the resources of
// its appointments. Of the services that exist, only those that an import defined get more resources, and only
// resources that this import added: what the staff decided stays.
func (s *services) find(j *job) domain.ServiceID {
	row := j.row.Appointment
	name := fold.Identity(row.Service)
	planned := s.planned[name]
	if planned == nil {
		minutes := int(row.End.Sub(row.Start) / time.Minute)
		planned = &plannedService{id: s.idOf(row.Service), imported: true, policy: service.Policy{
			Name: row.Service, DurationMin: min(max(minutes, 1), maxServiceMin),
		}}
		s.planned[name] = planned
	}
	for _, leg := range j.visit.Legs {
		isNew := planned.version == 0 || planned.imported && s.resources.added[leg.Resource]
		if isNew && !planned.has(leg.Resource) {
			planned.more = append(planned.more, leg.Resource)
		}
	}
	return planned.id
}

func (p *plannedService) has(id domain.ResourceID) bool {
	if slices.Contains(p.more, id) {
		return true
	}
	return len(p.policy.Requirements) > 0 && slices.ContainsFunc(p.policy.Requirements[0].AnyOf,
		func(c service.Choice) bool { return c.Resource == id })
}

// define defines or extends the services that a batch needs. A refusal is kept for the rows of the service. Errors
// are faults.
func (s *services) define(ctx context.Context) error {
	for _, name := range slices.Sorted(maps.Keys(s.planned)) {
		planned := s.planned[name]
		planned.err = s.defineOne(ctx, planned)
		if fault := faultOf(planned.err); fault != nil {
			return fault
		}
	}
	return nil
}

func (s *services) defineOne(ctx context.Context, p *plannedService) error {
	if len(p.more) == 0 || p.version > 0 && len(p.policy.Requirements) != 1 {
		return p.err
	}
	var choices []service.Choice
	if p.version > 0 {
		choices = slices.Clone(p.policy.Requirements[0].AnyOf)
	}
	for _, id := range p.more {
		if len(choices) < maxChoices {
			choices = append(choices, service.Choice{Resource: id, Units: 1})
		}
	}
	p.more = nil
	p.policy.Requirements = []service.Requirement{{AnyOf: choices}}
	var cmd domain.Command = service.Change{Service: p.id, Policy: p.policy}
	if p.version == 0 {
		cmd = service.Define{Service: p.id, Account: s.account, Policy: p.policy}
	}
	outcome, err := s.Engine.Run(ctx, s.as("service", p.id, len(choices)), cmd)
	if err != nil {
		return err
	}
	if p.version == 0 {
		s.names = append(s.names, p.policy.Name)
	}
	if len(outcome.Events) > 0 {
		p.version++
	} else {
		p.version = max(p.version, 1)
	}
	return nil
}
