package histories

import (
	"fmt"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// batch is the events of one append, the same however often it is asked for.
type batch struct {
	name     string
	stream   int
	expected domain.Revision
	events   []domain.Stored
}

func (b *batch) last() domain.Revision { return b.expected + domain.Revision(len(b.events)) }

// appending is an append as asked, reading a read.
type (
	appending struct{ *batch }
	reading   struct {
		way  way
		from domain.Revision // the first revision that was asked for
		most int             // entries, backwards
	}
)

type way int

const (
	forwards way = iota
	backwards
	inLog // forwards, in the log of all streams
)

// outcome is what the caller of an append was told.
type outcome int

const (
	done outcome = iota
	conflict
	seenLater // the answer was lost, but somebody has read the events
)

// ids are what a reader was told, by revision.
type ids []uuid.UUID

// content is all that a stream can be: the content before, and the append that came to it. The same content is the
// same pointer within one check, so that contents are compared at once.
type content struct {
	before *content
	batch  *batch
	head   domain.Revision
	grown  map[*batch]*content
}

// streamModel is one stream with one caller.
var streamModel = porcupine.Model{
	Init: func() any { return &content{head: domain.NoStream} },
	Step: func(state, input, output any) (bool, any) {
		c := state.(*content)
		if read, ok := input.(reading); ok {
			return c.reads(read, output.(ids)), c
		}
		wish := input.(appending).batch
		switch output.(outcome) {
		case conflict:
			return c.head != wish.expected && !c.holds(wish), c
		default: // of an append whose answer was lost it is known that it came to stand there
			if c.head == wish.expected {
				return true, c.grow(wish)
			}
			return c.holds(wish), c
		}
	},
	Hash:              func(state any) uint64 { return uint64(state.(*content).head) },
	DescribeOperation: describeStreamCall,
	DescribeState: func(state any) string {
		return fmt.Sprintf("a stream at revision %d", state.(*content).head)
	},
}

func (c *content) grow(wish *batch) *content {
	next, known := c.grown[wish]
	if !known {
		next = &content{before: c, batch: wish, head: wish.last()}
		if c.grown == nil {
			c.grown = map[*batch]*content{}
		}
		c.grown[wish] = next
	}
	return next
}

// holds reports whether the batch came to stand after the revision that it expected.
func (c *content) holds(wish *batch) bool {
	for c.head > wish.last() {
		c = c.before
	}
	return c.batch == wish
}

func (c *content) reads(read reading, told ids) bool {
	from := max(read.from, 0)
	if read.way == backwards {
		from = max(0, c.head-domain.Revision(read.most)+1)
	}
	if len(told) != max(0, int(c.head-from)+1) {
		return false
	}
	for at := c.head; at >= from; at-- {
		for c.before != nil && c.before.head >= at {
			c = c.before
		}
		if told[at-from] != c.batch.events[at-c.batch.expected-1].ID {
			return false
		}
	}
	return true
}

func describeStreamCall(input, output any) string {
	if read, ok := input.(reading); ok {
		told := output.(ids)
		switch read.way {
		case backwards:
			return fmt.Sprintf("read the last %d: %d events %s", read.most, len(told), brief(told))
		case inLog:
			return fmt.Sprintf("read the log from what is revision %d: %d events %s", read.from, len(told), brief(told))
		}
		return fmt.Sprintf("read from revision %d: %d events %s", read.from, len(told), brief(told))
	}
	wish := input.(appending)
	var own ids
	for _, event := range wish.events {
		own = append(own, event.ID)
	}
	return fmt.Sprintf("append %s %s after revision %d: %s", wish.name, brief(own), wish.expected,
		[]string{"done", "conflict", "no answer, but it stands there"}[output.(outcome)])
}

// brief is the beginnings of the last few ids.
func brief(all ids) string {
	text := ""
	for _, id := range all[max(0, len(all)-4):] {
		text += " " + id.String()[:8]
	}
	return "[…" + text + "]"
}
