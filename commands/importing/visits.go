package importing

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
)

const (
	// workers is how many groups of rows are booked at once. They wait for the disk.
	workers = 16
	// maxRounds is how many ids are tried for an appointment whose earlier attempts were abandoned.
	maxRounds = 64
)

// bookAll books rows that share a diary in the order of the sheet, and others at once. Whether a row fits must not
// depend on which is booked first by chance.
func (im *Importer) bookAll(ctx context.Context, batch []*job) {
	var group sync.WaitGroup
	free := make(chan struct{}, workers)
	for _, jobs := range groupByDiary(batch) {
		free <- struct{}{}
		group.Go(func() {
			defer func() { <-free }()
			for _, j := range jobs {
				j.err = im.importOne(ctx, j)
			}
		})
	}
	group.Wait()
}

// importOne imports a row with its notes.
func (im *Importer) importOne(ctx context.Context, j *job) error {
	if err := im.importVisit(ctx, j); err != nil {
		return err
	}
	return im.addNotes(ctx, j)
}

// importVisit books a row, or finds its appointment, and brings its status up to date. If an earlier attempt was
// abandoned, because the time was taken or a crash left it undecided, the row is booked under the next id.
func (im *Importer) importVisit(ctx context.Context, j *job) error {
	state, err := im.begin(ctx, j)
	first := j.id
	for round := 1; err == nil; round++ {
		switch {
		case state.Exists() && state.Account != im.account:
			return appointment.ErrUnknown
		case !state.Exists() || state.Status == appointment.StatusPending:
			return im.book(ctx, j, state)
		case state.Status != appointment.StatusEnteredInError:
			return im.update(ctx, j, state)
		case round == maxRounds:
			return appointment.ErrAbandoned
		}
		j.id = domain.DeriveID[domain.AppointmentID](first, "again", round)
		state, err = im.load(ctx, j.id)
	}
	return err
}

// begin settles the id of a row and returns its appointment. A row that the first version imported keeps its id. An
// id that another account of this installation has is one of another program to this account.
func (im *Importer) begin(ctx context.Context, j *job) (state appointment.State, err error) {
	state, err = im.load(ctx, j.id)
	switch {
	case err != nil:
		return state, err
	case state.Exists() && state.Account != im.account:
		j.id = im.idFrom(j.row.Appointment.ID)
		return im.load(ctx, j.id)
	case !state.Exists():
		id, found, err := im.earlier(ctx, j)
		if err == nil && found {
			j.id = id
			return im.load(ctx, id)
		}
		return state, err
	}
	return state, nil
}

func (im *Importer) load(ctx context.Context, id domain.AppointmentID) (appointment.State, error) {
	state, _, err := commands.Load(ctx, im.Engine, appointment.Decider, appointment.StreamOf(id))
	return state, err
}

// book books the appointment of a row. A cancelled one whose time has been taken since is recorded as declined, which
// takes no time of any resource.
func (im *Importer) book(ctx context.Context, j *job, state appointment.State) error {
	if state.Exists() {
		j.client = state.Client // who requested it
	} else {
		switch err := im.fits(ctx, j); {
		case err != nil && j.row.Appointment.Status == appointment.StatusCancelled:
			return im.decline(ctx, j)
		case err != nil:
			return err
		}
	}
	if err := im.clients.register(ctx, j); err != nil {
		return err
	}
	origin := im.as("book", j.id).At(j.row.Appointment.BookedAt)
	if _, err := im.Booking.Book(ctx, origin, im.order(j)); err != nil {
		return err
	}
	j.result = booked
	return im.mark(ctx, j)
}

func (im *Importer) order(j *job) booking.Order {
	return booking.Order{
		Appointment: j.id, Account: im.account, Client: j.client, Service: j.service, Recorded: &j.visit,
	}
}

func (im *Importer) decline(ctx context.Context, j *job) error {
	if err := im.clients.register(ctx, j); err != nil {
		return err
	}
	request, err := im.Booking.Request(ctx, im.order(j))
	if err != nil {
		return err
	}
	request.Until = im.Engine.Now()
	origin := im.as("request", j.id).At(j.row.Appointment.BookedAt)
	if _, err := im.Engine.Do(ctx, origin, request); err != nil {
		return err
	}
	j.result = booked
	_, err = im.Booking.Decline(ctx, im.as("decline", j.id).At(im.endOf(j)), appointment.Decline{Appointment: j.id})
	return err
}

// fits refuses a row if its resources lack the units. It reads only, so a refused row leaves nothing in the log.
func (im *Importer) fits(ctx context.Context, j *job) error {
	err := im.Booking.CheckUnits(ctx, j.visit)
	var short *booking.Shortage
	switch {
	case !errors.As(err, &short):
		return err
	case errors.Is(err, diary.ErrTooManyUnits):
		return domain.Refusef(domain.Disallowed, diary.ErrTooManyUnits.Code,
			"the appointment takes %d units and the resource has %d; raise them with --units", short.Leg.Units, short.Units)
	}
	return domain.Refusef(domain.Disallowed, diary.ErrSlotTaken.Code,
		"the time from %s is taken: the resource has %s; raise them with --units, or remove the row",
		j.visit.Local, countUnits(short.Units))
}

func countUnits(n int) string {
	if n == 1 {
		return "1 unit"
	}
	return fmt.Sprintf("%d units", n)
}
