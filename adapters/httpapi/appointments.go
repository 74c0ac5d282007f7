package httpapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
)

// Booking takes, moves and cancels appointments by the protocol that never books twice.
type Booking interface {
	Book(ctx context.Context, origin commands.Origin, request appointment.Request) (domain.Position, error)
	Move(
		ctx context.Context, origin commands.Origin, move appointment.RequestReschedule,
	) (domain.Position, error)
	Cancel(ctx context.Context, origin commands.Origin, cancel appointment.Cancel) (domain.Position, error)
}

// Calendar is what the API asks about appointments.
type Calendar interface {
	One(ctx context.Context, account domain.AccountID, id domain.AppointmentID) (projections.Appointment, bool, error)
	Find(ctx context.Context, account domain.AccountID, in projections.Selection) ([]projections.Appointment, error)
}

func (a *api) BookAppointment(
	ctx context.Context, r BookAppointmentRequestObject,
) (BookAppointmentResponseObject, error) {
	at, err := a.startOf(ctx, r.Account, r.Body.Start, r.Body.Local)
	if err != nil {
		return nil, err
	}
	origin, err := originOf(ctx)
	if err != nil {
		return nil, err
	}
	owner := domain.AccountID{UUID: r.Account}
	id := domain.DeriveID[domain.AppointmentID](origin.ID(), "appointment")
	request := appointment.Request{
		Appointment: id, Account: owner,
		Client: domain.ClientID{UUID: r.Body.Client}, Service: domain.ServiceID{UUID: r.Body.Service},
	}
	asked, _, err := a.appointment(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case asked.Exists(): // the same request before a crash: it continues where it stopped
		request.Visit, request.Terms = asked.Attempts[0].Visit, asked.Terms
		if !request.Visit.Start.Equal(at) {
			return nil, appointment.ErrKeyReused
		}
	default:
		if err := a.mayCome(ctx, owner, request.Client); err != nil {
			return nil, err
		}
		ask := a.ask(r.Account, r.Body.Service, r.Body.Resource)
		if request.Visit, request.Terms, err = a.Openings.Visit(ctx, ask, at); err != nil {
			return nil, err
		}
	}
	position, err := a.Booking.Book(ctx, origin, request)
	outcome, err := a.booked(ctx, id, position, err)
	return BookAppointment201JSONResponse{created(id, outcome)}, err
}

func (a *api) ShowAppointment(
	ctx context.Context, r ShowAppointmentRequestObject,
) (ShowAppointmentResponseObject, error) {
	one, ok, err := a.Calendar.One(ctx, domain.AccountID{UUID: r.Account}, domain.AppointmentID{UUID: r.Appointment})
	if err == nil && !ok {
		err = appointment.ErrUnknown
	}
	shown := Appointment{
		Id: one.ID.UUID, Revision: int64(one.Revision), Sequence: one.Sequence,
		Status: AppointmentStatus(one.Status), Confirmed: one.Confirmed, Client: one.Client.UUID,
		Service: one.Service.UUID, Start: one.Visit.Start, End: one.Visit.End, Local: one.Visit.Local,
		Zone: one.Visit.Zone,
		Legs: each(one.Visit.Legs, func(leg appointment.Leg) Leg {
			return Leg{
				Resource: leg.Resource.UUID, Units: leg.Units, Start: leg.Interval.Start, End: leg.Interval.End,
			}
		}),
	}
	return ShowAppointment200JSONResponse{shown, ShowAppointment200ResponseHeaders{etag(one.Revision)}}, err
}

func (a *api) MoveAppointment(
	ctx context.Context, r MoveAppointmentRequestObject,
) (MoveAppointmentResponseObject, error) {
	at, err := a.startOf(ctx, r.Account, r.Body.Start, r.Body.Local)
	if err != nil {
		return nil, err
	}
	id := domain.AppointmentID{UUID: r.Appointment}
	asked, err := writeOf(ctx)
	if err != nil {
		return nil, err
	}
	now, seen, err := a.looked(ctx, r.Account, id, asked.expected)
	if err != nil {
		return nil, err
	}
	move := appointment.RequestReschedule{
		Appointment: id, Wish: asked.origin.ID(), By: appointment.Staff, Seen: seen, At: a.Engine.Now(),
	}
	if attempt, repeated := now.Asked(move.Wish); repeated {
		move.Visit, move.Seen = attempt.Visit, appointment.Seen{}
	} else {
		ask := a.ask(r.Account, now.Service.UUID, r.Body.Resource)
		ask.Moving = id
		if move.Visit, _, err = a.Openings.Visit(ctx, ask, at); err != nil {
			return nil, err
		}
	}
	position, err := a.Booking.Move(ctx, asked.origin, move)
	outcome, err := a.booked(ctx, id, position, err)
	return MoveAppointment200JSONResponse{done(id, outcome)}, err
}

func (a *api) CancelAppointment(
	ctx context.Context, r CancelAppointmentRequestObject,
) (CancelAppointmentResponseObject, error) {
	id := domain.AppointmentID{UUID: r.Appointment}
	asked, err := writeOf(ctx)
	if err != nil {
		return nil, err
	}
	_, seen, err := a.looked(ctx, r.Account, id, asked.expected)
	if err != nil {
		return nil, err
	}
	cancel := appointment.Cancel{
		Appointment: id, By: appointment.By(r.Body.By), Seen: seen, At: a.Engine.Now(),
	}
	if r.Body.Reason != "" {
		cancel.Reason = domain.Secret(r.Body.Reason)
	}
	position, err := a.Booking.Cancel(ctx, asked.origin, cancel)
	outcome, err := a.booked(ctx, id, position, err)
	return CancelAppointment200JSONResponse{done(id, outcome)}, err
}

