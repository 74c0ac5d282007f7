package exporting

import (
	"fmt"
	"io"
	"time"

	"github.com/clickbook/clickbook/adapters/ical"
	"github.com/clickbook/clickbook/adapters/sheet"
)

// format writes appointments in one file format.
type format interface {
	write(entry) error
	close() error
}

// The formats.
const (
	CSV = "csv"
	ICS = "ics"
)

// CheckFormat returns an error if there is no format of that name.
func CheckFormat(name string) error {
	_, err := newFormat(name, io.Discard, time.Time{})
	return err
}

// newFormat returns a format by name: csv or ics.
func newFormat(name string, to io.Writer, now time.Time) (format, error) {
	switch name {
	case CSV:
		return csvFormat{sheet.NewWriter(to)}, nil
	case ICS:
		return icsFormat{ical.NewWriter(to, now)}, nil
	}
	return nil, fmt.Errorf("invalid --format %q: write csv or ics", name)
}
