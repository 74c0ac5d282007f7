package booking

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// Bookings is the use case: it checks who comes and finds the visit, then runs the protocol. Every caller books
// through it, whether it serves HTTP, imports a file or simulates a month.
type Bookings struct {
	Engine   *commands.Engine
	Openings openings.Openings
	Protocol *Protocol
}

// Order asks for an appointment at a start of a service.
type Order struct {
	Appointment domain.AppointmentID
	Account     domain.AccountID
	Client      domain.ClientID
	Service     domain.ServiceID
	Resource    domain.ResourceID // zero means any resource of the service
	Start       time.Time

	// Override is the reason of the staff to book against the rules of the service. Hours, grid, notice, horizon and
	// limits do not apply then, and the start may be past; units do apply. Zero means no override.
	Override domain.Private

	// Recorded is a visit that was agreed elsewhere, as in an import. It replaces Resource and Start. Opening hours
	// and the rules of the service do not apply to it, because it is a fact; the units of its resources do.
	Recorded *appointment.Visit

	Silent bool // nobody is told

	// Approval keeps the appointment pending, with its units held, until the staff approve or decline it, or it starts.
	Approval bool
}

// Move asks for another start of a booked appointment.
type Move struct {
	Appointment domain.AppointmentID
	Account     domain.AccountID
	Resource    domain.ResourceID // zero means any resource of the service
	Start       time.Time
	By          appointment.By
	Override    domain.Private   // as in Order; only the staff override rules
	Expected    *domain.Revision // the revision that the caller has read; nil means any
	Silent      bool             // nobody is told
}

// Cancellation asks for the end of an appointment, or withdraws a request.
type Cancellation struct {
	Appointment domain.AppointmentID
	Account     domain.AccountID
	By          appointment.By
	Reason      domain.Private
	Expected    *domain.Revision // the revision that the caller has read; nil means any
	At          time.Time        // zero means now
	Silent      bool             // nobody is told
}

// ErrOverrideByClient refuses an override in the name of a client.
var ErrOverrideByClient = domain.Refuse(domain.Invalid, "override_by_client",
	"only the staff override rules; leave override out, or send the request by staff")

// Book books an appointment and returns where it can be read. The same order sent again continues where the first one
// stopped, and has one effect. Errors are those of Request and of Protocol.Book.
func (b Bookings) Book(ctx context.Context, origin commands.Origin, order Order) (commands.Outcome, error) {
	unlock, err := b.lockLimits(ctx, order.Service)
	if err != nil {
		return commands.Outcome{}, err
	}
	defer unlock()
	request, broken, err := b.request(ctx, order)
	if err != nil {
		return commands.Outcome{}, err
	}
	if order.Approval {
		request.Approval, request.Until = true, request.Visit.Start
	}
	return b.Protocol.book(ctx, origin, request, override{broken, order.Override}, order.Silent)
}

// Request checks an order and returns the command that opens its booking. It writes nothing. It refuses a client of
// another account with client.ErrUnknown, an erased one with client.ErrErased, a start that cannot be booked with the
// reason, and a repeated order for another start with appointment.ErrKeyReused.
func (b Bookings) Request(ctx context.Context, order Order) (appointment.Request, error) {
	request, _, err := b.request(ctx, order)
	return request, err
}