func (a *api) MarkAppointment(
	ctx context.Context, r MarkAppointmentRequestObject,
) (MarkAppointmentResponseObject, error) {
	id := domain.AppointmentID{UUID: r.Appointment}
	var mark appointment.Command
	switch r.Body.Mark {
	case MarkMarkConfirmed:
		mark = appointment.Confirm{Appointment: id}
	case MarkMarkArrived:
		mark = appointment.Arrive{Appointment: id}
	case MarkMarkFulfilled:
		mark = appointment.Fulfil{Appointment: id, At: a.Engine.Now()}
	case MarkMarkNoshow:
		mark = appointment.MarkNoShow{Appointment: id, At: a.Engine.Now()}
	}
	outcome, err := a.run(ctx, mark)
	return MarkAppointment200JSONResponse{done(id, outcome)}, err
}

func (a *api) ShowCalendar(ctx context.Context, r ShowCalendarRequestObject) (ShowCalendarResponseObject, error) {
	zone, err := a.zoneOf(ctx, r.Account)
	if err != nil {
		return nil, err
	}
	during := domain.Interval{Start: midnight(r.Params.From.Time, zone), End: midnight(r.Params.To.Time, zone)}
	if !during.Start.Before(during.End) || during.End.Sub(during.Start) > 93*24*time.Hour {
		return nil, openings.ErrWindow
	}
	size := sizeOf(r.Params.Limit)
	selection := projections.Selection{During: during, Limit: size + 1}
	if r.Params.Resource != uuid.Nil {
		selection.Resources = []domain.ResourceID{{UUID: r.Params.Resource}}
	}
	if selection.After, err = markOf(r.Params.Cursor); err != nil {
		return nil, err
	}
	found, err := a.Calendar.Find(ctx, domain.AccountID{UUID: r.Account}, selection)
	items, next := pageOf(found, size, func(one projections.Appointment) string { return cursorAt(one.Cursor()) })
	return ShowCalendar200JSONResponse{Items: each(items, calendarEntry), Next: next}, err
}

func calendarEntry(one projections.Appointment) CalendarEntry {
	return CalendarEntry{
		Appointment: one.ID.UUID, Revision: int64(one.Revision), Client: one.Client.UUID,
		ClientName: one.ClientName, ClientPhone: one.ClientPhone, Service: one.Service.UUID,
		ServiceName: one.ServiceName, Start: one.Visit.Start, End: one.Visit.End, Local: one.Visit.Local,
		Zone: one.Visit.Zone, Status: AppointmentStatus(one.Status), Confirmed: one.Confirmed,
		Resources: each(one.Visit.Legs, func(leg appointment.Leg) uuid.UUID { return leg.Resource.UUID }),
	}
}

// startOf reads when an appointment shall start: by the clock of the account, or as an instant.
func (a *api) startOf(ctx context.Context, account PathAccount, start time.Time, local string) (time.Time, error) {
	home, err := a.opened(ctx, account)
	switch {
	case err != nil:
		return time.Time{}, err
	case start.IsZero() == (local == ""):
		return time.Time{}, invalid("start", "give either local, the clock of the account, or start, an instant")
	case local == "":
		return domain.Microseconds(start), nil
	}
	zone, err := domain.ParseZone(home.Zone)
	if err != nil {
		return time.Time{}, err
	}
	if len(local) == len("2006-01-02T15:04") {
		local += ":00"
	}
	clock, err := time.Parse(localForm, local)
	if err != nil {
		return time.Time{}, invalid("local", "local must be a date and time that exist, like 2016-04-29T08:30")
	}
	date := availability.DateAt(clock, time.UTC)
	return availability.Resolve(date, clock.Sub(date.Start(time.UTC)), zone).UTC(), nil
}

// mayCome refuses to book for a client of another account, or one who was erased.
func (a *api) mayCome(ctx context.Context, owner domain.AccountID, id domain.ClientID) error {
	known, _, err := commands.Load(ctx, a.Engine, client.Decider, client.Stream(id))
	switch {
	case err != nil:
		return err
	case known.Account != owner:
		return client.ErrUnknown
	case known.Erased:
		return client.ErrErased
	}
	return nil
}

func (a *api) appointment(
	ctx context.Context, id domain.AppointmentID,
) (appointment.State, domain.Revision, error) {
	return commands.Load(ctx, a.Engine, appointment.Decider, appointment.StreamOf(id))
}

// looked returns an appointment of the account. It must be at the expected revision, if there is one.
func (a *api) looked(
	ctx context.Context, account PathAccount, id domain.AppointmentID, expected *domain.Revision,
) (state appointment.State, seen appointment.Seen, err error) {
	state, revision, err := a.appointment(ctx, id)
	switch {
	case err != nil:
		return state, seen, err
	case state.Account.UUID != account:
		return state, seen, appointment.ErrUnknown
	}
	if expected != nil {
		if *expected != revision {
			return state, seen, errStale
		}
		seen = appointment.Saw(state.Sequence)
	}
	return state, seen, nil
}

// booked is where an appointment stands after a step of the protocol.
func (a *api) booked(
	ctx context.Context, id domain.AppointmentID, position domain.Position, failed error,
) (commands.Outcome, error) {
	if failed != nil {
		return commands.Outcome{}, failed
	}
	_, revision, err := a.appointment(ctx, id)
	a.writes.note(callerOf(ctx).Prefix, position)
	return commands.Outcome{Position: position, Revision: revision}, err
}
