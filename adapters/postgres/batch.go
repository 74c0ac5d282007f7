package postgres

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/clickbook/clickbook/domain"
)

// batch is the input of one call of append: at most one job per stream. It holds the data in wire format, so it can
// be sent again after the callers have left.
type batch struct {
	jobs   []*job // ordered by stream
	first  []int  // number in the transaction of the last event of the previous job
	params [][]byte
}

// pack packs the jobs that still have a caller. It returns those that must wait for another job of their stream.
func pack(jobs []*job, base int64) (b *batch, waiting []*job) {
	b = &batch{}
	streams := make(map[domain.Stream]bool, len(jobs))
	for _, j := range jobs {
		switch {
		case streams[j.stream]:
			waiting = append(waiting, j)
		case j.state.CompareAndSwap(queued, packing):
			streams[j.stream] = true
			b.jobs = append(b.jobs, j)
		}
	}
	slices.SortFunc(b.jobs, func(a, b *job) int { return cmp.Compare(a.stream, b.stream) })
	b.encode(base)
	for _, j := range b.jobs {
		j.state.Store(packed)
	}
	return b, waiting
}

// abandoned reports whether no caller waits any more.
func (b *batch) abandoned() bool {
	return !slices.ContainsFunc(b.jobs, func(j *job) bool { return j.state.Load() != left })
}

// encode writes the parameters of append as binary arrays of PostgreSQL.
func (b *batch) encode(base int64) {
	events, size := 0, 0
	for _, j := range b.jobs {
		events += len(j.events)
		size += j.size + len(j.stream) + 60
	}
	b.first = make([]int, len(b.jobs))
	space := make([]byte, 0, size+500)
	array := func(element uint32, n int, each func()) {
		from := len(space)
		space = appendInts(space, 1, 0, element, uint32(n), 1)
		each()
		b.params = append(b.params, space[from:len(space):len(space)])
	}
	value := func(data []byte) {
		space = appendInts(space, uint32(len(data)))
		space = append(space, data...)
	}
	perJob := func(element uint32, each func(i int, j *job)) {
		array(element, len(b.jobs), func() {
			for i, j := range b.jobs {
				each(i, j)
			}
		})
	}
	perEvent := func(element uint32, each func(i, nr int, j *job)) {
		array(element, events, func() {
			for i, j := range b.jobs {
				for nr := range j.events {
					each(i, nr, j)
				}
			}
		})
	}
	b.params = append(b.params, binary.BigEndian.AppendUint64(nil, uint64(base)))
	total := 0
	perJob(pgtype.TextOID, func(i int, j *job) {
		b.first[i] = total
		total += len(j.events)
		value([]byte(j.stream))
	})
	perJob(pgtype.Int8OID, func(_ int, j *job) {
		space = appendInts(space, 8, uint32(uint64(j.expected)>>32), uint32(j.expected))
	})
	perJob(pgtype.Int4OID, func(_ int, j *job) { space = appendInts(space, 4, uint32(len(j.events))) })
	perEvent(pgtype.Int4OID, func(i, _ int, _ *job) { space = appendInts(space, 4, uint32(i+1)) })
	perEvent(pgtype.Int4OID, func(_, nr int, j *job) {
		space = appendInts(space, 4, uint32(len(j.events)-1-nr))
	})
	perEvent(pgtype.UUIDOID, func(_, nr int, j *job) { value(uuidBytes(&j.events[nr].ID)) })
	perEvent(pgtype.TextOID, func(_, nr int, j *job) { value([]byte(j.events[nr].Type)) })
	perEvent(pgtype.ByteaOID, func(_, nr int, j *job) { value(j.events[nr].Data) })
	perEvent(pgtype.ByteaOID, func(_, nr int, j *job) { value(j.events[nr].Meta) })
}

func uuidBytes(id *uuid.UUID) []byte { return id[:] }

func appendInts(space []byte, values ...uint32) []byte {
	for _, value := range values {
		space = binary.BigEndian.AppendUint32(space, value)
	}
	return space
}
