// Package visiting is the use case of a visitor: somebody who is no client yet and books on the page of an account. The
// API and the HTML pages call it. A visitor sees what the page offers and which starts are free, and nothing about
// anybody else. Time is always the server's, so a wrong clock of the visitor does not matter.
//
// A visitor holds a start, fills in the form and books. The token of the hold is the whole authority for it. A hold
// ends by itself, and the sweeper of package booking ends those that a crash left.
package visiting

import (
	"cmp"
	"context"
	"slices"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/page"
	"github.com/clickbook/clickbook/domain/pageaddress"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// Refusals of a visitor. They say nothing that a stranger should not know.
var (
	ErrNoPage = domain.Refuse(domain.Unknown, "page_unknown",
		"there is no booking page at this address; check it, or ask the business")
	ErrNoService = domain.Refuse(domain.Unknown, "service_unknown",
		"this service cannot be booked here; choose one of those on the page")
	ErrNoStaff = domain.Refuse(domain.Unknown, "staff_unknown",
		"this person cannot be booked for the service; choose somebody else, or leave it open")
)

// Visiting is the use case.
type Visiting struct {
	Bookings  booking.Bookings
	Links     links.Links
	Directory Directory
	Eraser    *commands.Eraser
	Limits    *Limits
}

// Directory knows what an account has. It is a read model, so it may lag behind; what it returns is loaded afterwards.
type Directory interface {
	// ServicesOf returns the services of an account in the order in which they are shown.
	ServicesOf(ctx context.Context, account domain.AccountID) ([]domain.ServiceID, error)
	// ClientsWith returns the clients of an account who may have this email address.
	ClientsWith(ctx context.Context, account domain.AccountID, email string) ([]domain.ClientID, error)
}

// Page is the booking page of an open account, switched on.
type Page struct {
	ID      domain.AccountID
	Account account.State
	Page    page.State
}

// Name returns what the address of the page ends with: the name that it has, or the id of the account.
func (p Page) Name() string { return cmp.Or(p.Page.Address, p.ID.String()) }

// Service is what visitors can book.
type Service struct {
	ID       domain.ServiceID
	Name     string
	Minutes  int
	Price    string // in words of the business, "" if it says none
	Approval bool   // the staff approve each booking
	Email    bool   // a booking is kept once a link in an email is used
	Asked    []page.Question
}

// Staff is somebody whom a visitor can ask for.
type Staff struct {
	ID   domain.ResourceID
	Name string
}

// Open returns the page at an address: the id of the account, or a name that the account has claimed at some time. It
// refuses an account that is closed and a page that is off with ErrNoPage, as if there were none.
func (v *Visiting) Open(ctx context.Context, address string) (Page, error) {
	at := Page{}
	var err error
	if at.ID, err = v.accountAt(ctx, address); err != nil {
		return Page{}, err
	}
	at.Account, _, err = commands.LoadKnown(ctx, v.engine(), account.Decider, account.Stream(at.ID))
	if err != nil {
		return Page{}, err
	}
	at.Page, _, err = commands.LoadKnown(ctx, v.engine(), page.Decider, page.Stream(at.ID))
	if err == nil && (!at.Account.Open || !at.Page.On) {
		return Page{}, ErrNoPage
	}
	return at, err
}

func (v *Visiting) accountAt(ctx context.Context, address string) (domain.AccountID, error) {
	if id, err := domain.ParseID[domain.AccountID](address); err == nil {
		return id, nil
	}
	if _, err := pageaddress.Parse(address); err != nil {
		return domain.AccountID{}, ErrNoPage
	}
	name, _, err := commands.LoadKnown(ctx, v.engine(), pageaddress.Decider, pageaddress.Stream(address))
	if err == nil && name.Account.IsZero() {
		err = ErrNoPage
	}
	return name.Account, err
}

// Services returns what the page offers, in its order.
func (v *Visiting) Services(ctx context.Context, at Page) (offered []Service, err error) {
	ids := at.Page.Services
	if len(ids) == 0 {
		if ids, err = v.Directory.ServicesOf(ctx, at.ID); err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		state, err := v.service(ctx, at, id)
		if _, refused := domain.AsRefusal(err); refused {
			continue // it is retired
		}
		if err != nil {
			return nil, err
		}
		offered = append(offered, shownService(at, id, state))
	}
	return offered, nil
}

// Service returns one service of the page, or ErrNoService.
func (v *Visiting) Service(ctx context.Context, at Page, id domain.ServiceID) (Service, error) {
	state, err := v.service(ctx, at, id)
	return shownService(at, id, state), err
}

func shownService(at Page, id domain.ServiceID, state service.State) Service {
	return Service{
		ID: id, Name: state.Name, Minutes: state.DurationMin, Price: state.PriceText,
		Approval: at.Page.Approval, Email: at.Page.ConfirmEmail, Asked: at.Page.Asked(id),
	}
}

func (v *Visiting) service(ctx context.Context, at Page, id domain.ServiceID) (service.State, error) {
	if !at.Page.Offers(id) {
		return service.State{}, ErrNoService
	}
	state, _, err := commands.LoadKnown(ctx, v.engine(), service.Decider, service.Stream(id))
	if err == nil && (state.Version == 0 || state.Retired || state.Account != at.ID) {
		return service.State{}, ErrNoService
	}
	return state, err
}

// Staff returns whom a visitor can ask for, by name. It is empty if the service needs nobody, or only one person can
// serve it: then there is nothing to choose.
func (v *Visiting) Staff(ctx context.Context, at Page, id domain.ServiceID) ([]Staff, error) {
	policy, err := v.service(ctx, at, id)
	if err != nil {
		return nil, err
	}
	var staff []Staff
	for _, need := range policy.Requirements {
		for _, choice := range need.AnyOf {
			state, _, err := commands.Load(ctx, v.engine(), resource.Decider, resource.Stream(choice.Resource))
			if err != nil {
				return nil, err
			}
			one := Staff{choice.Resource, state.Name.Reveal()}
			if state.Kind == "staff" && !state.Retired && state.Account == at.ID && !slices.Contains(staff, one) {
				staff = append(staff, one)
			}
		}
	}
	if len(staff) < 2 {
		return nil, nil
	}
	slices.SortFunc(staff, byName)
	return staff, nil
}

// checkStaff refuses somebody who is not among Staff. A visitor must not ask for a room, or probe ids.
func (v *Visiting) checkStaff(ctx context.Context, at Page, id domain.ServiceID, staff domain.ResourceID) error {
	if staff.IsZero() {
		return nil
	}
	all, err := v.Staff(ctx, at, id)
	if err == nil && !slices.ContainsFunc(all, func(one Staff) bool { return one.ID == staff }) {
		err = ErrNoStaff
	}
	return err
}

func (v *Visiting) engine() *commands.Engine { return v.Bookings.Engine }
