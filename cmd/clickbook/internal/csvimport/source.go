package csvimport

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/domain"
)

// source is a file that is read several times: to check its size, to survey it and to import it. A pipe is copied
// first.
type source struct {
	file    *os.File
	copied  bool
	checked bool
	size    int64
	read    int64 // in this pass
}

// maxSource bounds the copy of a pipe.
const maxSource = 1 << 30

var errEndlessPipe = domain.Refusef(domain.Invalid, "sheet_too_large",
	"the pipe has more than %d bytes; write them to a file and import parts of it", maxSource)

func openSource(path string) (*source, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		return &source{file: file, size: info.Size()}, nil
	}
	defer func() { _ = file.Close() }() // it was only read
	return copyOf(file)
}

// copyOf copies what cannot be read twice to a temporary file.
func copyOf(pipe io.Reader) (*source, error) {
	file, err := os.CreateTemp("", "clickbook-import-*")
	if err != nil {
		return nil, err
	}
	s := &source{file: file, copied: true}
	if s.size, err = io.Copy(file, io.LimitReader(pipe, maxSource+1)); err == nil && s.size > maxSource {
		err = errEndlessPipe
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// begin starts at the beginning of the file. The first time it reads the whole file and refuses one that is too large.
func (s *source) begin(options Options) (*sheet.Reader, sheet.Columns, error) {
	named := func(err error) error { return fmt.Errorf("%s: %w", options.Path, err) }
	if !s.checked {
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return nil, sheet.Columns{}, named(err)
		}
		if err := sheet.Check(s.file); err != nil {
			return nil, sheet.Columns{}, named(err)
		}
		s.checked = true
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, sheet.Columns{}, named(err)
	}
	s.read = 0
	reader, err := sheet.NewReader(s)
	if err != nil {
		return nil, sheet.Columns{}, named(err)
	}
	columns, err := sheet.FindColumns(reader.Header, options.Columns)
	if err != nil {
		return nil, columns, named(err)
	}
	return reader, columns, nil
}

// Read reads the file and counts its bytes, for the progress bar.
func (s *source) Read(into []byte) (int, error) {
	n, err := s.file.Read(into)
	s.read += int64(n)
	return n, err
}

// Close removes the copy of a pipe.
func (s *source) Close() error {
	err := s.file.Close()
	if s.copied {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}
