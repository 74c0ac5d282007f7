package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
	"github.com/clickbook/clickbook/projections"
)

// The domain refuses with ids and in UTC, and knows no names. Here people get names, and times on the account's clock.
// Every caller of these routes is staff, so they may know who has a time. Names stay out of logs and stored replies.

// refuse sends the problem of a request that failed in its handler.
func (h *handlers) refuse(w http.ResponseWriter, r *http.Request, err error) {
	middleware.Refuse(w, r, h.named(r.Context(), err))
}

// named returns the problem of a refusal with names, and any other error as it is.
func (h *handlers) named(ctx context.Context, err error) error {
	refusal, refused := domain.AsRefusal(err)
	if !refused {
		return err
	}
	var unbookable *openings.Unbookable
	var shortage *booking.Shortage
	var detail string
	switch {
	case errors.As(err, &unbookable):
		detail = h.unbookable(ctx, unbookable)
	case errors.As(err, &shortage) && refusal.Is(appointment.ErrSlotTaken):
		taken := availability.Reason{Code: availability.Taken, Resource: shortage.Leg.Resource.String()}
		taken.Span = availability.Interval{Start: shortage.Leg.Interval.Start, End: shortage.Leg.Interval.End}
		detail = h.sentence(ctx, taken) + "; choose another start"
	default:
		detail = ids.ReplaceAllStringFunc(refusal.Sentence, func(id string) string { return h.nameOf(ctx, id) })
	}
	if detail == refusal.Sentence {
		return err
	}
	named := *problem.From(err)
	named.Detail, named.Anonymous = detail, refusal.Sentence
	return &named
}

// ids matches the ids in a sentence.
var ids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// unbookable returns the sentence of a start that cannot be booked.
func (h *handlers) unbookable(ctx context.Context, u *openings.Unbookable) string {
	why := h.sentence(ctx, u.Reasons[0])
	switch reason := u.Reasons[0]; {
	case reason.Code == availability.Taken, reason.Code == availability.WithinBuffer:
		return why + "; choose another start"
	case reason.NoHours:
		return why
	}
	start := u.Start.In(h.clock(ctx)).Format("2006-01-02 15:04")
	return fmt.Sprintf("%s cannot be booked: %s; ask for the free starts and choose one", start, why)
}

// sentence returns a reason with names, and who has the time if it is taken.
func (h *handlers) sentence(ctx context.Context, reason availability.Reason) string {
	zone := h.clock(ctx)
	if reason.Code == availability.Taken && !reason.Span.Start.IsZero() {
		if who, found := h.holder(ctx, reason); found && who.ClientName != "" {
			start, end := who.Visit.Start.In(zone), who.Visit.End.In(zone)
			return fmt.Sprintf("%s is taken by %s from %s to %s", h.nameOf(ctx, reason.Resource), who.ClientName,
				start.Format("2006-01-02 15:04"), end.Format("15:04"))
		}
		if until := h.heldUntil(ctx, reason); !until.IsZero() {
			return fmt.Sprintf("%s is held until %s for a visitor of the booking page", h.nameOf(ctx, reason.Resource),
				until.In(zone).Format("15:04"))
		}
	}
	return reason.Sentence(h.nameOf(ctx, reason.Resource), zone)
}

// holder returns an appointment that takes a resource at a time. It is found in a read model, which may be a moment
// behind another caller's booking: then nobody is named.
func (h *handlers) holder(ctx context.Context, reason availability.Reason) (who projections.Appointment, ok bool) {
	id, err := domain.ParseID[domain.ResourceID](reason.Resource)
	if err != nil {
		return who, false
	}
	h.catchUp(ctx)
	found, err := h.Reader.Calendar.Find(ctx, middleware.AccountID(ctx), projections.Selection{
		During:    domain.Interval{Start: reason.Span.Start, End: reason.Span.End},
		Resources: []domain.ResourceID{id}, Statuses: standing, Limit: 1,
	})
	if err != nil || len(found) == 0 {
		return who, false
	}
	return found[0], true
}

// heldUntil returns until when visitors hold a resource at a time, zero if they do not.
func (h *handlers) heldUntil(ctx context.Context, reason availability.Reason) (until time.Time) {
	if id, err := domain.ParseID[domain.ResourceID](reason.Resource); err == nil {
		until, _ = h.Booking.HeldUntil(ctx, id, domain.Interval{Start: reason.Span.Start, End: reason.Span.End})
	}
	return until
}

// standing are the statuses of appointments that take their time.
var standing = []appointment.Status{
	appointment.StatusBooked, appointment.StatusArrived, appointment.StatusFulfilled, appointment.StatusNoShow,
}

// catchUp waits a moment for the read models to have the caller's last write.
func (h *handlers) catchUp(ctx context.Context) {
	bounded, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = h.Views.Wait(bounded, h.writes.Of(middleware.CallerOf(ctx).Name()))
}

// clock returns the zone of the account in the path, or UTC.
func (h *handlers) clock(ctx context.Context) *time.Location {
	if zone, err := zoneOf(ctx); err == nil {
		return zone
	}
	return time.UTC
}

// nameOf returns the name of the resource, service or client of the account that has an id, else the id.
func (h *handlers) nameOf(ctx context.Context, text string) string {
	id, err := domain.ParseID[domain.ResourceID](text)
	account := middleware.AccountID(ctx)
	if err != nil || account.IsZero() {
		return text
	}
	thing, _, err := commands.Load(ctx, h.Engine, resource.Decider, resource.Stream(id))
	if err == nil && thing.Account == account {
		return thing.Name.Reveal()
	}
	offered, _, err := commands.Load(ctx, h.Engine, service.Decider, service.Stream(domain.ServiceID(id)))
	if err == nil && offered.Account == account {
		return offered.Name
	}
	who, _, err := commands.Load(ctx, h.Engine, client.Decider, client.Stream(domain.ClientID(id)))
	if err == nil && who.Account == account && who.Name.Reveal() != "" {
		return who.Name.Reveal()
	}
	return text
}
