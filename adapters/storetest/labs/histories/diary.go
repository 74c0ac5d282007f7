package histories

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/domaintest"
)

// perBook is how many commands each client sends to one diary before all move to the next. Diaries stay short,
// because a command that lost a race reads the diary again.
const perBook = 25

// diaryClient sends commands to its own engine.
type diaryClient struct {
	clock  *clock
	name   int
	rng    *rand.Rand
	engine *commands.Engine
	store  domain.EventStore
	books  []book
	calls  [][]porcupine.Operation // by book
	report report
}

// diaryHistory runs one history of holds and releases and judges it.
func diaryHistory(s settings, seed uint64, stores []domain.EventStore) (report, error) {
	codec, err := domain.NewCodec(domaintest.NewVault(), diary.Types)
	if err != nil {
		return report{}, err
	}
	var clock clock
	lines := &network{rng: random(seed, -1)}
	if s.lossy {
		stores = through(lines, stores)
	}
	books := make([]book, (s.holds+perBook-1)/perBook)
	for i := range books {
		books[i] = newBook(random(seed, -2-i))
	}
	all := make([]*diaryClient, len(stores))
	for i, store := range stores {
		all[i] = &diaryClient{
			clock: &clock, name: i, rng: random(seed, i), store: store, books: books,
			engine: commands.NewEngine(store, codec, func() time.Time { return firstSlot }, commands.Wire(diary.Decider)),
			calls:  make([][]porcupine.Operation, len(books)),
		}
	}
	err = together(all, func(c *diaryClient) error {
		for n := range s.holds {
			if err := c.call(n / perBook); err != nil {
				return err
			}
		}
		return nil
	})
	lines.settle()
	var total report
	for _, c := range all {
		total.add(c.report)
	}
	for i := range books {
		if err == nil {
			err = judgeDiary(all, codec, i)
		}
	}
	return total, err
}

// call sends a hold or a release, and may retry if the result was lost.
func (c *diaryClient) call(i int) error {
	hold := c.rng.IntN(choices)
	var command domain.Command = c.books[i].hold(hold)
	var input any = holding(hold)
	if c.rng.IntN(100) < 40 {
		command, input = c.books[i].release(hold), releasing(hold)
	}
	id := uuid.New()
	for again := true; again; {
		result, err := c.send(i, id, command, input)
		if err != nil {
			return err
		}
		again = result.lost && c.rng.IntN(2) == 0
	}
	return nil
}

// send sends one command. The number of the call is the causation of the event, so that the diary shows which call
// changed it.
func (c *diaryClient) send(i int, id uuid.UUID, command domain.Command, input any) (result reply, err error) {
	ctx, cancel := withPatience(c.rng)
	defer cancel()
	call := porcupine.Operation{ClientId: c.name, Input: input, Call: c.clock.tick()}
	owner := domain.DeriveID[domain.AccountID]("diary history")
	origin := commands.ForAccount(owner, domain.Actor{}).WithID(id).WithCause(causation(call.Call), uuid.Nil)
	outcome, err := c.engine.Run(ctx, origin, command)
	call.Return = c.clock.tick()
	c.report.calls++
	switch {
	case err == nil:
		c.report.done++
		if len(outcome.Events) == 0 {
			c.report.repeated++
		}
	case errors.Is(err, diary.ErrSlotTaken):
		result.refused = true
		c.report.refused++
	case errors.Is(err, commands.ErrBusy):
		c.report.conflicts++
		result.lost = true // it should not be done; an event of it would be judged
	case unsure(err):
		result.lost = true
		c.report.unsure++
	default:
		return result, fmt.Errorf("%T: %w, which is not an error of the port", command, err)
	}
	if result.lost {
		call.Return = never
	}
	call.Output = result
	c.calls[i] = append(c.calls[i], call)
	return result, nil
}

func causation(call int64) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[8:], uint64(call))
	return id
}

// judgeDiary reads a diary, records which calls have an event in it, and judges their order.
func judgeDiary(all []*diaryClient, codec *domain.Codec, i int) error {
	b, clock := &all[0].books[i], all[0].clock
	stream := diary.StreamOf(b.resource, diary.MonthOf(firstSlot))
	var calls []porcupine.Operation
	caused := map[uuid.UUID]bool{}
	for _, c := range all {
		begun := clock.tick()
		events, now, err := b.read(c.store, codec, stream)
		if err != nil {
			return fmt.Errorf("client %d: %w", c.name, err)
		}
		calls = append(calls, porcupine.Operation{
			ClientId: c.name, Input: listing{}, Output: now, Call: begun, Return: clock.tick(),
		})
		for _, event := range events {
			caused[event] = true
		}
	}
	for _, c := range all {
		for _, call := range c.calls[i] {
			result := call.Output.(reply)
			result.event = caused[causation(call.Call)]
			if delete(caused, causation(call.Call)); result.lost && !result.event {
				continue
			}
			call.Output = result
			calls = append(calls, call)
		}
	}
	if len(caused) > 0 {
		return fmt.Errorf("%s has events that no call caused", stream)
	}
	return judge(string(stream), b.model(), calls)
}

// read folds a diary independently, and returns the calls that caused its events.
func (b *book) read(store domain.EventStore, codec *domain.Codec, stream domain.Stream) ([]uuid.UUID, held, error) {
	var failed error
	for range 100 {
		causes, now, err := b.tryRead(store, codec, stream)
		if err == nil || !unsure(err) {
			return causes, now, err
		}
		failed = err
	}
	return nil, 0, fmt.Errorf("every read of %s failed: %w", stream, failed)
}

func (b *book) tryRead(
	store domain.EventStore, codec *domain.Codec, stream domain.Stream,
) (causes []uuid.UUID, now held, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	once := map[uuid.UUID]bool{}
	for entry, err := range store.ReadStream(ctx, stream, domain.NoStream) {
		if err != nil {
			return nil, 0, err
		}
		recorded, err := codec.Decode(entry)
		if err != nil {
			return nil, 0, err
		}
		cause := recorded.Meta.Causation
		if once[cause] {
			return nil, 0, fmt.Errorf("%s has the event of one call twice, the second time at revision %d",
				stream, entry.Revision)
		}
		once[cause] = true
		causes = append(causes, cause)
		switch e := recorded.Event.(type) {
		case diary.UnitsHeld:
			i, known := b.find(e.Appointment, e.Sequence, e.Interval)
			if !known {
				return nil, 0, fmt.Errorf("%s has an unknown hold at revision %d", stream, entry.Revision)
			}
			now |= 1 << i
		case diary.UnitsReleased:
			if i, known := b.find(e.Appointment, e.Sequence, e.Interval); known {
				now &^= 1 << i
			}
		}
	}
	return causes, now, nil
}
