package views

import (
	"container/heap"
	"slices"
)

// equal finds rows by the value of a column.
type equal struct {
	column int
	rows   map[string][]*entry
}

func (t *table) equalBy(column int) *equal {
	index := t.equal[column]
	if index == nil {
		index = &equal{column, make(map[string][]*entry)}
		for _, one := range t.rows {
			index.add(one)
		}
		t.equal[column] = index
	}
	return index
}

// of returns the key of a row in the index.
func (x *equal) of(packed string) string {
	return string(appendKey(nil, columnOf(packed, x.column), true))
}

func (x *equal) add(one *entry) {
	key := x.of(one.row)
	x.rows[key] = append(x.rows[key], one)
}

func (x *equal) remove(one *entry) {
	key := x.of(one.row)
	rows := x.rows[key]
	i := slices.Index(rows, one)
	rows[i] = rows[len(rows)-1]
	rows[len(rows)-1] = nil
	if rows = rows[:len(rows)-1]; len(rows) == 0 {
		delete(x.rows, key)
		return
	}
	x.rows[key] = rows
}

// earlier finds the rows with the least values of an integer column. Rows that were deleted, or got another value, stay
// in the heap until they come to its top.
type earlier struct {
	column int
	queue  queue
}

type queued struct {
	n   int64
	one *entry
}

type queue []queued

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].n < q[j].n }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(one any)      { *q = append(*q, one.(queued)) }

func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	(*q)[len(*q)-1] = queued{}
	*q = (*q)[:len(*q)-1]
	return last
}

func (t *table) earlierBy(column int) *earlier {
	index := t.earlier[column]
	if index == nil {
		index = &earlier{column: column}
		for _, one := range t.rows {
			index.add(one)
		}
		t.earlier[column] = index
	}
	return index
}

func (x *earlier) add(one *entry) { heap.Push(&x.queue, queued{columnOf(one.row, x.column).n, one}) }

// before appends the rows with a value below n.
func (x *earlier) before(n int64, found []*entry) []*entry {
	had := len(found)
	for len(x.queue) > 0 && x.queue[0].n < n {
		top := heap.Pop(&x.queue).(queued)
		isThere := top.one.row != "" && columnOf(top.one.row, x.column).n == top.n
		if isThere && !slices.Contains(found[had:], top.one) {
			found = append(found, top.one)
		}
	}
	for _, one := range found[had:] { // the statement may leave them
		x.add(one)
	}
	return found
}
