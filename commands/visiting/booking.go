package visiting

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
)

// ErrHoldEnded is the refusal of a hold that is over.
var ErrHoldEnded = appointment.ErrHoldEnded

// Booked is an appointment as the visitor who booked it sees it.
type Booked struct {
	ID     domain.AppointmentID
	Manage string             // the link by which the client sees, moves and cancels it
	Status appointment.Status // booked, or pending while the staff decide
}

// Book books a start that is held. It returns a Held with Booked, or with Email if the visitor must use the link in an
// email first. Booking again returns the same appointment, whatever is in the form. It refuses
//
//   - a form that was filled in by a program, or faster than a person can, with ErrProgram or ErrTooFast;
//   - a hold that has ended with *Again if the start is still free, else with *Taken;
//   - details that are missing or malformed, by their field. Then the hold stays.
//
// A visitor learns nothing about who is a client. Details that nobody has confirmed always make a new client.
func (v *Visiting) Book(ctx context.Context, at Page, token string, form Form) (Held, error) {
	id, state, err := v.open(ctx, at, token)
	if err != nil {
		return Held{}, err
	}
	attempt, isHold := state.Held()
	switch {
	case state.Status == appointment.StatusEnteredInError: // a crash came between the request and its decision
		return Held{}, v.again(ctx, at, id, state.Service, state.Attempts[0].Visit, form.From)
	case !isHold && (state.Status != appointment.StatusPending || state.Attempts[0].Approval):
		return v.shown(ctx, at, id, state)
	case isHold && attempt.Outcome.Ended():
		return Held{}, v.again(ctx, at, id, state.Service, attempt.Visit, form.From)
	}
	if isHold && v.engine().Now().Before(state.Hold.Since.Add(formTime)) {
		return Held{}, ErrTooFast
	}
	given, err := parse(at, id, state.Service, form)
	if err != nil {
		return Held{}, err
	}
	if err := v.Limits.book(at.ID, form.From, id, v.engine().Now()); err != nil {
		return Held{}, err
	}
	if isHold && at.Page.ConfirmEmail {
		if err := v.Limits.ask(id, given.Contact.Email.Reveal(), v.engine().Now()); err != nil {
			return Held{}, err
		}
		return v.ask(ctx, at, id, state, given)
	}
	return v.finish(ctx, at, id, given)
}

// Confirm books a start for which the visitor has used the link in the email. The token is that of the link. The email
// address is theirs, so an account's only client who has it is the one who comes.
func (v *Visiting) Confirm(ctx context.Context, token string) (Page, Held, error) {
	id, state, at, err := v.openKeep(ctx, token)
	if err != nil {
		return Page{}, Held{}, err
	}
	attempt, isHold := state.Held()
	var held Held
	switch {
	case isHold && attempt.Outcome.Ended(), state.Status == appointment.StatusEnteredInError:
		err = v.taken(ctx, at, Choice{Service: state.Service}, state.Attempts[0].Visit.Start, appointment.ErrHoldEnded)
	case isHold:
		given := fromDetails(state.Hold.Given)
		fresh := given.Client
		if given.Client, err = v.match(ctx, at, given); err != nil {
			break
		}
		if held, err = v.finish(ctx, at, id, given); err == nil && given.Client != fresh {
			err = v.Eraser.Forget(ctx, fresh) // it never becomes a client
		}
	default:
		held, err = v.shown(ctx, at, id, state)
	}
	return at, held, err
}

// Peek returns the page and the hold of a link in an email without changing anything, because programs that check mail
// fetch links. It returns the page also with ErrHoldEnded.
func (v *Visiting) Peek(ctx context.Context, token string) (Page, Held, error) {
	id, state, at, err := v.openKeep(ctx, token)
	if err != nil {
		return Page{}, Held{}, err
	}
	held, err := v.shown(ctx, at, id, state)
	return at, held, err
}

// openKeep returns the appointment and the page of a link in an email.
func (v *Visiting) openKeep(
	ctx context.Context, token string,
) (id domain.AppointmentID, state appointment.State, at Page, err error) {
	if id, err = v.Links.OpenKeep(token); err != nil {
		return id, state, at, err
	}
	if state, err = v.state(ctx, id); err != nil {
		return id, state, at, err
	}
	at, err = v.Open(ctx, state.Account.String())
	return id, state, at, err
}

