package openings

import (
	"context"
	"fmt"
	"slices"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// ErrNotChoice refuses a named resource that a service does not offer. ErrChoices refuses a service that names
// resources which nobody could book.
var (
	ErrNotChoice = domain.Refuse(domain.Invalid, "resource_not_offered",
		"the service does not offer this resource; name one of its choices, or leave resource out")
	ErrChoices = domain.Refuse(domain.Invalid, "service_resource_invalid",
		"the service names a resource that cannot be booked; remove it")
)

// named returns which requirements the named resource of a question can meet. It refuses one that the service does
// not offer, and one that is retired.
func (o Openings) named(ctx context.Context, q Question, policy service.State) (listed []int, err error) {
	if q.Resource.IsZero() {
		return nil, nil
	}
	for i, requirement := range policy.Requirements {
		if slices.ContainsFunc(requirement.AnyOf, func(c service.Choice) bool { return c.Resource == q.Resource }) {
			listed = append(listed, i)
		}
	}
	state, _, err := commands.Load(ctx, o.Engine, resource.Decider, resource.Stream(q.Resource))
	switch {
	case err != nil:
		return nil, err
	case state.Account != q.Account:
		return nil, resource.ErrUnknown.At("resource")
	case len(listed) == 0:
		return nil, domain.Refusef(ErrNotChoice.Reason, ErrNotChoice.Code,
			"the service %q does not offer %s; name one of its choices, or leave resource out",
			policy.Name, state.Name.Reveal()).At("resource")
	case state.Retired:
		return nil, domain.Refusef(ErrNotChoice.Reason, ErrNotChoice.Code,
			"%s is retired; name another of the service's choices, or leave resource out",
			state.Name.Reveal()).At("resource")
	}
	return listed, nil
}

// narrowed returns the requirements of a service, once for each of those listed, where only the named resource meets
// that one.
func narrowed(all []service.Requirement, named domain.ResourceID, listed []int) [][]service.Requirement {
	if len(listed) == 0 {
		return [][]service.Requirement{all}
	}
	out := make([][]service.Requirement, len(listed))
	for i, at := range listed {
		out[i] = slices.Clone(all)
		out[i][at].AnyOf = slices.DeleteFunc(slices.Clone(all[at].AnyOf),
			func(c service.Choice) bool { return c.Resource != named })
	}
	return out
}

// CheckChoices refuses a policy that names a resource which does not exist, belongs to another account or is retired.
// The refusal has the field. Services do not know resources, so callers that define or change one call this first.
func (o Openings) CheckChoices(ctx context.Context, account domain.AccountID, policy service.Policy) error {
	checked := make(map[domain.ResourceID]bool)
	for i, requirement := range policy.Requirements {
		for k, choice := range requirement.AnyOf {
			if checked[choice.Resource] || choice.Resource.IsZero() { // the policy itself refuses a missing id
				continue
			}
			checked[choice.Resource] = true
			state, _, err := commands.Load(ctx, o.Engine, resource.Decider, resource.Stream(choice.Resource))
			field := fmt.Sprintf("requirements.%d.any_of.%d.resource", i, k)
			switch {
			case err != nil:
				return err
			case state.Account != account:
				return domain.Refusef(ErrChoices.Reason, ErrChoices.Code,
					"%s is %s, and this account has no such resource; check the id", field, choice.Resource).At(field)
			case state.Retired:
				return domain.Refusef(ErrChoices.Reason, ErrChoices.Code,
					"%s is %s, which is retired; remove it or choose another", field, state.Name.Reveal()).At(field)
			}
		}
	}
	return nil
}
