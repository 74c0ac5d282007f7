package views

import (
	"fmt"
	"strings"

	"github.com/clickbook/clickbook/projections/readmodel"
)

// value is the value of a column or an expression. A condition is 1 or 0.
type value struct {
	kind byte // of readmodel
	n    int64
	s    string // of a text or bytes
}

// sizes of a packed column.
const (
	header  = 5
	intSize = header + 8
)

// length returns the size of the packed column that starts at a place.
func length(packed string, at int) int {
	return header + int(uint32(packed[at+1])<<24|uint32(packed[at+2])<<16|uint32(packed[at+3])<<8|uint32(packed[at+4]))
}

// unpack returns the column that starts at a place of a packed row.
func unpack(packed string, at int) value {
	data := packed[at+header : at+length(packed, at)]
	if packed[at] != readmodel.KindInt {
		return value{kind: packed[at], s: data}
	}
	n := uint64(0)
	for i := range 8 {
		n = n<<8 | uint64(data[i])
	}
	return value{kind: readmodel.KindInt, n: int64(n)}
}

// columnOf returns one column of a packed row.
func columnOf(packed string, column int) value {
	at := 0
	for range column {
		at += length(packed, at)
	}
	return unpack(packed, at)
}

// starts appends where each column of a packed row starts, and where the last ends.
func starts(to []int, packed string) []int {
	to = append(to, 0)
	for at := 0; at < len(packed); to = append(to, at) {
		at += length(packed, at)
	}
	return to
}

func (v value) pack(to []byte) []byte {
	if v.kind == readmodel.KindInt {
		return readmodel.AppendInt(to, v.n)
	}
	return append(readmodel.AppendHeader(to, v.kind, len(v.s)), v.s...)
}

func truth(is bool) value { return value{kind: readmodel.KindInt, n: readmodel.Flag(is)} }

// row implements readmodel.Row on a packed row.
type row string

func (r row) Int(column int) int64    { return columnOf(string(r), column).n }
func (r row) Text(column int) string  { return columnOf(string(r), column).s }
func (r row) Bytes(column int) []byte { return []byte(columnOf(string(r), column).s) }
func (r row) Pack(to []byte) []byte   { return append(to, r...) }

// env is what a statement runs on. Its buffers are used again by each statement of a scratch.
type env struct {
	args      []any
	text      func(string) string
	row       string // the present row, and where its columns start
	starts    []int
	other     string // the row that was not inserted, because the present one has its key
	others    []int
	found     []*entry
	packed    []byte
	keyed     []byte
	keyStarts []int
	err       error // the first of an expression
}

func (e *env) start(args []any, text func(string) string) {
	e.args, e.text, e.row, e.other, e.found, e.packed, e.err = args, text, "", "", e.found[:0], e.packed[:0], nil
}

func (e *env) load(packed string) {
	e.row, e.starts = packed, starts(e.starts[:0], packed)
}

func (e *env) fail(format string, args ...any) value {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
	return value{kind: readmodel.KindInt}
}

// arg returns an argument, counted from 0.
func (e *env) arg(i int) value {
	if i >= len(e.args) {
		return e.fail("a statement uses $%d but has %d arguments", i+1, len(e.args))
	}
	switch v := e.args[i].(type) {
	case []byte:
		return value{kind: readmodel.KindBytes, s: string(v)}
	case string:
		return e.textOf(v)
	case int64:
		return value{kind: readmodel.KindInt, n: v}
	case int:
		return value{kind: readmodel.KindInt, n: int64(v)}
	case bool:
		return truth(v)
	case fmt.Stringer:
		return e.textOf(v.String())
	default:
		return e.fail("argument $%d of a statement has type %T, which no column can hold", i+1, v)
	}
}

func (e *env) textOf(text string) value {
	if e.text != nil {
		text = e.text(text)
	}
	return value{kind: readmodel.KindText, s: text}
}

func (e *env) compare(a, b value) int {
	switch {
	case a.kind != b.kind:
		e.fail("a statement compares a value of kind %c with one of kind %c", a.kind, b.kind)
		return 0
	case a.kind != readmodel.KindInt:
		return strings.Compare(a.s, b.s)
	case a.n < b.n:
		return -1
	case a.n > b.n:
		return 1
	}
	return 0
}
