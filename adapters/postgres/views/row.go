package views

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/clickbook/clickbook/projections/readmodel"
)

// each yields the rows of a result and reports whether there was one. The error is that of the result.
func each(rows pgx.Rows, yield func(readmodel.Row, error) bool) (given bool, err error) {
	defer rows.Close()
	for rows.Next() {
		given = true
		if !yield(row{rows, rows.RawValues()}, nil) {
			return true, nil
		}
	}
	return given, rows.Err()
}

// row implements readmodel.Row on the data that the server sent: integers in binary form, text and bytes as they
// are.
type row struct {
	rows pgx.Rows
	raw  [][]byte
}

func (r row) Int(column int) int64 {
	switch raw := r.raw[column]; len(raw) {
	case 8:
		return int64(binary.BigEndian.Uint64(raw))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(raw)))
	default:
		return 0
	}
}

func (r row) Text(column int) string  { return string(r.raw[column]) }
func (r row) Bytes(column int) []byte { return append([]byte{}, r.raw[column]...) }

// Pack implements readmodel.Row.
func (r row) Pack(to []byte) []byte {
	for i, field := range r.rows.FieldDescriptions() {
		switch field.DataTypeOID {
		case pgtype.Int8OID, pgtype.Int4OID:
			to = readmodel.AppendInt(to, r.Int(i))
		case pgtype.ByteaOID:
			to = readmodel.AppendBytes(to, r.raw[i])
		default:
			to = append(readmodel.AppendHeader(to, readmodel.KindText, len(r.raw[i])), r.raw[i]...)
		}
	}
	return to
}

// values converts arguments to what the driver takes for the three types of columns.
func values(args []any) []any {
	taken := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case []byte:
			taken[i] = append([]byte{}, v...) // never null, and unchanged until it is sent
		case string:
			taken[i] = storable(v)
		case int:
			taken[i] = int64(v)
		case bool:
			taken[i] = int64(0)
			if v {
				taken[i] = int64(1)
			}
		case fmt.Stringer:
			taken[i] = storable(v.String())
		default:
			taken[i] = arg
		}
	}
	return taken
}

// storable replaces the zero character, which PostgreSQL cannot store in text. People do not type it. If a provider
// sends one, a read model that shows it differently is better than one that has stopped.
func storable(text string) string { return strings.ReplaceAll(text, "\x00", "\uFFFD") }

// tuples encodes rows in the binary format of COPY (PostgreSQL, reference of COPY, "Binary Format").
type tuples struct {
	next   func() (readmodel.Row, error, bool)
	buffer bytes.Buffer
	packed []byte
	begun  bool
	ended  bool
	err    error // of the rows
}

func (t *tuples) Read(into []byte) (int, error) {
	if !t.begun {
		t.begun = true
		t.buffer.WriteString("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	}
	for t.buffer.Len() < len(into) && !t.ended {
		row, err, more := t.next()
		if err != nil {
			t.err = err
			return 0, err
		}
		if !more {
			t.ended = true
			t.buffer.Write([]byte{0xff, 0xff})
			break
		}
		t.packed = row.Pack(t.packed[:0])
		t.write(t.packed)
	}
	return t.buffer.Read(into)
}

// write writes a packed row: the number of its columns, and the length and data of each.
func (t *tuples) write(packed []byte) {
	data := append(t.buffer.AvailableBuffer(), 0, 0)
	columns := uint16(0)
	for ; len(packed) > 0; columns++ {
		var column readmodel.Column
		column, packed = readmodel.NextColumn(packed)
		if column.Kind == readmodel.KindText && bytes.IndexByte(column.Data, 0) >= 0 {
			column.Data = []byte(storable(string(column.Data)))
		}
		data = binary.BigEndian.AppendUint32(data, uint32(len(column.Data)))
		data = append(data, column.Data...)
	}
	binary.BigEndian.PutUint16(data, columns)
	t.buffer.Write(data)
}
