package bookingtest

import (
	"bytes"
	"context"
	"errors"
	"hash/fnv"
	"iter"
	"slices"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/resource"
)

// Flaw is a mistake planted to show that the model finds it.
type Flaw int

// The planted mistakes.
const (
	Flawless                 Flaw = iota
	AppendIgnoresRevision         // the store ignores the expected revision
	HoldIgnoresRevision           // it does so for holds only
	BookedWithoutExpectation      // it does so for Booked only
	RequestIgnoresHoldEnd         // it does so for requests, so one takes over a hold that has ended
	ReleaseBeforeMoveCommits      // a move releases the holds of the old visit before it is decided
)

// Append pauses, then appends as the flaw has it, and passes new events to the model.
func (w *worker) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	w.pause()
	r := w.run
	if r.flaw != Flawless { // a checksum would find an event at another revision before the model does
		events = withoutChecksums(events)
	}
	switch {
	case r.flaw == AppendIgnoresRevision, r.flaw == HoldIgnoresRevision && events[0].Type == "UnitsHeld",
		r.flaw == BookedWithoutExpectation && events[0].Type == "Booked",
		r.flaw == RequestIgnoresHoldEnd && events[0].Type == "Requested":
		expected = r.model.head(stream)
	case r.flaw == ReleaseBeforeMoveCommits && events[0].Type == "Rescheduled":
		w.releaseEarly(ctx, stream, events[0])
		w.pause()
	}
	draw := 2
	if r.lossy {
		draw = r.rng.IntN(80)
	}
	if draw == 0 { // the call never arrives
		r.report.Lost++
		return domain.Appended{}, errLost
	}
	appended, err := w.append(ctx, stream, expected, events)
	if draw == 1 && err == nil { // the call arrives and its result is lost
		r.report.Lost++
		return domain.Appended{}, errLost
	}
	return appended, err
}

// withoutChecksums returns events as they were stored before events had checksums.
func withoutChecksums(events []domain.Stored) []domain.Stored {
	events = slices.Clone(events)
	for i, event := range events {
		if at := bytes.LastIndex(event.Meta, []byte(`,"crc32c":`)); at > 0 {
			events[i].Meta = append(slices.Clone(event.Meta[:at]), '}')
		}
	}
	return events
}

func (w *worker) append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	r := w.run
	appended, err := r.store.Append(ctx, stream, expected, events)
	switch {
	case errors.Is(err, domain.ErrConflict):
		r.report.Conflicts++
	case err == nil && appended.Revision > r.model.head(stream): // a retry appends nothing
		for i, event := range events {
			w.observe(domain.Entry{
				Stored: event, Position: appended.Position, Stream: stream,
				Revision: appended.Revision - domain.Revision(len(events)-1-i), Rest: len(events) - 1 - i,
			})
		}
	}
	return appended, err
}

// observe passes an appended event to the model, the pending appointments and the counters.
func (w *worker) observe(entry domain.Entry) {
	r := w.run
	recorded, err := r.codec.Decode(entry)
	if err == nil {
		err = errors.Join(r.applyPending(recorded), r.model.apply(recorded))
	}
	if r.broken == nil {
		r.broken = err
	}
	r.report.count(recorded.Event)
	if entry.Type == "Requested" && entry.Revision > 0 {
		r.report.HoldsBooked++
	}
	line := fnv.New64a()
	line.Write([]byte{byte(w.name), byte(entry.Revision)})
	line.Write([]byte(string(entry.Stream) + entry.Type))
	line.Write(entry.ID[:])
	r.report.Trace = r.report.Trace*31 + line.Sum64()
}

// applyPending folds the events that Pending needs.
func (r *run) applyPending(recorded domain.Recorded) error {
	if !slices.Contains(booking.PendingTypes, recorded.Event.EventType()) {
		return nil
	}
	return r.pending.Apply(recorded)
}

func (r *Report) count(event domain.Event) {
	switch e := event.(type) {
	case appointment.Booked:
		r.Booked++
		if len(e.Visit.Legs) > 1 {
			r.ManyLegs++
		}
		if diary.MonthOf(e.Visit.Start) != diary.MonthOf(e.Visit.End.Add(-1)) {
			r.OverMonthEnd++
		}
	case appointment.Rescheduled:
		r.Moved++
	case appointment.Cancelled:
		r.Cancelled++
	case appointment.Abandoned:
		r.countReason(e.Reason)
	case appointment.RescheduleAbandoned:
		r.countReason(e.Reason)
	case appointment.StartHeld:
		r.Held++
	case appointment.HoldEnded:
		r.HoldsEnded++
	case diary.UnitsReleased:
		r.Released++
	}
}

func (r *Report) countReason(reason string) {
	switch reason {
	case appointment.ErrSlotTaken.Code:
		r.SlotTaken++
	case appointment.Expired:
		r.Expired++
	case appointment.Overtaken:
		r.Overtaken++
	}
}

// ReadStream pauses, then reads. It does not pause for a resource: those do not change during a run, so there is
// nothing to interleave with.
func (w *worker) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	if stream.Category() != resource.Decider.Category {
		w.pause()
	}
	return w.run.store.ReadStream(ctx, stream, from)
}

// ReadStreamBackwards pauses, then reads.
func (w *worker) ReadStreamBackwards(ctx context.Context, stream domain.Stream) iter.Seq2[domain.Entry, error] {
	w.pause()
	return w.run.store.ReadStreamBackwards(ctx, stream)
}

// releaseEarly plants the flaw of a move that releases the old holds before it is decided.
func (w *worker) releaseEarly(ctx context.Context, stream domain.Stream, stored domain.Stored) {
	recorded, err := w.run.codec.Decode(domain.Entry{Stored: stored, Stream: stream})
	if err != nil {
		panic(err)
	}
	moved := recorded.Event.(appointment.Rescheduled)
	for _, leg := range moved.Before.Legs {
		for _, month := range diary.Months(leg.Interval) {
			of := diary.StreamOf(leg.Resource, month)
			id := domain.DeriveUUID("early", of, int64(w.run.model.head(of)))
			event, err := w.run.codec.Encode(id, diary.UnitsReleased{
				Resource: leg.Resource, Appointment: moved.Appointment, Sequence: moved.Revokes, Interval: leg.Interval,
			}, recorded.Meta)
			if err != nil {
				panic(err)
			}
			if _, err := w.append(ctx, of, w.run.model.head(of), []domain.Stored{event}); err != nil {
				panic(err)
			}
		}
	}
}
