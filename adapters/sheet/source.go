package sheet

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/clickbook/clickbook/domain"
)

// The limits of a sheet. A packed file is measured unpacked.
const (
	maxRow     = 1 << 20   // bytes
	maxFile    = 256 << 20 // bytes
	maxRows    = 1 << 20   // as in a spreadsheet, blank ones included
	maxColumns = 1000
)

// ErrTooLarge refuses a sheet that exceeds a limit. Check finds it before anything is imported.
var ErrTooLarge = domain.Refuse(domain.Invalid, "sheet_too_large", "the sheet is too large")

func tooLarge(format string, args ...any) error {
	return domain.Refusef(ErrTooLarge.Reason, ErrTooLarge.Code, format, args...)
}

var (
	errLongFile = tooLarge("the file is larger than %d MiB unpacked; split it and import the parts", maxFile>>20)
	errLongRow  = tooLarge("a row is longer than %d bytes, probably because a quotation mark is not closed; "+
		"close it and import again", maxRow)
	errManyRows = tooLarge("the file has more than %d rows; split it and import the parts", maxRows)
)

var (
	utf8Mark     = []byte("\xef\xbb\xbf")
	utf16Little  = []byte("\xff\xfe")
	utf16Big     = []byte("\xfe\xff")
	gzipMagic    = []byte{0x1f, 0x8b}
	zipSignature = []byte("PK\x03\x04")
)

// text is a file as UTF-8 text with line feeds, unpacked.
type text struct {
	*bufio.Reader
	marked bool // the file had a byte order mark or was UTF-16
}

// openText unpacks a file that begins with the magic bytes of gzip, whatever its name is, and decodes UTF-16. It
// leaves other encodings than UTF-8 to decoded, which sees whole cells.
func openText(file io.Reader) (text, error) {
	plain := bufio.NewReaderSize(file, 1<<16)
	if magic, _ := plain.Peek(len(gzipMagic)); bytes.Equal(magic, gzipMagic) {
		unpacked, err := gzip.NewReader(plain)
		if err != nil {
			return text{}, whyUnread(err)
		}
		plain = bufio.NewReaderSize(&limited{from: unpacked, left: maxFile, err: errLongFile}, 1<<16)
	} else {
		plain = bufio.NewReaderSize(&limited{from: plain, left: maxFile, err: errLongFile}, 1<<16)
	}
	first, err := plain.Peek(plain.Size())
	if len(first) == 0 {
		if errors.Is(err, io.EOF) {
			return text{}, ErrEmpty
		}
		return text{}, whyUnread(err)
	}
	var from io.Reader = plain
	marked := false
	switch order, isUTF16 := byteOrder(first); {
	case isUTF16:
		from, marked = transform.NewReader(plain, unicode.UTF16(order, unicode.UseBOM).NewDecoder()), true
	case bytes.HasPrefix(first, zipSignature), bytes.HasPrefix(first, gzipMagic), bytes.IndexByte(first, 0) >= 0:
		return text{}, ErrNotText
	case bytes.HasPrefix(first, utf8Mark):
		_, _ = plain.Discard(len(utf8Mark)) // what was peeked at can be discarded
		marked = true
	}
	return text{bufio.NewReaderSize(transform.NewReader(from, lineFeeds{}), 1<<16), marked}, nil
}

// byteOrder recognises UTF-16 by its mark or, without one, by the zeros of the Latin characters in a header.
func byteOrder(first []byte) (order unicode.Endianness, isUTF16 bool) {
	switch {
	case bytes.HasPrefix(first, utf16Little):
		return unicode.LittleEndian, true
	case bytes.HasPrefix(first, utf16Big):
		return unicode.BigEndian, true
	}
	line := first[:min(len(first), 64)]
	var zeros [2]int
	for i, b := range line {
		if b == 0 {
			zeros[i%2]++
		}
	}
	most := len(line) / 2 * 3 / 4
	switch {
	case len(line) >= 8 && zeros[0] == 0 && zeros[1] >= most:
		return unicode.LittleEndian, true
	case len(line) >= 8 && zeros[1] == 0 && zeros[0] >= most:
		return unicode.BigEndian, true
	}
	return order, false
}

// lineFeeds turns the line ends CR LF and CR into LF.
type lineFeeds struct{ transform.NopResetter }

func (lineFeeds) Transform(dst, src []byte, atEOF bool) (wrote, read int, err error) {
	for read < len(src) {
		c, width := src[read], 1
		if c == '\r' {
			switch {
			case read+1 < len(src) && src[read+1] == '\n':
				width = 2
			case read+1 == len(src) && !atEOF:
				return wrote, read, transform.ErrShortSrc
			}
			c = '\n'
		}
		if wrote == len(dst) {
			return wrote, read, transform.ErrShortDst
		}
		dst[wrote] = c
		wrote, read = wrote+1, read+width
	}
	return wrote, read, nil
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

// limited is a reader that returns an error once it has read more than it may.
type limited struct {
	from io.Reader
	left int
	err  error
}

func (l *limited) Read(into []byte) (int, error) {
	if l.left < 0 {
		return 0, l.err
	}
	n, err := l.from.Read(into)
	l.left -= n
	return n, err
}
