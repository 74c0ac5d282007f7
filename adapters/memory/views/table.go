package views

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/clickbook/clickbook/projections/readmodel"
)

// table is the rows of one table, packed, by their keys.
type table struct {
	readmodel.Table
	scratch *Scratch
	columns []column
	key     []int // columns
	rows    map[string]*entry
	sorted  []*entry       // by key; nil after a key was inserted or deleted
	equal   map[int]*equal // by column, of those that a statement looks rows up by
	earlier map[int]*earlier
}

type column struct {
	name string
	kind byte
}

// entry is a row. Its key sorts as the key columns do.
type entry struct {
	key, row string // row is "" once it is deleted
}

// perRow is about what a row takes beside its key and data: the entry, its place in the map, and an index.
const perRow = 128

// newTable reads the definition of a table: "name TYPE NOT NULL" for each column.
func newTable(s *Scratch, created readmodel.Table) (*table, error) {
	t := &table{
		Table: created, scratch: s, rows: make(map[string]*entry),
		equal: make(map[int]*equal), earlier: make(map[int]*earlier),
	}
	kinds := map[string]byte{
		"BIGINT": readmodel.KindInt, "TEXT": readmodel.KindText, "BYTEA": readmodel.KindBytes,
	}
	for one := range strings.SplitSeq(created.Columns, ",") {
		words := strings.Fields(one)
		if len(words) != 4 || kinds[words[1]] == 0 || words[2] != "NOT" || words[3] != "NULL" {
			return nil, fmt.Errorf("table %s: invalid column %q: write NAME, one of BIGINT, TEXT and BYTEA, and NOT NULL",
				created.Name, one)
		}
		t.columns = append(t.columns, column{words[0], kinds[words[1]]})
	}
	for one := range strings.SplitSeq(created.Key, ",") {
		i := t.column(strings.TrimSpace(one))
		if i < 0 {
			return nil, fmt.Errorf("table %s: the key has an unknown column %q", created.Name, one)
		}
		t.key = append(t.key, i)
	}
	return t, nil
}

// column returns the number of a column, or -1.
func (t *table) column(name string) int {
	return slices.IndexFunc(t.columns, func(c column) bool { return c.name == name })
}

// isIndexed reports whether the table has its rows in the order of a column, or an index to find them by it.
func (t *table) isIndexed(i int) bool {
	first := func(index string) bool {
		name, _, _ := strings.Cut(strings.Trim(index, "( )"), ",")
		return strings.TrimSpace(name) == t.columns[i].name
	}
	return t.key[0] == i || slices.ContainsFunc(t.WriteIndexes, first)
}

// appendKey appends a key column so that keys sort as the values do: integers with the sign bit turned over, and each
// other value ended by two zeros, unless it is the last, with its own zeros followed by 255.
func appendKey(to []byte, v value, last bool) []byte {
	switch {
	case v.kind == readmodel.KindInt:
		return binary.BigEndian.AppendUint64(to, uint64(v.n)^1<<63)
	case last:
		return append(to, v.s...)
	}
	for i := range len(v.s) {
		if to = append(to, v.s[i]); v.s[i] == 0 {
			to = append(to, 255)
		}
	}
	return append(to, 0, 0)
}

// keyOf returns the key of a packed row, in a buffer of the scratch.
func (t *table) keyOf(packed string) []byte {
	e := &t.scratch.env
	e.keyed = e.keyed[:0]
	if len(t.key) == 1 && t.key[0] == 0 {
		e.keyed = appendKey(e.keyed, unpack(packed, 0), true)
		return e.keyed
	}
	e.keyStarts = starts(e.keyStarts[:0], packed)
	for i, column := range t.key {
		e.keyed = appendKey(e.keyed, unpack(packed, e.keyStarts[column]), i == len(t.key)-1)
	}
	return e.keyed
}

func (t *table) insert(key, packed string) {
	one := &entry{key, packed}
	t.rows[key], t.sorted = one, nil
	t.scratch.bytes += len(key) + len(packed) + perRow
	for _, index := range t.equal {
		index.add(one)
	}
	for _, index := range t.earlier {
		index.add(one)
	}
}

func (t *table) delete(one *entry) {
	for _, index := range t.equal {
		index.remove(one)
	}
	delete(t.rows, one.key)
	t.scratch.bytes -= len(one.key) + len(one.row) + perRow
	one.row, t.sorted = "", nil
}

// update replaces a row. It returns false if its new key is that of another row.
func (t *table) update(one *entry, packed string, rekeyed bool) bool {
	if rekeyed {
		if key := string(t.keyOf(packed)); key != one.key {
			if t.rows[key] != nil {
				return false
			}
			t.delete(one)
			t.insert(key, packed)
			return true
		}
	}
	before := one.row
	t.scratch.bytes += len(packed) - len(before)
	for _, index := range t.equal {
		if index.of(before) != index.of(packed) {
			index.remove(one)
			one.row = packed
			index.add(one)
			one.row = before
		}
	}
	one.row = packed
	for column, index := range t.earlier {
		if columnOf(before, column) != columnOf(packed, column) {
			index.add(one)
		}
	}
	return true
}

// entries returns all rows in the order of their keys.
func (t *table) entries() []*entry {
	if t.sorted == nil {
		t.sorted = make([]*entry, 0, len(t.rows))
		for _, one := range t.rows {
			t.sorted = append(t.sorted, one)
		}
		slices.SortFunc(t.sorted, func(a, b *entry) int { return cmp.Compare(a.key, b.key) })
	}
	return t.sorted
}

func (t *table) all() iter.Seq2[readmodel.Row, error] {
	return func(yield func(readmodel.Row, error) bool) {
		for _, one := range t.entries() {
			if !yield(row(one.row), nil) {
				return
			}
		}
	}
}
