package postgres

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"

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
	if b.first = make([]int, len(b.jobs)); b.single() {
		b.encodeOne(base)
	} else {
		b.encode(base)
	}
	for _, j := range b.jobs {
		j.state.Store(packed)
	}
	return b, waiting
}

// single reports whether the batch is for append_one.
func (b *batch) single() bool { return len(b.jobs) == 1 }

// abandoned reports whether no caller waits any more.
func (b *batch) abandoned() bool {
	return !slices.ContainsFunc(b.jobs, func(j *job) bool { return j.state.Load() != left })
}

// wire writes parameters of a statement in binary form, one after the other.
type wire struct {
	space  []byte
	params [][]byte
}

func (w *wire) ints(values ...uint32) {
	for _, value := range values {
		w.space = binary.BigEndian.AppendUint32(w.space, value)
	}
}

// value writes one element of an array.
func (w *wire) value(data []byte) {
	w.ints(uint32(len(data)))
	w.space = append(w.space, data...)
}

func (w *wire) param(write func()) {
	from := len(w.space)
	write()
	w.params = append(w.params, w.space[from:len(w.space):len(w.space)])
}

// array writes an array with one dimension.
func (w *wire) array(element uint32, n int, each func()) {
	w.param(func() {
		w.ints(1, 0, element, uint32(n), 1)
		each()
	})
}

// events writes the ids, types, data and metadata of events, an array of each.
func (w *wire) events(n int, events iter.Seq[*domain.Stored]) {
	for _, column := range []struct {
		element uint32
		of      func(*domain.Stored) []byte
	}{
		{pgtype.UUIDOID, func(e *domain.Stored) []byte { return e.ID[:] }},
		{pgtype.TextOID, func(e *domain.Stored) []byte { return []byte(e.Type) }},
		{pgtype.ByteaOID, func(e *domain.Stored) []byte { return e.Data }},
		{pgtype.ByteaOID, func(e *domain.Stored) []byte { return e.Meta }},
	} {
		w.array(column.element, n, func() {
			for event := range events {
				w.value(column.of(event))
			}
		})
	}
}

// encode writes the parameters of append: an array with an element for each stream or each event.
func (b *batch) encode(base int64) {
	size, total := 0, 0
	for i, j := range b.jobs {
		b.first[i] = total
		total += len(j.events)
		size += j.size + len(j.stream) + 60
	}
	w := wire{space: make([]byte, 0, size+500)}
	perJob := func(element uint32, each func(j *job)) {
		w.array(element, len(b.jobs), func() {
			for _, j := range b.jobs {
				each(j)
			}
		})
	}
	perEvent := func(each func(i, nr int, j *job)) {
		w.array(pgtype.Int4OID, total, func() {
			for i, j := range b.jobs {
				for nr := range j.events {
					each(i, nr, j)
				}
			}
		})
	}
	w.param(func() { w.ints(uint32(uint64(base)>>32), uint32(base)) })
	perJob(pgtype.TextOID, func(j *job) { w.value([]byte(j.stream)) })
	perJob(pgtype.Int8OID, func(j *job) { w.ints(8, uint32(uint64(j.expected)>>32), uint32(j.expected)) })
	perJob(pgtype.Int4OID, func(j *job) { w.ints(4, uint32(len(j.events))) })
	perEvent(func(i, _ int, _ *job) { w.ints(4, uint32(i+1)) })
	perEvent(func(_, nr int, j *job) { w.ints(4, uint32(len(j.events)-1-nr)) })
	w.events(total, func(yield func(*domain.Stored) bool) {
		for _, j := range b.jobs {
			for i := range j.events {
				if !yield(&j.events[i]) {
					return
				}
			}
		}
	})
	b.params = w.params
}

// encodeOne writes the parameters of append_one: the stream, its expected revision, and an array for each column.
func (b *batch) encodeOne(base int64) {
	j := b.jobs[0]
	w := wire{space: make([]byte, 0, j.size+len(j.stream)+200)}
	w.param(func() { w.ints(uint32(uint64(base)>>32), uint32(base)) })
	w.param(func() { w.space = append(w.space, j.stream...) })
	w.param(func() { w.ints(uint32(uint64(j.expected)>>32), uint32(j.expected)) })
	w.events(len(j.events), func(yield func(*domain.Stored) bool) {
		for i := range j.events {
			if !yield(&j.events[i]) {
				return
			}
		}
	})
	b.params = w.params
}

// decode reads what append or append_one returned: the transaction, and the head of each stream before it.
func (b *batch) decode(rows [][][]byte) (xid int64, heads []int64, err error) {
	const arrayHead, element = 20, 4 + 8 // bytes; an element has its length before it
	first, size := arrayHead+4, arrayHead+element*len(b.jobs)
	if b.single() {
		first, size = 0, 8
	}
	if len(rows) != 1 || len(rows[0]) != 2 || len(rows[0][1]) != size {
		return 0, nil, fmt.Errorf("append returned %d rows", len(rows))
	}
	heads = make([]int64, len(b.jobs))
	for i := range heads {
		heads[i] = int64(binary.BigEndian.Uint64(rows[0][1][first+element*i:]))
	}
	return int64(binary.BigEndian.Uint64(rows[0][0])), heads, nil
}
