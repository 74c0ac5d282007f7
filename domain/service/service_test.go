package service_test

import (
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/service"
)

type example = domaintest.Example[service.Command, service.Event]

var (
	id      = domain.DeriveID[domain.ServiceID]("check-up")
	account = domain.DeriveID[domain.AccountID]("clinic")
	doctor  = domain.DeriveID[domain.ResourceID]("doctor")
	nurse   = domain.DeriveID[domain.ResourceID]("nurse")
	room    = domain.DeriveID[domain.ResourceID]("room")
)

func checkUp() service.Policy {
	return service.Policy{
		Name: "Check-up", DurationMin: 30, IntervalMin: 15, OffsetMin: 5, BufferBeforeMin: 5, BufferAfterMin: 10,
		Packing: "packed", ConsecutiveOnly: true, MinNoticeMin: 60, HorizonDays: 90, PerDay: 20,
		MoveCutoffMin: 120, CancelCutoffMin: 1440, PriceText: "R$ 90",
		Requirements: []service.Requirement{
			{AnyOf: []service.Choice{{Resource: doctor, Units: 1}, {Resource: nurse, Units: 1}}},
			{AnyOf: []service.Choice{{Resource: room, Units: 2}}},
		},
	}
}

func longer() service.Policy {
	return service.Policy{Name: "Long check-up", DurationMin: 60, Requirements: checkUp().Requirements[:1]}
}

func given(events ...service.Event) []service.Event { return events }

func TestService(t *testing.T) {
	define := service.Define{Service: id, Account: account, Policy: checkUp()}
	defined := service.ServiceDefined{Service: id, Account: account, Policy: checkUp()}
	second := service.ServiceChanged{Service: id, Version: 2, Policy: longer()}
	retired := service.ServiceRetired{Service: id}
	limited := longer()
	limited.PerDay, limited.PerWeek, limited.PerClient = 10, 40, 1
	examples := []example{
		{Name: "is defined as version 1", When: define, Then: given(defined)},
		{
			Name: "is defined with limits", When: service.Define{Service: id, Account: account, Policy: limited},
			Then: given(service.ServiceDefined{Service: id, Account: account, Policy: limited}),
		},
		{Name: "the same definition after a change", Given: given(defined, second), When: define},
		{
			Name: "another definition", Given: given(defined),
			When: service.Define{Service: id, Account: account, Policy: longer()}, Refused: service.ErrExists,
		},
		{
			Name: "changes to version 2", Given: given(defined),
			When: service.Change{Service: id, Policy: longer()}, Then: given(second),
		},
		{
			Name: "changes back in version 3", Given: given(defined, second),
			When: service.Change{Service: id, Policy: checkUp()},
			Then: given(service.ServiceChanged{Service: id, Version: 3, Policy: checkUp()}),
		},
		{Name: "unknown", When: service.Change{Service: id, Policy: longer()}, Refused: service.ErrUnknown},
		{
			Name: "a name in form D, with spaces", When: service.Define{Service: id, Account: account, Policy: named(" Cafe\u0301 ")},
			Then: given(service.ServiceDefined{Service: id, Account: account, Policy: named("Café")}),
		},
		{
			Name: "changed to a name in form D", Given: given(defined),
			When: service.Change{Service: id, Policy: named("Cafe\u0301")},
			Then: given(service.ServiceChanged{Service: id, Version: 2, Policy: named("Café")}),
		},
		{Name: "retires", Given: given(defined), When: service.Retire{Service: id}, Then: given(retired)},
		{
			Name: "reinstated", Given: given(defined, retired), When: service.Reinstate{Service: id},
			Then: given(service.ServiceReinstated{Service: id}),
		},
		{Name: "reinstated without need", Given: given(defined), When: service.Reinstate{Service: id}},
		{Name: "unknown reinstated", When: service.Reinstate{Service: id}, Refused: service.ErrUnknown},
		{Name: "unknown does not retire", When: service.Retire{Service: id}, Refused: service.ErrUnknown},
		{
			Name: "retired does not change", Given: given(defined, retired),
			When: service.Change{Service: id, Policy: longer()}, Refused: service.ErrRetired,
		},
		{Name: "retired is not defined again", Given: given(defined, retired), When: define, Refused: service.ErrRetired},
	}
	domaintest.Run(t, service.Decider, append(examples, badPolicies(defined)...))
}

func named(name string) service.Policy {
	policy := checkUp()
	policy.Name = name
	return policy
}

func badPolicies(defined service.ServiceDefined) []example {
	var examples []example
	for name, spoil := range map[string]func(*service.Policy){
		"no duration":             func(p *service.Policy) { p.DurationMin = 0 },
		"a duration over a week":  func(p *service.Policy) { p.DurationMin = 7*24*60 + 1 },
		"a negative interval":     func(p *service.Policy) { p.IntervalMin = -1 },
		"a negative buffer":       func(p *service.Policy) { p.BufferAfterMin = -1 },
		"a horizon of ages":       func(p *service.Policy) { p.HorizonDays = 4000 },
		"an unknown packing":      func(p *service.Policy) { p.Packing = "tight" },
		"a price as long as this": func(p *service.Policy) { p.PriceText = strings.Repeat("a", 201) },
		"no requirements":         func(p *service.Policy) { p.Requirements = nil },
		"an empty requirement":    func(p *service.Policy) { p.Requirements[1].AnyOf = nil },
		"no units":                func(p *service.Policy) { p.Requirements[0].AnyOf[0].Units = 0 },
		"no resource":             func(p *service.Policy) { p.Requirements[0].AnyOf[0].Resource = domain.ResourceID{} },
		"a resource twice":        func(p *service.Policy) { p.Requirements[0].AnyOf[1].Resource = doctor },
	} {
		policy := checkUp()
		spoil(&policy)
		examples = append(examples,
			example{
				Name: "not defined with " + name, When: service.Define{Service: id, Account: account, Policy: policy},
				Refused: service.ErrPolicy,
			},
			example{
				Name: "not changed to " + name, Given: given(defined),
				When: service.Change{Service: id, Policy: policy}, Refused: service.ErrPolicy,
			})
	}
	return examples
}

// The caller keeps its slices, so a later change to them must not reach an event.
func TestEventsShareNothingWithTheirCommand(t *testing.T) {
	policy := checkUp()
	events, err := service.Decide(service.State{}, service.Define{Service: id, Account: account, Policy: policy})
	if err != nil {
		t.Fatal(err)
	}
	policy.Requirements[0].AnyOf[0].Units = 99
	if got := events[0].(service.ServiceDefined).Requirements[0].AnyOf[0].Units; got != 1 {
		t.Errorf("units in the event became %d", got)
	}
}