// request is Request, and also returns the rules that the order breaks by its override.
func (b Bookings) request(ctx context.Context, order Order) (request appointment.Request, broken []string, err error) {
	request = appointment.Request{
		Appointment: order.Appointment, Account: order.Account, Client: order.Client, Service: order.Service,
	}
	state, _, err := b.appointment(ctx, order.Appointment)
	if err != nil {
		return request, nil, err
	}
	if held, ok := state.Held(); ok {
		request, err = b.requestHeld(ctx, order, request, held)
		return request, nil, err
	}
	question := openings.Question{
		Account: order.Account, Service: order.Service, Client: order.Client, Resource: order.Resource,
		Now: b.Engine.Now(),
	}
	if state.Exists() {
		if request, err = repeated(request, order, state); err != nil || order.Override.IsZero() {
			return request, nil, err
		}
		// A crash may have come before the override was recorded. What the order holds by now does not break a rule.
		question.Moving = order.Appointment
		_, _, broken, err = b.Openings.Override(ctx, question, order.Start)
		return request, broken, ignoreRefusal(err)
	}
	if err := b.checkClient(ctx, order.Account, order.Client); err != nil {
		return request, nil, err
	}
	switch {
	case order.Recorded != nil:
		request.Visit = *order.Recorded
		request.Terms, err = b.terms(ctx, order)
	case order.Override.IsZero():
		request.Visit, request.Terms, err = b.Openings.Visit(ctx, question, order.Start)
	default:
		request.Visit, request.Terms, broken, err = b.Openings.Override(ctx, question, order.Start)
	}
	return request, broken, err
}

// lockLimits lets the bookings of a service with limits run one at a time, from counting to the decision: so limits
// hold exactly within a process. Several servers on one log may pass a limit by one booking each that run at the same
// moment, because limits have no stream that both would have to append to. Units always hold.
func (b Bookings) lockLimits(ctx context.Context, id domain.ServiceID) (unlock func(), err error) {
	policy, _, err := commands.Load(ctx, b.Engine, service.Decider, service.Stream(id))
	if err != nil || policy.PerDay == 0 && policy.PerWeek == 0 && policy.PerClient == 0 {
		return func() {}, err
	}
	lock := &b.Protocol.limits[int(id.UUID[0])%len(b.Protocol.limits)]
	lock.Lock()
	return lock.Unlock, nil
}

// ignoreRefusal drops a refusal and returns any other error.
func ignoreRefusal(err error) error {
	if _, refused := domain.AsRefusal(err); refused {
		return nil
	}
	return err
}

// repeated fills the request of an order that was sent before. Its visit is the one chosen then: by now the booking
// itself takes the time, so the start is not free any more.
func repeated(request appointment.Request, order Order, state appointment.State) (appointment.Request, error) {
	request.Visit, request.Terms = state.Attempts[0].Visit, state.Terms
	start := domain.Microseconds(order.Start)
	if order.Recorded != nil {
		request.Visit, start = *order.Recorded, domain.Microseconds(order.Recorded.Start)
	}
	if !state.Attempts[0].Visit.Start.Equal(start) {
		return request, appointment.ErrKeyReused
	}
	return request, nil
}

// terms returns the terms of a service as they are now.
func (b Bookings) terms(ctx context.Context, order Order) (appointment.Terms, error) {
	policy, _, err := commands.Load(ctx, b.Engine, service.Decider, service.Stream(order.Service))
	if err == nil && policy.Account != order.Account {
		err = service.ErrUnknown
	}
	return openings.TermsOf(policy), err
}

