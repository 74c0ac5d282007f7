package storedjson

import (
	"bytes"
	"math"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Scanner reads JSON from its start, in the form that encoding/json writes. After anything else, such as a space
// between two values, it has failed, and what it has returned means nothing.
type Scanner struct {
	rest   []byte
	failed bool
	texts  texts
	month  int   // the last one of startOf
	start  int64 // and its result
}

var scanners = sync.Pool{New: func() any { return new(Scanner) }}

// Scan calls read with a scanner of data. It reports whether everything was read and had the expected form.
func Scan(data []byte, read func(s *Scanner)) bool {
	s := scanners.Get().(*Scanner)
	s.rest, s.failed = data, false
	read(s)
	ok := !s.failed && len(s.rest) == 0
	s.rest = nil
	scanners.Put(s)
	return ok
}

// Skip skips a text if it comes next, and reports whether it did.
func (s *Scanner) Skip(text string) bool {
	if len(s.rest) < len(text) || string(s.rest[:len(text)]) != text {
		return false
	}
	s.rest = s.rest[len(text):]
	return true
}

// Expect skips a text, which must come next.
func (s *Scanner) Expect(text string) {
	if !s.Skip(text) {
		s.failed = true
	}
}

// fail ends the reading.
func (s *Scanner) fail() { s.failed, s.rest = true, nil }

// quoted returns the bytes of a string without its quotes. It fails for one with escapes.
func (s *Scanner) quoted() []byte {
	if len(s.rest) < 2 || s.rest[0] != '"' {
		s.fail()
		return nil
	}
	end := bytes.IndexByte(s.rest[1:], '"') + 1
	text := s.rest[1:max(end, 1)]
	var all, least byte = 0, ' '
	for _, b := range text {
		if b == '\\' {
			end = 0
		}
		all |= b
		least = min(least, b)
	}
	if end == 0 || least < ' ' || all >= utf8.RuneSelf && !utf8.Valid(text) {
		s.fail()
		return nil
	}
	s.rest = s.rest[end+1:]
	return text
}

// fixed returns the bytes of a string of a known length without its quotes. It does not look at them.
func (s *Scanner) fixed(length int) []byte {
	if len(s.rest) < length+2 || s.rest[0] != '"' || s.rest[length+1] != '"' {
		s.fail()
		return nil
	}
	text := s.rest[1 : length+1]
	s.rest = s.rest[length+2:]
	return text
}

// Text reads a string.
func (s *Scanner) Text() string { return s.texts.of(s.quoted()) }

// UUID reads a UUID in its canonical form.
func (s *Scanner) UUID() (id uuid.UUID) {
	text := s.fixed(36)
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		s.fail()
		return id
	}
	var bad byte
	for i, at := range [16]byte{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		high, low := digit[text[at]], digit[text[at+1]]
		bad |= high | low
		id[i] = high<<4 | low
	}
	if bad > 15 {
		s.fail()
	}
	return id
}

// digit has the value of each lower-case hexadecimal digit, and 255 for everything else.
var digit = func() (values [256]byte) {
	for i := range values {
		values[i] = 255
	}
	for i, b := range []byte("0123456789abcdef") {
		values[b] = byte(i)
	}
	return values
}()

// Time reads a time in UTC: "2016-05-02T12:00:00Z", with a fraction of a second of up to nine digits.
func (s *Scanner) Time() time.Time {
	end := 1 + len("2016-05-02T12:00:00")
	for end < len(s.rest) && s.rest[end] != 'Z' {
		end++
	}
	text := s.fixed(end)
	if len(text) < 20 || len(text) > 30 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
		text[16] != ':' {
		s.fail()
		return time.Time{}
	}
	year, month, day := s.digits(text[:4]), s.digits(text[5:7]), s.digits(text[8:10])
	hour, minute, second := s.digits(text[11:13]), s.digits(text[14:16]), s.digits(text[17:19])
	nanos := 0
	if fraction := text[19 : len(text)-1]; len(fraction) > 0 {
		if fraction[0] != '.' || len(fraction) < 2 || len(fraction) > 10 {
			s.fail()
			return time.Time{}
		}
		nanos = s.digits(fraction[1:])
		for range 10 - len(fraction) {
			nanos *= 10
		}
	}
	// A day that the month does not have, such as February 30, would become one of the next month.
	if month < 1 || month > 12 || day < 1 || day > 28 && day > daysIn(year, month) || hour > 23 || minute > 59 ||
		second > 59 {
		s.fail()
		return time.Time{}
	}
	seconds := day*86400 + hour*3600 + minute*60 + second
	return time.Unix(s.startOf(year, month)+int64(seconds), int64(nanos)).UTC()
}

// startOf returns the Unix time one day before a month begins. Almost all times of a log follow one of the same month.
func (s *Scanner) startOf(year, month int) int64 {
	if key := year*12 + month; s.month != key {
		s.month, s.start = key, time.Date(year, time.Month(month), 0, 0, 0, 0, 0, time.UTC).Unix()
	}
	return s.start
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// digits returns the number that at most nine decimal digits write.
func (s *Scanner) digits(text []byte) (n int) {
	for _, b := range text {
		if b < '0' || b > '9' {
			s.failed = true
		}
		n = n*10 + int(b-'0')
	}
	return n
}

// Int reads an integer.
func (s *Scanner) Int() int64 {
	negative := s.Skip("-")
	end, n := 0, uint64(0)
	for end < len(s.rest) && s.rest[end] >= '0' && s.rest[end] <= '9' {
		n = n*10 + uint64(s.rest[end]-'0')
		end++
	}
	// Eighteen digits fit in 64 bits. encoding/json writes no zero before a digit, and no negative zero.
	if end == 0 || end > 18 || s.rest[0] == '0' && (end > 1 || negative) {
		s.fail()
		return 0
	}
	s.rest = s.rest[end:]
	if negative {
		return -int64(n)
	}
	return int64(n)
}

// Bool reads true or false.
func (s *Scanner) Bool() bool {
	if s.Skip("true") {
		return true
	}
	s.Expect("false")
	return false
}

// value returns the bytes of any value. It only finds where they end; the caller checks them.
func (s *Scanner) value() []byte {
	depth, quoted := 0, false
	for i := 0; i < len(s.rest); i++ {
		switch b := s.rest[i]; {
		case quoted && b == '\\':
			i++
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '{' || b == '[':
			depth++
		case b == ',' && depth == 0, (b == '}' || b == ']') && depth == 0:
			text := s.rest[:i]
			s.rest = s.rest[i:]
			return text
		case b == '}' || b == ']':
			depth--
		}
	}
	s.fail()
	return nil
}

// texts makes strings of bytes. It remembers some short ones, because the same names of channels, providers and
// countries are in almost every event. Its size is fixed: a new text takes the place of another one.
type texts [256]string

const maxRemembered = 24 // bytes; longer texts are mostly different

func (t *texts) of(text []byte) string {
	if len(text) == 0 || len(text) > maxRemembered {
		return string(text)
	}
	hash := uint32(math.MaxInt32)
	for _, b := range text {
		hash = hash*31 + uint32(b)
	}
	place := &t[(hash^hash>>8)%uint32(len(t))]
	if *place != string(text) {
		*place = string(text)
	}
	return *place
}
