package importing

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
)

const (
	// importWorkers is how many diaries are written at once: what they wait for is one sync of the disk.
	importWorkers = 16
	// maxRounds bounds how often an appointment that came to nothing before is asked for anew under another id.
	maxRounds = 64
)

// work takes a batch from its rows to its report.
func (im *importer) work(ctx context.Context, batch []*job) error {
	if err := im.places.resolve(ctx, batch); err != nil {
		return err
	}
	if err := im.people.resolve(ctx, batch); err != nil {
		return err
	}
	im.carryOut(ctx, batch)
	for _, j := range batch {
		if _, refused := domain.AsRefusal(j.err); j.err != nil && !refused {
			return fmt.Errorf("line %d: %w", j.row.Line, j.err)
		}
		im.tally.count(j)
		if j.err == nil {
			continue
		}
		if err := im.Refusals.add(j.row, j.err.Error()); err != nil {
			return err
		}
	}
	return nil
}

// carryOut books rows that share a diary in the order of the file, and others at once: whether a row fits must not
// depend on what happens to be done first.
func (im *importer) carryOut(ctx context.Context, batch []*job) {
	var group sync.WaitGroup
	free := make(chan struct{}, importWorkers)
	for _, jobs := range strangers(batch) {
		free <- struct{}{}
		group.Go(func() {
			defer func() { <-free }()
			for _, j := range jobs {
				j.err = im.take(ctx, j)
			}
		})
	}
	group.Wait()
}

// strangers parts rows into groups that share no diary, by joining the diaries that some row needs together.
func strangers(batch []*job) map[domain.Stream][]*job {
	joined := make(map[domain.Stream]domain.Stream)
	var root func(domain.Stream) domain.Stream
	root = func(of domain.Stream) domain.Stream {
		if to, ok := joined[of]; ok && to != of {
			joined[of] = root(to)
			return joined[of]
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
				joined[root(needed)] = root(first[j])
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

// take books one row, or finds it booked, and marks what became of it. An appointment that came to nothing before,
// because its time was taken or a crash left it undecided, is asked for anew under the next id.
func (im *importer) take(ctx context.Context, j *job) error {
	first := j.id
	for round := range maxRounds {
		if round > 0 {
			j.id = domain.DeriveID[domain.AppointmentID](first, "again", round)
		}
		state, _, err := commands.Load(ctx, im.in.Engine, appointment.Decider, appointment.StreamOf(j.id))
		switch {
		case err != nil:
			return err
		case state.Exists() && state.Account != im.account:
			return domain.Refuse(domain.Disallowed, "id_elsewhere",
				"the appointment of this id belongs to another account; leave the ids out with --id \"\"")
		case state.Status == appointment.StatusEnteredInError:
			continue
		case !state.Exists() || state.Status == appointment.StatusPending:
			return im.book(ctx, j, state)
		}
		return im.recognise(ctx, j, state)
	}
	return appointment.ErrAbandoned
}

// book takes the appointment through the protocol. A cancelled one whose time others have taken since is written
// down as declined, which takes no time of anybody.
func (im *importer) book(ctx context.Context, j *job, state appointment.State) error {
	if !state.Exists() {
		switch err := im.fits(ctx, j); {
		case err != nil && j.wish.Status == appointment.StatusCancelled:
			return im.decline(ctx, j)
		case err != nil:
			return err
		}
	}
	if err := im.people.register(ctx, j); err != nil {
		return err
	}
	if _, err := im.booking.Book(ctx, im.as("book", j.id).At(j.wish.BookedAt), im.order(j)); err != nil {
		return err
	}
	j.result = booked
	return im.mark(ctx, j)
}

func (im *importer) order(j *job) booking.Order {
	return booking.Order{
		Appointment: j.id, Account: im.account, Client: j.client, Service: j.service, Recorded: &j.visit,
	}
}

func (im *importer) decline(ctx context.Context, j *job) error {
	if err := im.people.register(ctx, j); err != nil {
		return err
	}
	request, err := im.booking.Request(ctx, im.order(j))
	if err != nil {
		return err
	}
	request.Until = im.in.Engine.Now()
	if _, err := im.in.Engine.Do(ctx, im.as("request", j.id).At(j.wish.BookedAt), request); err != nil {
		return err
	}
	j.result = booked
	_, err = im.booking.Decline(ctx, im.as("decline", j.id).At(im.endOf(j)), appointment.Decline{Appointment: j.id})
	return err
}

// fits checks before anything is written whether the resources have the units left, so that a refused row leaves no
// trace.
func (im *importer) fits(ctx context.Context, j *job) error {
	err := im.booking.CheckUnits(ctx, j.visit)
	var short *booking.Shortage
	switch {
	case !errors.As(err, &short):
		return err
	case errors.Is(err, diary.ErrTooManyUnits):
		return domain.Refusef(domain.Disallowed, diary.ErrTooManyUnits.Code,
			"it takes %d units and the resource has %d; give it more with --units", short.Leg.Units, short.Units)
	}
	return domain.Refusef(domain.Disallowed, diary.ErrSlotTaken.Code,
		"the time from %s is taken: the resource has %s; give it more with --units, or leave the row out",
		j.visit.Local, cli.Plural(short.Units, "unit"))
}
