package service

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// packings are the ways to place starts in the open hours of a resource.
var packings = []string{"", "local_hour_grid", "packed"}

const (
	day             = 24 * 60 // minutes
	maxDurationMin  = 7 * day
	maxRuleMin      = 366 * day // of notice and cut-offs
	maxHorizonDays  = 3 * 366
	maxRequirements = 20
	maxChoices      = 500
	maxUnits        = 10_000
)

// normal checks the policy and returns it with its texts as they are stored.
func (p Policy) normal() (Policy, error) {
	name, err := domain.ParseText("the service's name", p.Name, 200)
	if err != nil {
		return p, err
	}
	p.Name, p.PriceText = name, domain.NFC(p.PriceText)
	return p, p.check()
}

// check returns a refusal for values that no schedule can follow. The sentence names the rule and its limits.
func (p Policy) check() error {
	for _, rule := range []struct {
		name            string
		value, min, max int
	}{
		{"duration_min", p.DurationMin, 1, maxDurationMin},
		{"interval_min", p.IntervalMin, 0, maxDurationMin},
		{"offset_min", p.OffsetMin, 0, day},
		{"buffer_before_min", p.BufferBeforeMin, 0, day},
		{"buffer_after_min", p.BufferAfterMin, 0, day},
		{"min_notice_min", p.MinNoticeMin, 0, maxRuleMin},
		{"horizon_days", p.HorizonDays, 0, maxHorizonDays},
		{"per_day", p.PerDay, 0, day},
		{"per_week", p.PerWeek, 0, 7 * day},
		{"per_client", p.PerClient, 0, day},
		{"move_cutoff_min", p.MoveCutoffMin, 0, maxRuleMin},
		{"cancel_cutoff_min", p.CancelCutoffMin, 0, maxRuleMin},
	} {
		if rule.value < rule.min || rule.value > rule.max {
			return refused("%s must be from %d to %d, not %d", rule.name, rule.min, rule.max, rule.value)
		}
	}
	if !slices.Contains(packings, p.Packing) {
		return refused("packing must be local_hour_grid or packed, not %q", p.Packing)
	}
	if len(p.PriceText) > 200 {
		return refused("price_text is too long; write at most 200 bytes")
	}
	return p.checkRequirements()
}

func (p Policy) checkRequirements() error {
	if len(p.Requirements) == 0 || len(p.Requirements) > maxRequirements {
		return refused("requirements must name 1 to %d needs; say which resource the service takes", maxRequirements)
	}
	for _, need := range p.Requirements {
		if len(need.AnyOf) == 0 || len(need.AnyOf) > maxChoices {
			return refused("any_of must name 1 to %d resources", maxChoices)
		}
		seen := make(map[domain.ResourceID]bool, len(need.AnyOf))
		for _, choice := range need.AnyOf {
			switch {
			case choice.Resource.IsZero():
				return refused("a choice names no resource; give its id")
			case seen[choice.Resource]:
				return refused("resource %s is listed twice in one requirement; name it once", choice.Resource)
			case choice.Units < 1 || choice.Units > maxUnits:
				return refused("units must be from 1 to %d, not %d", maxUnits, choice.Units)
			}
			seen[choice.Resource] = true
		}
	}
	return nil
}

func refused(format string, args ...any) error {
	return domain.Refusef(ErrPolicy.Reason, ErrPolicy.Code, format, args...)
}
