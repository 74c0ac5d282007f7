package histories

import (
	"fmt"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// batch is one append, the same for each retry.
type batch struct {
	name     string
	stream   int
	expected domain.Revision
	events   []domain.Stored
}

func (b *batch) last() domain.Revision { return b.expected + domain.Revision(len(b.events)) }

// appending and reading are the inputs of calls.
type (
	appending struct{ *batch }
	reading   struct {
		way  way
		from domain.Revision // the first revision to read
		most int             // entries, if backwards
	}
)

type way int

const (
	forwards way = iota
	backwards
	inLog // forwards, in the log of all streams
)

// outcome is the result of an append.
type outcome int

const (
	done outcome = iota
	conflict
	seenLater // the result was lost, but a client has read the events
)

// ids are the events that a read returned, by revision.
type ids []uuid.UUID

// content is the state of a stream: the content before the last append, and that append. Equal contents are the same
// pointer within one check, so that they compare fast.
type content struct {
	before *content
	batch  *batch
	head   domain.Revision
	grown  map[*batch]*content
}

// streamModel is one stream with a single caller.
var streamModel = porcupine.Model{
	Init: func() any { return &content{head: domain.NoStream} },
	Step: func(state, input, output any) (bool, any) {
		c := state.(*content)
		if read, ok := input.(reading); ok {
			return c.reads(read, output.(ids)), c
		}
		request := input.(appending).batch
		switch output.(outcome) {
		case conflict:
			return c.head != request.expected && !c.holds(request), c
		default: // the result was lost, but the events were seen
			if c.head == request.expected {
				return true, c.grow(request)
			}
			return c.holds(request), c
		}
	},
	Hash:              func(state any) uint64 { return uint64(state.(*content).head) },
	DescribeOperation: describeStreamCall,
	DescribeState: func(state any) string {
		return fmt.Sprintf("a stream at revision %d", state.(*content).head)
	},
}

func (c *content) grow(request *batch) *content {
	next, known := c.grown[request]
	if !known {
		next = &content{before: c, batch: request, head: request.last()}
		if c.grown == nil {
			c.grown = map[*batch]*content{}
		}
		c.grown[request] = next
	}
	return next
}

// holds reports whether the batch is stored after its expected revision.
func (c *content) holds(request *batch) bool {
	for c.head > request.last() {
		c = c.before
	}
	return c.batch == request
}

func (c *content) reads(read reading, got ids) bool {
	from := max(read.from, 0)
	if read.way == backwards {
		from = max(0, c.head-domain.Revision(read.most)+1)
	}
	if len(got) != max(0, int(c.head-from)+1) {
		return false
	}
	for at := c.head; at >= from; at-- {
		for c.before != nil && c.before.head >= at {
			c = c.before
		}
		if got[at-from] != c.batch.events[at-c.batch.expected-1].ID {
			return false
		}
	}
	return true
}

func describeStreamCall(input, output any) string {
	if read, ok := input.(reading); ok {
		got := output.(ids)
		switch read.way {
		case backwards:
			return fmt.Sprintf("read the last %d: %d events %s", read.most, len(got), brief(got))
		case inLog:
			return fmt.Sprintf("read the log from revision %d: %d events %s", read.from, len(got), brief(got))
		case forwards:
		}
		return fmt.Sprintf("read from revision %d: %d events %s", read.from, len(got), brief(got))
	}
	request := input.(appending)
	var own ids
	for _, event := range request.events {
		own = append(own, event.ID)
	}
	return fmt.Sprintf("append %s %s after revision %d: %s", request.name, brief(own), request.expected,
		[]string{"done", "conflict", "no result, but the events were seen"}[output.(outcome)])
}

// brief returns the beginnings of the last few ids.
func brief(all ids) string {
	text := ""
	for _, id := range all[max(0, len(all)-4):] {
		text += " " + id.String()[:8]
	}
	return "[…" + text + "]"
}
