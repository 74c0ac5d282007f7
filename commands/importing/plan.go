package importing

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/projections/fold"
)

// plan gives each row of a batch its visit and its service, and makes the resources and services that are missing.
func (im *Importer) plan(ctx context.Context, batch []*job) error {
	for _, j := range batch {
		if j.err == nil {
			j.err = im.planOne(ctx, j)
		}
		if fault := faultOf(j.err); fault != nil {
			return fault
		}
	}
	if err := im.services.define(ctx); err != nil {
		return err
	}
	for _, j := range batch {
		if j.err == nil {
			j.err = im.services.planned[fold.Identity(j.row.Appointment.Service)].err
		}
	}
	return nil
}

// planOne makes the visit of a row. Its legs are as long as the appointment, because a sheet has no buffers.
func (im *Importer) planOne(ctx context.Context, j *job) error {
	row := j.row.Appointment
	zone, err := domain.ParseZone(row.Zone)
	if err != nil {
		return err
	}
	j.visit = appointment.Visit{
		Start: row.Start, End: row.End, Zone: row.Zone, Local: row.Start.In(zone).Format("2006-01-02T15:04:05"),
	}
	for _, taken := range row.Taken {
		id, err := im.resources.find(ctx, taken.Resource)
		if err != nil {
			return err
		}
		j.visit.Legs = addLeg(j.visit.Legs, appointment.Leg{
			Resource: id, Units: taken.Units, Interval: domain.Interval{Start: row.Start, End: row.End},
		})
	}
	j.service = im.services.find(j)
	return nil
}

// addLeg appends a leg, or adds its units to the leg of the same resource.
func addLeg(legs []appointment.Leg, leg appointment.Leg) []appointment.Leg {
	for i := range legs {
		if legs[i].Resource == leg.Resource {
			legs[i].Units += leg.Units
			return legs
		}
	}
	return append(legs, leg)
}

// groupByDiary splits rows into groups that share no diary. Within a group the rows keep their order.
func groupByDiary(batch []*job) map[domain.Stream][]*job {
	parent := make(map[domain.Stream]domain.Stream) // of each diary in its group's tree
	var root func(domain.Stream) domain.Stream
	root = func(of domain.Stream) domain.Stream {
		if to, ok := parent[of]; ok && to != of {
			parent[of] = root(to)
			return parent[of]
		}
		return of
	}
	first := make(map[*job]domain.Stream)
	for _, j := range batch {
		if j.err != nil {
			continue
		}
		for _, leg := range j.visit.Legs {
			for _, month := range diary.Months(leg.Interval) {
				needed := diary.StreamOf(leg.Resource, month)
				if first[j] == "" {
					first[j] = needed
				}
				parent[root(needed)] = root(first[j])
			}
		}
	}
	groups := make(map[domain.Stream][]*job)
	for _, j := range batch {
		if j.err == nil {
			groups[root(first[j])] = append(groups[root(first[j])], j)
		}
	}
	return groups
}
