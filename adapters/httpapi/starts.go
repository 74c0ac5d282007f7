package httpapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
)

// Openings answers which starts can be booked, and why others cannot.
type Openings interface {
	Between(ctx context.Context, ask openings.Question, window domain.Interval) ([]availability.Start, error)
	Explain(ctx context.Context, ask openings.Question, at time.Time) ([]availability.Reason, error)
	Visit(ctx context.Context, ask openings.Question, at time.Time) (appointment.Visit, appointment.Terms, error)
}

const localForm = "2006-01-02T15:04:05"

func (a *api) ListStarts(ctx context.Context, r ListStartsRequestObject) (ListStartsResponseObject, error) {
	zone, err := a.zoneOf(ctx, r.Account)
	if err != nil {
		return nil, err
	}
	found, err := a.Openings.Between(ctx, a.ask(r.Account, r.Service, r.Params.Resource), domain.Interval{
		Start: midnight(r.Params.From.Time, zone), End: midnight(r.Params.To.Time, zone),
	})
	if err != nil {
		return nil, err
	}
	starts := make([]Start, len(found))
	for i, one := range found {
		starts[i] = Start{Start: one.At.UTC(), Local: one.At.In(zone).Format(localForm)}
		if starts[i].Resources, err = parseIDs(one.Resources); err != nil {
			return nil, err
		}
	}
	return ListStarts200JSONResponse{Zone: zone.String(), Items: starts}, nil
}

func (a *api) ExplainStart(ctx context.Context, r ExplainStartRequestObject) (ExplainStartResponseObject, error) {
	ask, at := a.ask(r.Account, r.Service, r.Params.Resource), r.Params.At
	reasons, err := a.Openings.Explain(ctx, ask, at)
	if err != nil {
		return nil, err
	}
	explanation := Explanation{Start: at.UTC(), Bookable: len(reasons) == 0, Reasons: each(reasons, whyNot)}
	if explanation.Bookable {
		visit, _, err := a.Openings.Visit(ctx, ask, at)
		if err != nil {
			return nil, err
		}
		explanation.Resources = each(visit.Legs, func(leg appointment.Leg) uuid.UUID { return leg.Resource.UUID })
	}
	return ExplainStart200JSONResponse(explanation), nil
}

func whyNot(reason availability.Reason) WhyNot {
	why := WhyNot{Code: string(reason.Code), Sentence: reason.String()}
	if id, err := domain.ParseID[domain.ResourceID](reason.Resource); err == nil {
		why.Resource = id.UUID
	}
	return why
}

func (a *api) ask(account, service, resource uuid.UUID) openings.Question {
	return openings.Question{
		Account: domain.AccountID{UUID: account}, Service: domain.ServiceID{UUID: service},
		Resource: domain.ResourceID{UUID: resource}, Now: a.Engine.Now(),
	}
}

// zoneOf is the account's own zone.
func (a *api) zoneOf(ctx context.Context, account PathAccount) (*time.Location, error) {
	home, err := a.home(ctx, account)
	if err != nil {
		return nil, err
	}
	return domain.ParseZone(home.Zone)
}

// midnight is when a date begins in a zone.
func midnight(date time.Time, zone *time.Location) time.Time {
	return availability.DateAt(date, time.UTC).Start(zone).UTC()
}

func parseIDs(texts []string) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, len(texts))
	for i, text := range texts {
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, err
		}
		ids[i] = id
	}
	return ids, nil
}
