package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/clickbook/clickbook/domain"
)

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

// Layout is how a sheet is written. A report of its refused rows is written in the same way, so that the program that
// made the sheet can open it.
type Layout struct {
	Separator rune
	Named     bool // the first line names the separator, as in "sep=;"
	Marked    bool // with a byte order mark, which spreadsheets need to recognise UTF-8
}

// Reader reads the rows of a sheet in order, without holding the sheet in memory.
type Reader struct {
	Header []string
	Layout Layout
	Legacy bool // a cell was not UTF-8 and was read as Windows-1252

	source *recorded
	rows   *csv.Reader
	before int // lines before the first that rows reads
	count  int
	report bool // the sheet is a report of refused rows: two columns of ours come first
}

// Row is a row and the line on which it begins. The first line of the file is line 1.
type Row struct {
	Line  int
	Cells []string
}

// NewReader detects the kind of file from its first bytes and reads the header. It refuses a file that is not a
// sheet.
func NewReader(file io.Reader) (*Reader, error) {
	plain, err := openText(file)
	if err != nil {
		return nil, err
	}
	first, err := plain.Peek(plain.Size())
	if len(first) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, whyUnread(err)
	}
	layout, skip := layoutOf(first)
	layout.Marked = plain.marked
	_, _ = plain.Discard(skip) // what was peeked at can be discarded
	r := &Reader{Layout: layout, source: &recorded{limited: limited{from: plain, left: maxRow, err: errLongRow}}}
	if layout.Named {
		r.before = 1
	}
	r.rows = newCSV(r.source, layout.Separator)
	r.Header, err = r.rows.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, ErrEmpty
	case errors.Is(err, ErrTooLarge):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("the header cannot be read: %w", whyUnread(err))
	case len(r.Header) > maxColumns:
		return nil, tooLarge("the header has %d columns and a sheet may have %d; remove those that are not needed",
			len(r.Header), maxColumns)
	}
	r.source.forget(r.rows.InputOffset())
	if err := r.clean(r.Header); err != nil {
		return nil, ErrNotText
	}
	if r.report = len(r.Header) > len(ours) && slices.Equal(r.Header[:len(ours)], ours); r.report {
		r.Header = r.Header[len(ours):]
	}
	return r, nil
}

// Check reads a sheet to its end and returns ErrTooLarge if it exceeds a limit. Other errors are left to the reader
// that follows, which can say which rows came before them.
func Check(file io.Reader) error {
	r, err := NewReader(file)
	last := 1
	for err == nil || errors.Is(err, ErrRow) {
		var row Row
		row, err = r.Next()
		last = max(last, row.Line)
	}
	if r != nil && errors.Is(err, ErrTooLarge) {
		return fmt.Errorf("after line %d: %w", last, err)
	}
	if errors.Is(err, ErrTooLarge) {
		return err
	}
	return nil
}

// named matches a first line that names the separator, which Excel writes and reads.
var named = regexp.MustCompile(`^"?(?i:sep)=([^\n"])"?[,;\t]*\n`)

// layoutOf returns how a sheet is written, and how many bytes come before its header.
func layoutOf(first []byte) (layout Layout, skip int) {
	if found := named.FindSubmatch(first); found != nil {
		if by, _ := utf8.DecodeRune(found[1]); by != utf8.RuneError {
			return Layout{Separator: by, Named: true}, len(found[0])
		}
	}
	return Layout{Separator: separator(first)}, 0
}

