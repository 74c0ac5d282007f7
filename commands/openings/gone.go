package openings

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// Gone returns what the current visit of a booked appointment relies on and does not have any more, each as an
// unresolved concern: its client, its service, or the hours of a resource that it takes. A visit for which the staff
// have overridden the rules does not rely on weekly hours.
func (o Openings) Gone(ctx context.Context, state appointment.State) ([]appointment.Concern, error) {
	current, booked := state.Current()
	if !booked || state.Status != appointment.StatusBooked {
		return nil, nil
	}
	var gone []appointment.Concern
	add := func(lacks bool, reason string, source uuid.UUID) {
		if lacks {
			gone = append(gone, appointment.Concern{Reason: reason, Source: source})
		}
	}
	who, _, err := commands.Load(ctx, o.Engine, client.Decider, client.Stream(state.Client))
	if err != nil {
		return nil, err
	}
	add(who.Erased, appointment.ClientErased, state.Client.UUID)
	what, _, err := commands.Load(ctx, o.Engine, service.Decider, service.Stream(state.Service))
	if err != nil {
		return nil, err
	}
	add(what.Retired, appointment.ServiceRetired, state.Service.UUID)
	visit := domain.Interval{Start: current.Visit.Start, End: current.Visit.End}
	for _, leg := range current.Visit.Legs {
		with, _, err := commands.Load(ctx, o.Engine, resource.Decider, resource.Stream(leg.Resource))
		if err != nil {
			return nil, err
		}
		add(with.Retired, appointment.ResourceRetired, leg.Resource.UUID)
		for _, block := range timeOff(with, visit, state.Service) {
			add(true, appointment.TimeOff, block.UUID)
		}
		if with.Retired || len(current.Overridden) > 0 {
			continue // one reason is enough
		}
		open, err := isOpen(with, visit, state.Service)
		if err != nil {
			return nil, err
		}
		add(!open, appointment.OutsideHours, leg.Resource.UUID)
	}
	return gone, nil
}

// timeOff returns the blocks that take time of a visit away.
func timeOff(state resource.State, visit domain.Interval, of domain.ServiceID) []domain.BlockID {
	var blocks []domain.BlockID
	for _, block := range state.Blocks {
		overlaps := block.Interval.Start.Before(visit.End) && visit.Start.Before(block.Interval.End)
		if !block.Available && overlaps && concerns(block, of) {
			blocks = append(blocks, block.ID)
		}
	}
	return blocks
}

func concerns(block resource.Block, of domain.ServiceID) bool {
	for _, id := range block.Services {
		if id == of {
			return true
		}
	}
	return len(block.Services) == 0
}

// isOpen reports whether a visit is within the weekly hours and the blocks that add to them. A resource whose hours
// were never set promised none.
func isOpen(state resource.State, visit domain.Interval, of domain.ServiceID) (bool, error) {
	if state.Zone == "" {
		return true, nil
	}
	schedule, err := ScheduleOf(state, visit)
	if err != nil {
		return false, err
	}
	var adding []availability.TimeBlock
	for _, block := range schedule.Blocks {
		if block.Available {
			adding = append(adding, block)
		}
	}
	schedule.Blocks = adding
	const day = 24 * time.Hour
	window := availability.Interval{Start: visit.Start.Add(-day), End: visit.End.Add(day)}
	for _, open := range schedule.Open(window, of.String(), "") {
		if !visit.Start.Before(open.Start) && !visit.End.After(open.End) {
			return true, nil
		}
	}
	return false, nil
}
