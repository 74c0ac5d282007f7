package histories

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// streams is how many streams the clients of one history share.
const streams = 2

// sighting is an event at a place, as one client saw it.
type sighting struct {
	id       uuid.UUID
	revision domain.Revision
	position domain.Position
	stream   int
	at       int64 // when it was seen
	by       witness
}

// witness is how a client saw an event.
type witness int

const (
	byStream witness = iota // by a read of its stream
	byResult                // by the result of its append
	byLog                   // by a read of the log
)

// streamClient appends to and reads the streams of one history.
type streamClient struct {
	clock  *clock
	name   int
	handle int // the same for clients of the same store
	store  domain.EventStore
	rng    *rand.Rand
	names  [streams]domain.Stream
	known  [streams]domain.Appended // the end of each stream as far as this client knows
	stale  [streams]bool            // it knows that the stream has moved on
	own    []*batch
	calls  [streams][]porcupine.Operation
	seen   []sighting
	looks  []look
	report report
}

// streamHistory runs one history of appends and reads and judges it.
func streamHistory(s settings, seed uint64, stores []domain.EventStore) (report, error) {
	var clock clock
	lines := &network{rng: random(seed, -1)}
	handles := make([]int, len(stores))
	for i, store := range stores {
		handles[i] = slices.Index(stores, store)
	}
	if s.lossy {
		stores = through(lines, stores)
	}
	start, err := stores[0].Head(context.Background())
	if err != nil {
		return report{}, err
	}
	all := make([]*streamClient, len(stores))
	run := uuid.NewString()
	for i, store := range stores {
		all[i] = &streamClient{clock: &clock, name: i, handle: handles[i], store: store, rng: random(seed, i)}
		for j := range streams {
			all[i].names[j] = domain.StreamOf("history", fmt.Sprintf("%s-%d", run, j))
			all[i].known[j] = domain.Appended{Revision: domain.NoStream, Position: start}
		}
	}
	err = together(all, func(c *streamClient) error {
		for range s.calls {
			if err := c.call(); err != nil {
				return err
			}
		}
		return nil
	})
	lines.settle()
	err = errors.Join(err, together(all, (*streamClient).lookAgain))
	var total report
	for _, c := range all {
		total.add(c.report)
	}
	if err != nil {
		return total, err
	}
	return total, judgeStreams(all)
}

// call makes one call, chosen at random and by what the client knows.
func (c *streamClient) call() error {
	i := c.rng.IntN(streams)
	chance := c.rng.IntN(100)
	switch {
	case c.stale[i] && chance < 90:
		return c.read(i, reading{way: forwards, from: c.known[i].Revision + 1})
	case chance < 50:
		return c.append(c.fresh(i, c.known[i].Revision))
	case chance < 55:
		return c.append(c.fresh(i, max(domain.NoStream, c.known[i].Revision+domain.Revision(c.rng.IntN(4)-2))))
	case chance < 67 && len(c.own) > 0:
		return c.append(c.own[len(c.own)-1-c.rng.IntN(min(8, len(c.own)))])
	case chance < 70 && len(c.own) > 0:
		return c.append(c.twisted(c.own[len(c.own)-1]))
	case chance < 80:
		return c.read(i, reading{way: forwards, from: c.known[i].Revision + 1})
	case chance < 83:
		return c.read(i, reading{way: forwards, from: domain.NoStream})
	case chance < 90:
		return c.read(i, reading{way: backwards, most: 1 + c.rng.IntN(6)})
	case chance < 97:
		return c.read(i, reading{way: inLog, from: c.known[i].Revision + 1})
	}
	return c.head()
}

// fresh returns a new append.
func (c *streamClient) fresh(stream int, expected domain.Revision) *batch {
	b := &batch{name: fmt.Sprintf("%d/%d", c.name, len(c.own)), stream: stream, expected: expected}
	for range 1 + c.rng.IntN(8)/5*(1+c.rng.IntN(2)) { // mostly one event, else two or three
		b.events = append(b.events, note())
	}
	return b
}

func note() domain.Stored {
	id := uuid.New()
	return domain.Stored{ID: id, Type: "Noted", Data: []byte(id.String()), Meta: []byte("{}")}
}

// twisted returns an append that looks like a retry but ends with another event.
func (c *streamClient) twisted(b *batch) *batch {
	if len(b.events) == 1 {
		return b
	}
	other := &batch{b.name + "'", b.stream, b.expected, slices.Clone(b.events)}
	other.events[len(other.events)-1] = note()
	return other
}

func (c *streamClient) append(request *batch) error {
	again := slices.Contains(c.own, request)
	if !again {
		c.own = append(c.own, request)
	}
	ctx, cancel := withPatience(c.rng)
	defer cancel()
	call := porcupine.Operation{ClientId: c.name, Input: appending{request}, Call: c.clock.tick()}
	appended, err := c.store.Append(ctx, c.names[request.stream], request.expected, request.events)
	call.Return = c.clock.tick()
	c.report.calls++
	switch {
	case err == nil && appended.Revision != request.last():
		return fmt.Errorf("append %s of %d events after revision %d: ended at revision %d",
			request.name, len(request.events), request.expected, appended.Revision)
	case err == nil:
		call.Output = done
		c.report.done++
		if again {
			c.report.repeated++
		}
		c.see(request.stream, request.events[len(request.events)-1].ID, appended, call.Return, byResult)
	case errors.Is(err, domain.ErrConflict):
		call.Output = conflict
		c.report.conflicts++
		c.stale[request.stream] = true
	case unsure(err):
		call.Output, call.Return = seenLater, never
		c.report.unsure++
		c.stale[request.stream] = c.rng.IntN(2) == 0
	default:
		return fmt.Errorf("append: %w, which is not an error of the port", err)
	}
	c.calls[request.stream] = append(c.calls[request.stream], call)
	return nil
}

// see records the place of an event.
func (c *streamClient) see(stream int, id uuid.UUID, place domain.Appended, at int64, by witness) {
	c.seen = append(c.seen, sighting{id, place.Revision, place.Position, stream, at, by})
	if place.Revision > c.known[stream].Revision {
		c.known[stream] = place
	}
}