// separator returns the most frequent separator in the first line that is not blank, outside quotation marks.
func separator(first []byte) rune {
	line, _, _ := bytes.Cut(bytes.TrimLeft(first, "\n"), []byte("\n"))
	counts := make(map[rune]int)
	quoted := false
	for _, r := range string(line) {
		if r == '"' {
			quoted = !quoted
		} else if !quoted {
			counts[r]++
		}
	}
	best := ','
	for _, other := range ";\t|" {
		if counts[other] > counts[best] {
			best = other
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
		raw := r.source.forget(r.rows.InputOffset())
		if r.count++; r.count > maxRows+1 { // the last call is at the end
			return Row{}, errManyRows
		}
		if err != nil {
			return r.failed(err, raw)
		}
		line, _ := r.rows.FieldPos(0)
		row := Row{Line: line + r.before, Cells: cells}
		if row.isBlank() {
			continue
		}
		err = r.clean(row.Cells)
		row.Cells = r.withoutOurs(row.Cells)
		if err == nil {
			row.Cells, err = fit(row.Cells, r.Header)
		}
		return row, err
	}
}

func newCSV(from io.Reader, separator rune) *csv.Reader {
	rows := csv.NewReader(from)
	rows.Comma, rows.FieldsPerRecord = separator, -1
	return rows
}

// withoutOurs removes the cells that a report of refused rows has before those of the sheet.
func (r *Reader) withoutOurs(cells []string) []string {
	if r.report {
		return cells[min(len(ours), len(cells)):]
	}
	return cells
}

// failed returns the error of a row that is not CSV. A quotation mark that is not closed takes in the lines below it,
// so only the first line is refused and the others are read again. The row has its cells as far as they can be told
// apart, so that they can be corrected in the report of refused rows.
func (r *Reader) failed(err error, raw []byte) (Row, error) {
	var malformed *csv.ParseError
	if !errors.As(err, &malformed) {
		return Row{}, whyUnread(err)
	}
	line := malformed.StartLine + r.before
	raw = bytes.TrimLeft(raw, "\n") // blank lines
	first, others, more := bytes.Cut(raw, []byte("\n"))
	if more && len(others) > 0 {
		r.source.unread(others)
		r.before = line
		r.rows = newCSV(r.source, r.Layout.Separator)
	}
	row := Row{Line: line, Cells: r.guess(first)}
	_ = r.clean(row.Cells) // as far as they can be read
	row.Cells = r.withoutOurs(row.Cells)
	return row, malformedRow("the quotation marks do not match; write each twice inside a quoted cell, and close the cell")
}

// guess returns the likely cells of a row that is not CSV: what is between the separators, if there are as many as
// columns.
func (r *Reader) guess(raw []byte) []string {
	columns := len(r.Header)
	if r.report {
		columns += len(ours)
	}
	if cells := strings.Split(string(raw), string(r.Layout.Separator)); len(cells) == columns {
		return cells
	}
	lenient := newCSV(bytes.NewReader(raw), r.Layout.Separator)
	lenient.LazyQuotes = true
	cells, err := lenient.Read()
	if err != nil {
		return []string{string(raw)}
	}
	return cells
}

// clean restores cells as they were before a spreadsheet or Writer protected them.
func (r *Reader) clean(cells []string) error {
	for i, cell := range cells {
		if !utf8.ValidString(cell) {
			r.Legacy = true
			decoded, err := charmap.Windows1252.NewDecoder().String(cell)
			if err != nil || strings.ContainsFunc(decoded, isUnused) {
				return malformedRow("the cell %q is neither UTF-8 nor Windows-1252; save the sheet as \"CSV UTF-8\"", clip(cell))
			}
			cell = decoded
		}
		cells[i] = strings.TrimSpace(unguard(cell))
	}
	return nil
}

// isUnused reports the characters that Windows-1252 bytes without a meaning are decoded to.
func isUnused(r rune) bool { return 0x80 <= r && r < 0xa0 }

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

// fit refuses a row with too few or too many cells, because any of them may be in the wrong column. Blank cells after
// the last column, and columns without a name, do no harm.
func fit(cells, header []string) ([]string, error) {
	n := len(cells)
	for len(cells) > len(header) && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	for len(cells) < len(header) && header[len(cells)] == "" {
		cells = append(cells, "")
	}
	if len(cells) != len(header) {
		return cells, malformedRow("the row has %d cells and the header has %d; put cells that hold a separator into "+
			"quotation marks", n, len(header))
	}
	return cells, nil
}

// recorded limits each row, and keeps the bytes of the current one.
type recorded struct {
	limited
	recent []byte
	base   int64  // offset of recent
	again  []byte // to read before the rest
}

func (s *recorded) Read(into []byte) (n int, err error) {
	if len(s.again) > 0 {
		n = copy(into, s.again)
		s.again = s.again[n:]
		s.left -= n
	} else {
		n, err = s.limited.Read(into)
	}
	s.recent = append(s.recent, into[:n]...)
	return n, err
}

// forget returns the bytes before an offset, and drops them.
func (s *recorded) forget(offset int64) []byte {
	n := int(offset - s.base)
	row := s.recent[:n]
	s.recent, s.base = s.recent[n:], offset
	return row
}

// unread starts again with bytes that forget has returned last, for a reader that starts at the offset 0.
func (s *recorded) unread(bytes []byte) {
	s.again = slices.Concat(bytes, s.recent, s.again)
	s.recent, s.base = nil, 0
}
