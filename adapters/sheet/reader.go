package sheet

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/clickbook/clickbook/domain"
)

// maxRow bounds a row in bytes, so that a quotation mark that is never closed does not read a large file into memory.
const maxRow = 1 << 20

// Errors of reading a sheet.
var (
	ErrEmpty = domain.Refuse(domain.Invalid, "sheet_empty",
		"the file is empty; the first line must name the columns")
	ErrNotText = domain.Refuse(domain.Invalid, "sheet_not_text",
		"the file is not CSV in UTF-8; save it from the spreadsheet as \"CSV UTF-8\" and import that")
	ErrCutOff = domain.Refuse(domain.Invalid, "sheet_cut_off",
		"the gzip file is cut off; get the whole file and import it again")
	ErrDamaged = domain.Refuse(domain.Invalid, "sheet_damaged",
		"the gzip file is damaged; get it again and import it")
	ErrRow = domain.Refuse(domain.Invalid, "row_malformed", "the row does not fit the sheet")
)

// Reader reads the rows of a sheet in order, without holding the sheet in memory.
type Reader struct {
	Header []string
	source *limited
	rows   *csv.Reader
}

// Row is a row and the line on which it begins. The header is line 1.
type Row struct {
	Line  int
	Cells []string
}

// NewReader detects the kind of file from its first bytes and reads the header. It refuses a file that is not a
// sheet.
func NewReader(file io.Reader) (*Reader, error) {
	plain, err := unpacked(file)
	if err != nil {
		return nil, err
	}
	first, err := plain.Peek(plain.Size())
	switch {
	case len(first) == 0 && errors.Is(err, io.EOF):
		return nil, ErrEmpty
	case len(first) == 0:
		return nil, whyUnread(err)
	case bytes.HasPrefix(first, []byte("PK\x03\x04")), bytes.HasPrefix(first, []byte("\xff\xfe")),
		bytes.HasPrefix(first, []byte("\xfe\xff")), bytes.IndexByte(first, 0) >= 0:
		return nil, ErrNotText
	}
	if mark := []byte("\xef\xbb\xbf"); bytes.HasPrefix(first, mark) {
		_, _ = plain.Discard(len(mark)) // what was peeked at can be discarded
		first = first[len(mark):]
	}
	source := &limited{from: plain, left: maxRow}
	r := &Reader{source: source, rows: csv.NewReader(source)}
	r.rows.Comma, r.rows.FieldsPerRecord = separator(first), -1
	r.Header, err = r.rows.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, ErrEmpty
	case err != nil:
		return nil, fmt.Errorf("the header cannot be read: %w", whyUnread(err))
	}
	for i, name := range r.Header {
		r.Header[i] = strings.TrimSpace(unguard(name))
	}
	return r, nil
}

// unpacked unpacks a file that begins with the magic bytes of gzip, whatever its name is.
func unpacked(file io.Reader) (*bufio.Reader, error) {
	buffered := bufio.NewReaderSize(file, 1<<16)
	if magic, _ := buffered.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return buffered, nil
	}
	plain, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, whyUnread(err)
	}
	return bufio.NewReaderSize(plain, 1<<16), nil
}

// separator returns the most frequent separator in the first line.
func separator(first []byte) rune {
	line, _, _ := bytes.Cut(first, []byte("\n"))
	best, most := ',', bytes.Count(line, []byte(","))
	for _, other := range []rune{';', '\t'} {
		if n := bytes.Count(line, []byte(string(other))); n > most {
			best, most = other, n
		}
	}
	return best
}

// Next returns the next row that is not blank, or io.EOF after the last. After an error that is ErrRow the next call
// reads the row that follows; after any other error there is nothing more to read.
func (r *Reader) Next() (Row, error) {
	for {
		r.source.left = maxRow
		cells, err := r.rows.Read()
		if err != nil {
			return r.failed(err)
		}
		line, _ := r.rows.FieldPos(0)
		row := Row{Line: line, Cells: cells}
		if row.isBlank() {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(unguard(cells[i]))
		}
		return row, row.check(len(r.Header))
	}
}

func (r *Reader) failed(err error) (Row, error) {
	var malformed *csv.ParseError
	if !errors.As(err, &malformed) {
		return Row{}, whyUnread(err)
	}
	row := Row{Line: malformed.StartLine}
	if malformed.Line > malformed.StartLine {
		return row, malformedRow("the quotation marks from line %d to line %d do not match; write each twice inside a "+
			"quoted cell, and close the cell", malformed.StartLine, malformed.Line)
	}
	return row, malformedRow("the quotation marks do not match; write each twice inside a quoted cell, and close the cell")
}

func malformedRow(format string, args ...any) error {
	return domain.Refusef(ErrRow.Reason, ErrRow.Code, format, args...)
}

func (row Row) isBlank() bool {
	for _, cell := range row.Cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// check refuses a row with too few or too many cells, because any of them may be in the wrong column.
func (row Row) check(columns int) error {
	if len(row.Cells) != columns {
		return malformedRow("the row has %d cells and the header has %d; put cells that hold a separator into quotation "+
			"marks", len(row.Cells), columns)
	}
	return nil
}

// whyUnread turns the errors of a damaged gzip file into refusals.
func whyUnread(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return ErrCutOff
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return ErrDamaged
	}
	return err
}

// limited is a reader that returns errTooLong once a row has exceeded maxRow.
type limited struct {
	from io.Reader
	left int
}

var errTooLong = domain.Refusef(domain.Invalid, "row_too_long",
	"a row is longer than %d bytes, probably because a quotation mark is not closed; close it and import again", maxRow)

func (l *limited) Read(into []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLong
	}
	n, err := l.from.Read(into)
	l.left -= n
	return n, err
}
