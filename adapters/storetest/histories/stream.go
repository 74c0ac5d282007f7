package histories

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// streams is how many streams the clients of one history fight over.
const streams = 2

// sighting is an event at its place, as one client was told.
type sighting struct {
	id       uuid.UUID
	revision domain.Revision
	position domain.Position
	stream   int
	at       int64 // when it was told
	by       witness
}

// witness is how a client was told of an event.
type witness int

const (
	byStream witness = iota // by a read of its stream
	byAnswer                // by the answer to its append
	byLog                   // by a read of the log
)

// streamClient appends to, and reads, the streams of one history.
type streamClient struct {
	clock  *clock
	name   int
	handle int // the same for clients of the same store
	store  domain.EventStore
	rng    *rand.Rand
	names  [streams]domain.Stream
	known  [streams]domain.Appended // the end of each stream as far as this client knows
	behind [streams]bool            // it was told that the stream stands elsewhere
	own    []*batch
	calls  [streams][]porcupine.Operation
	seen   []sighting
	looks  []look
	report report
}

// streamHistory plays one history of appends and reads and judges it.
func streamHistory(s settings, seed uint64, stores []domain.EventStore) (report, error) {
	var clock clock
	lines := &network{rng: random(seed, -1)}
	handles := make([]int, len(stores))
	for i, store := range stores {
		handles[i] = slices.Index(stores, store)
	}
	if s.lossy {
		stores = behind(lines, stores)
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

// call does one thing, chosen by chance and by what the client knows.
func (c *streamClient) call() error {
	i := c.rng.IntN(streams)
	chance := c.rng.IntN(100)
	switch {
	case c.behind[i] && chance < 90:
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

// fresh is an append never asked for before.
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

// twisted looks like a retry and is none: it ends otherwise.
func (c *streamClient) twisted(b *batch) *batch {
	if len(b.events) == 1 {
		return b
	}
	other := &batch{b.name + "'", b.stream, b.expected, slices.Clone(b.events)}
	other.events[len(other.events)-1] = note()
	return other
}

func (c *streamClient) append(wish *batch) error {
	again := slices.Contains(c.own, wish)
	if !again {
		c.own = append(c.own, wish)
	}
	ctx, cancel := inTime(c.rng)
	defer cancel()
	call := porcupine.Operation{ClientId: c.name, Input: appending{wish}, Call: c.clock.tick()}
	appended, err := c.store.Append(ctx, c.names[wish.stream], wish.expected, wish.events)
	call.Return = c.clock.tick()
	c.report.calls++
	switch {
	case err == nil && appended.Revision != wish.last():
		return fmt.Errorf("append %s of %d events after revision %d: done at revision %d",
			wish.name, len(wish.events), wish.expected, appended.Revision)
	case err == nil:
		call.Output = done
		c.report.done++
		if again {
			c.report.repeated++
		}
		c.see(wish.stream, wish.events[len(wish.events)-1].ID, appended, call.Return, byAnswer)
	case errors.Is(err, domain.ErrConflict):
		call.Output = conflict
		c.report.conflicts++
		c.behind[wish.stream] = true
	case unsure(err):
		call.Output, call.Return = seenLater, never
		c.report.unsure++
		c.behind[wish.stream] = c.rng.IntN(2) == 0
	default:
		return fmt.Errorf("append: %w, which is no error of the port", err)
	}
	c.calls[wish.stream] = append(c.calls[wish.stream], call)
	return nil
}

// see notes where an event stands.
func (c *streamClient) see(stream int, id uuid.UUID, place domain.Appended, at int64, by witness) {
	c.seen = append(c.seen, sighting{id, place.Revision, place.Position, stream, at, by})
	if place.Revision > c.known[stream].Revision {
		c.known[stream] = place
	}
}

func (c *streamClient) read(i int, read reading) error {
	ctx, cancel := inTime(c.rng)
	defer cancel()
	call := porcupine.Operation{ClientId: c.name, Input: read, Call: c.clock.tick()}
	var told ids
	var failed error
	by := byStream
	if read.way == inLog {
		by = byLog
	}
	after, entries := max(read.from, 0)-1, c.entries(ctx, i, read)
	for entry, err := range entries {
		if err != nil {
			failed = err
			break
		}
		due := after + 1 + domain.Revision(len(told))
		if read.way == backwards {
			if due = entry.Revision; len(told) > 0 {
				due = after - domain.Revision(len(told))
			} else {
				after = entry.Revision
			}
		}
		if err := intact(entry, c.names[i], due); err != nil {
			return err
		}
		c.see(i, entry.ID, domain.Appended{Revision: entry.Revision, Position: entry.Position}, c.clock.tick(), by)
		if told = append(told, entry.ID); read.way == backwards && len(told) == read.most {
			break
		}
	}
	call.Return = c.clock.tick()
	c.report.calls++
	if failed != nil {
		if !unsure(failed) {
			return fmt.Errorf("read: %w, which is no error of the port", failed)
		}
		return nil // what it saw was noted; that there was no more was not said
	}
	if read.way == backwards {
		slices.Reverse(told)
	}
	call.Output = told
	if read.way == inLog {
		c.looks = append(c.looks, look{stream: i, from: read.from, told: len(told), at: call.Call})
	}
	c.behind[i] = false
	c.calls[i] = append(c.calls[i], call)
	return nil
}

func (c *streamClient) entries(ctx context.Context, i int, read reading) iter.Seq2[domain.Entry, error] {
	switch read.way {
	case backwards:
		return c.store.ReadStreamBackwards(ctx, c.names[i])
	case inLog:
		return c.store.ReadAll(ctx, c.known[i].Position, domain.Filter{Prefixes: []string{string(c.names[i])}})
	}
	return c.store.ReadStream(ctx, c.names[i], read.from)
}

// intact says what is wrong with an entry by itself.
func intact(entry domain.Entry, stream domain.Stream, due domain.Revision) error {
	switch {
	case entry.Stream != stream || entry.Revision != due:
		return fmt.Errorf("read %s: revision %d of %s stands where %d is due",
			stream, entry.Revision, entry.Stream, due)
	case entry.Type != "Noted" || string(entry.Data) != entry.ID.String() || string(entry.Meta) != "{}":
		return fmt.Errorf("read %s: event %s says %s %q %q", stream, entry.ID, entry.Type, entry.Data, entry.Meta)
	}
	return nil
}

// head asks where the log ends.
func (c *streamClient) head() error {
	ctx, cancel := inTime(c.rng)
	defer cancel()
	begun := c.clock.tick()
	position, err := c.store.Head(ctx)
	c.report.calls++
	if err == nil {
		c.looks = append(c.looks, look{head: true, position: position, at: begun, until: c.clock.tick()})
		return nil
	}
	if !unsure(err) {
		return fmt.Errorf("head: %w, which is no error of the port", err)
	}
	return nil
}

// lookAgain reads everything once all is over.
func (c *streamClient) lookAgain() error {
	for i := range streams {
		for tries, before := 0, len(c.calls[i]); len(c.calls[i]) == before; tries++ {
			if tries == 100 {
				return fmt.Errorf("client %d: no read of %s succeeds", c.name, c.names[i])
			}
			if err := c.read(i, reading{way: forwards, from: domain.NoStream}); err != nil {
				return err
			}
		}
	}
	return nil
}

// judgeStreams looks at one stream after the other. An append whose answer was lost and whose events nobody has seen
// can be thought of as coming after all else, whatever becomes of it then, so it is left out. A read of the log may
// show an earlier moment than its own, see judgeLog: as far as the stream is concerned it may stand anywhere between
// the append of the last event that it knows of and its answer.
func judgeStreams(all []*streamClient) error {
	found, err := places(all)
	if err != nil {
		return err
	}
	for i := range streams {
		var calls []porcupine.Operation
		for _, c := range all {
			for _, call := range c.calls[i] {
				if wish, ok := call.Input.(appending); ok && call.Output == seenLater {
					if _, stands := found.told[wish.events[len(wish.events)-1].ID]; !stands {
						continue
					}
				}
				if read, ok := call.Input.(reading); ok && read.way == inLog {
					last := read.from + domain.Revision(len(call.Output.(ids))) - 1
					call.Call = min(call.Call, found.asked[found.at[i][last]])
				}
				calls = append(calls, call)
			}
		}
		if err := judge("stream "+string(all[0].names[i]), streamModel, calls); err != nil {
			return err
		}
	}
	return errors.Join(found.judgeOrder(), found.judgeLog(all))
}