// Move moves a booked appointment. The old visit is valid until the new one is confirmed. The same move sent again
// has one effect; the id of the origin identifies it. Move returns appointment.ErrUnknown for an appointment of another
// account, and domain.ErrConflict if the appointment is not at the expected revision.
func (b Bookings) Move(ctx context.Context, origin commands.Origin, move Move) (commands.Outcome, error) {
	if move.By != appointment.Staff && !move.Override.IsZero() {
		return commands.Outcome{}, ErrOverrideByClient
	}
	state, revision, err := b.appointmentOf(ctx, move.Account, move.Appointment)
	if err != nil {
		return commands.Outcome{}, err
	}
	unlock, err := b.lockLimits(ctx, state.Service)
	if err != nil {
		return commands.Outcome{}, err
	}
	defer unlock()
	request := appointment.RequestReschedule{
		Appointment: move.Appointment, RequestID: origin.ID(), By: move.By, At: b.Engine.Now(),
	}
	question := openings.Question{
		Account: move.Account, Service: state.Service, Client: state.Client, Resource: move.Resource,
		Moving: move.Appointment, Now: request.At,
	}
	attempt, known := state.MoveRequested(request.RequestID)
	switch {
	case known && !attempt.Visit.Start.Equal(domain.Microseconds(move.Start)):
		return commands.Outcome{}, appointment.ErrKeyReused
	case known && move.Override.IsZero():
		request.Visit = attempt.Visit
		return b.Protocol.move(ctx, origin, request, override{}, move.Silent)
	case !known:
		if request.Seen, err = seen(state, revision, move.Expected); err != nil {
			return commands.Outcome{}, err
		}
		// Whether it may be moved at all comes first: advice to choose another start would not help.
		if err := state.MayMove(move.By, request.At); err != nil {
			return commands.Outcome{}, err
		}
	}
	var broken []string
	if move.Override.IsZero() {
		request.Visit, _, err = b.Openings.Visit(ctx, question, move.Start)
	} else {
		request.Visit, _, broken, err = b.Openings.Override(ctx, question, move.Start)
	}
	if known {
		request.Visit, err = attempt.Visit, ignoreRefusal(err)
	}
	if err != nil {
		return commands.Outcome{}, err
	}
	return b.Protocol.move(ctx, origin, request, override{broken, move.Override}, move.Silent)
}

// Cancel ends an appointment, or withdraws a request. Its errors are those of Move.
func (b Bookings) Cancel(
	ctx context.Context, origin commands.Origin, cancellation Cancellation,
) (commands.Outcome, error) {
	state, revision, err := b.appointmentOf(ctx, cancellation.Account, cancellation.Appointment)
	if err != nil {
		return commands.Outcome{}, err
	}
	cancel := appointment.Cancel{
		Appointment: cancellation.Appointment, By: cancellation.By, Reason: cancellation.Reason, At: cancellation.At,
		Silent: cancellation.Silent,
	}
	if cancel.Seen, err = seen(state, revision, cancellation.Expected); err != nil {
		return commands.Outcome{}, err
	}
	return b.Protocol.Cancel(ctx, origin, cancel)
}

// Reinstatement takes the cancellation of an appointment back.
type Reinstatement struct {
	Appointment domain.AppointmentID
	Account     domain.AccountID
	Expected    *domain.Revision // the revision that the caller has read; nil means any
	Silent      bool             // nobody is told
}

// Reinstate books a cancelled appointment again, at the visit that was cancelled, with new holds. Its errors are those
// of Move, the limits of the service, and resource.ErrRetired for a resource that is not there any more.
func (b Bookings) Reinstate(ctx context.Context, origin commands.Origin, of Reinstatement) (commands.Outcome, error) {
	state, revision, err := b.appointmentOf(ctx, of.Account, of.Appointment)
	if err != nil {
		return commands.Outcome{}, err
	}
	unlock, err := b.lockLimits(ctx, state.Service)
	if err != nil {
		return commands.Outcome{}, err
	}
	defer unlock()
	request := appointment.RequestReinstatement{
		Appointment: of.Appointment, RequestID: origin.ID(), At: b.Engine.Now(), Until: b.Protocol.limit(),
	}
	if _, known := state.MoveRequested(request.RequestID); !known {
		if request.Seen, err = seen(state, revision, of.Expected); err != nil {
			return commands.Outcome{}, err
		}
		if state.Status == appointment.StatusCancelled {
			err = b.checkReinstatement(ctx, state, request.At)
		}
		if err != nil {
			return commands.Outcome{}, err
		}
	}
	return b.Protocol.reinstate(ctx, origin, request, of.Silent)
}

// checkReinstatement refuses what could not be booked today: an erased client, a retired resource, a full day.
func (b Bookings) checkReinstatement(ctx context.Context, state appointment.State, now time.Time) error {
	if err := b.checkClient(ctx, state.Account, state.Client); err != nil {
		return err
	}
	visit := state.Latest().Visit
	for _, leg := range visit.Legs {
		known, _, err := commands.Load(ctx, b.Engine, resource.Decider, resource.Stream(leg.Resource))
		if err != nil {
			return err
		}
		if known.Retired {
			return resource.ErrRetired
		}
	}
	return b.Openings.CheckLimits(ctx, openings.Question{
		Account: state.Account, Service: state.Service, Client: state.Client, Now: now,
	}, visit.Start)
}