// ask keeps the details until the visitor confirms their email address. Asking reacts to that.
func (v *Visiting) ask(
	ctx context.Context, at Page, id domain.AppointmentID, state appointment.State, given details,
) (Held, error) {
	until := v.engine().Now().Add(KeepTime)
	if !state.Hold.Given.IsZero() {
		until = state.Attempts[0].Until // sending the form again does not hold the start for longer
	}
	// Each form that differs is another email, so its id is its own.
	origin := v.origin(at, "ask", id).WithID(uuid.New())
	_, err := v.engine().Run(ctx, origin, appointment.GiveDetails{
		Appointment: id, Details: given.kept(), Until: until,
	})
	if err != nil {
		return Held{}, err
	}
	if state, err = v.state(ctx, id); err != nil {
		return Held{}, err
	}
	return v.shown(ctx, at, id, state)
}

// finish registers the client and books. Every step has its effect once, so a request that stopped in between is
// continued by sending it again.
func (v *Visiting) finish(ctx context.Context, at Page, id domain.AppointmentID, given details) (Held, error) {
	state, err := v.state(ctx, id)
	if err != nil {
		return Held{}, err
	}
	if state.Exists() { // it continues for whom it was requested
		given.Client = state.Client
	} else if err := v.register(ctx, at, id, given); err != nil {
		return Held{}, err
	}
	visit := state.Attempts[0].Visit
	_, err = v.Bookings.Book(ctx, v.origin(at, "book", id), booking.Order{
		Appointment: id, Account: at.ID, Client: given.Client, Service: state.Service, Start: visit.Start,
		Approval: at.Page.Approval,
	})
	if _, refused := domain.AsRefusal(err); refused {
		err = errors.Join(v.taken(ctx, at, Choice{Service: state.Service}, visit.Start, err), v.forget(ctx, at, id))
	}
	if err != nil {
		return Held{}, err
	}
	if !given.Note.IsZero() {
		if _, err := v.engine().Run(ctx, v.origin(at, "note", id), appointment.AddNote{
			Appointment: id, Note: domain.DeriveUUID("visitor note", id), Text: given.Note,
		}); err != nil {
			return Held{}, err
		}
	}
	v.Limits.release(id)
	if state, err = v.state(ctx, id); err != nil {
		return Held{}, err
	}
	return v.shown(ctx, at, id, state)
}

// register registers the visitor as a new client, unless the details are those of a client who exists.
func (v *Visiting) register(ctx context.Context, at Page, id domain.AppointmentID, given details) error {
	if given.Client != clientOf(id) {
		return nil // matched
	}
	origin := v.origin(at, "register", id)
	_, err := v.engine().Run(ctx, origin, client.Register{Client: given.Client, Account: at.ID, Contact: given.Contact})
	if errors.Is(err, client.ErrExists) { // an earlier form of the same visitor, which did not get through
		_, err = v.engine().Run(ctx, origin.WithID(uuid.New()), client.ChangeContact{
			Client: given.Client, Contact: given.Contact,
		})
	}
	return err
}

// match returns the client who has a confirmed email address, or the new client of the details if that is not exactly
// one.
func (v *Visiting) match(ctx context.Context, at Page, given details) (domain.ClientID, error) {
	candidates, err := v.Directory.ClientsWith(ctx, at.ID, given.Contact.Email.Reveal())
	if err != nil {
		return given.Client, err
	}
	var found []domain.ClientID
	for _, id := range candidates {
		state, _, err := commands.Load(ctx, v.engine(), client.Decider, client.Stream(id))
		if err != nil {
			return given.Client, err
		}
		if state.Account == at.ID && !state.Erased && sameEmail(state.Email, given.Contact.Email) {
			found = append(found, id)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	return given.Client, nil
}

// again holds the start of a hold that has ended once more, and returns the refusal that says so, or *Taken.
func (v *Visiting) again(
	ctx context.Context, at Page, id domain.AppointmentID, service domain.ServiceID, visit appointment.Visit, from string,
) error {
	staff, err := v.staffOf(ctx, visit)
	if err != nil {
		return err
	}
	want := Wanted{
		Choice: Choice{Service: service, Staff: staff}, Start: visit.Start, From: from,
		Request: domain.DeriveUUID("again", id),
	}
	if v.checkStaff(ctx, at, service, staff) != nil {
		want.Staff = domain.ResourceID{} // nobody else can serve it, so there was no choice
	}
	held, err := v.Hold(ctx, at, want)
	if errors.Is(err, appointment.ErrHoldEnded) { // that one has ended too
		want.Request = uuid.New()
		held, err = v.Hold(ctx, at, want)
	}
	if err != nil {
		return err
	}
	return &Again{ErrHeldAgain, held}
}

// booked returns what the visitor learns about their appointment.
func (v *Visiting) booked(
	ctx context.Context, id domain.AppointmentID, state appointment.State,
) (Booked, error) {
	manage, err := v.Links.Manage(ctx, id)
	return Booked{ID: id, Manage: manage, Status: state.Status}, err
}

// formTime is how long a person needs at least for the form.
const formTime = 2 * time.Second
