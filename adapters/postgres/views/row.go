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

func (r row) Values() []any {
	values := make([]any, len(r.raw))
	for i, field := range r.rows.FieldDescriptions() {
		switch field.DataTypeOID {
		case pgtype.Int8OID, pgtype.Int4OID:
			values[i] = r.Int(i)
		case pgtype.TextOID:
			values[i] = r.Text(i)
		case pgtype.ByteaOID:
			values[i] = r.Bytes(i)
		}
	}
	return values
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
		t.write(row.Values())
	}
	return t.buffer.Read(into)
}

func (t *tuples) write(values []any) {
	data := binary.BigEndian.AppendUint16(t.buffer.AvailableBuffer(), uint16(len(values)))
	for _, value := range values {
		switch v := value.(type) {
		case int64:
			data = binary.BigEndian.AppendUint32(data, 8)
			data = binary.BigEndian.AppendUint64(data, uint64(v))
		case string:
			v = storable(v)
			data = binary.BigEndian.AppendUint32(data, uint32(len(v)))
			data = append(data, v...)
		case []byte:
			data = binary.BigEndian.AppendUint32(data, uint32(len(v)))
			data = append(data, v...)
		default:
			panic(fmt.Sprintf("views: a column has type %T; use integers, text and bytes only", value))
		}
	}
	t.buffer.Write(data)
}
