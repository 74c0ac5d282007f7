package readmodel

import "encoding/binary"

// The kinds of columns.
const (
	KindInt   = byte('i')
	KindText  = byte('t')
	KindBytes = byte('b')
)

// headerSize is the size of a column's kind and length.
const headerSize = 5

// Column is one column of a packed row.
type Column struct {
	Kind byte
	Data []byte // eight bytes, the highest first, for an integer
}

// Int returns the value of an integer column.
func (c Column) Int() int64 { return int64(binary.BigEndian.Uint64(c.Data)) }

// AppendInt packs an integer.
func AppendInt(to []byte, value int64) []byte {
	return binary.BigEndian.AppendUint64(AppendHeader(to, KindInt, 8), uint64(value))
}

// AppendText packs a text.
func AppendText(to []byte, text string) []byte {
	return append(AppendHeader(to, KindText, len(text)), text...)
}

// AppendBytes packs bytes.
func AppendBytes(to, data []byte) []byte {
	return append(AppendHeader(to, KindBytes, len(data)), data...)
}

// AppendHeader packs the kind and the length of a column. Its data must follow.
func AppendHeader(to []byte, kind byte, length int) []byte {
	return binary.BigEndian.AppendUint32(append(to, kind), uint32(length))
}

// NextColumn returns the first column of a packed row that has one, and the rest of the row.
func NextColumn(row []byte) (first Column, rest []byte) {
	end := headerSize + int(binary.BigEndian.Uint32(row[1:headerSize]))
	return Column{row[0], row[headerSize:end]}, row[end:]
}