// seen returns the condition of a command to an appointment that was loaded at a revision: if the caller expects one,
// it must be that, and the appointment must not have changed when the command is decided.
func seen(state appointment.State, revision domain.Revision, expected *domain.Revision) (appointment.Seen, error) {
	switch {
	case expected == nil:
		return appointment.Seen{}, nil
	case *expected != revision:
		return appointment.Seen{}, domain.ErrConflict
	}
	return appointment.IfSequence(state.Sequence), nil
}

// Decision is what the staff decide about an appointment that needs approval.
type Decision struct {
	Appointment domain.AppointmentID
	Account     domain.AccountID
	Reason      domain.Private   // of declining
	Expected    *domain.Revision // the revision that the caller has read; nil means any
	Silent      bool             // nobody is told
}

// Approve books an appointment that needs approval. Its errors are those of Move, and appointment.ErrDeclined or
// ErrExpired after it was declined or has started.
func (b Bookings) Approve(ctx context.Context, origin commands.Origin, of Decision) (commands.Outcome, error) {
	first, err := b.checkDecision(ctx, of)
	if err == nil && first.Outcome == appointment.OutcomeOpen && b.Engine.Now().After(first.Until) {
		err = appointment.ErrExpired
	}
	if err != nil {
		return commands.Outcome{}, err
	}
	return b.Protocol.Approve(ctx, origin, appointment.Approve{Appointment: of.Appointment, Silent: of.Silent})
}

// Refuse declines an appointment that needs approval. Its errors are those of Move, and appointment.ErrDecided after it
// was approved.
func (b Bookings) Refuse(ctx context.Context, origin commands.Origin, of Decision) (commands.Outcome, error) {
	if _, err := b.checkDecision(ctx, of); err != nil {
		return commands.Outcome{}, err
	}
	return b.Protocol.Decline(ctx, origin, appointment.Decline{
		Appointment: of.Appointment, Reason: of.Reason, Silent: of.Silent,
	})
}

// checkDecision returns the attempt that is decided. It refuses an appointment of another account, and one that is not
// at the expected revision.
func (b Bookings) checkDecision(ctx context.Context, of Decision) (appointment.Attempt, error) {
	state, revision, err := b.appointmentOf(ctx, of.Account, of.Appointment)
	if err != nil {
		return appointment.Attempt{}, err
	}
	_, err = seen(state, revision, of.Expected)
	return state.Attempts[0], err
}

// Decline rejects a booking request on behalf of the staff.
func (b Bookings) Decline(
	ctx context.Context, origin commands.Origin, decline appointment.Decline,
) (commands.Outcome, error) {
	return b.Protocol.Decline(ctx, origin, decline)
}

// checkClient refuses a client of another account, and one who was erased.
func (b Bookings) checkClient(ctx context.Context, account domain.AccountID, id domain.ClientID) error {
	known, _, err := commands.Load(ctx, b.Engine, client.Decider, client.Stream(id))
	switch {
	case err != nil:
		return err
	case known.Account != account:
		return client.ErrUnknown
	case known.Erased:
		return client.ErrErased
	}
	return nil
}

func (b Bookings) appointment(
	ctx context.Context, id domain.AppointmentID,
) (appointment.State, domain.Revision, error) {
	return commands.Load(ctx, b.Engine, appointment.Decider, appointment.StreamOf(id))
}

// appointmentOf refuses an appointment of another account.
func (b Bookings) appointmentOf(
	ctx context.Context, account domain.AccountID, id domain.AppointmentID,
) (appointment.State, domain.Revision, error) {
	state, revision, err := b.appointment(ctx, id)
	if err == nil && state.Account != account {
		err = appointment.ErrUnknown
	}
	return state, revision, err
}
