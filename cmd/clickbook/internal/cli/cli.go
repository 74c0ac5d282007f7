// Package cli holds what all commands share: the streams, the errors with their own exit codes, dates and the
// progress bar. It knows nothing about appointments.
package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/domain"
)

// Streams are where a command reads and writes. Results go to Out. Progress, logs and errors go to Err.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// UsageError is an error in the command line.
type UsageError struct{ error }

// AsUsage marks an error as a UsageError. It returns nil for nil.
func AsUsage(err error) error {
	if err == nil {
		return nil
	}
	return UsageError{err}
}

// ErrPartlyRefused means that some of the input was refused and the rest was processed.
var ErrPartlyRefused = errors.New("some of the input was refused; see the report")

// ExactlyOne requires one argument. The thing names it in the error, such as "one file".
func ExactlyOne(thing string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("expected %s, not %d", thing, len(args))
		}
		return nil
	}
}

// ParseDay parses the value of a flag as a date, and returns its midnight in a zone.
func ParseDay(flag, text string, zone *time.Location) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("invalid --%s %q: write a date such as 2016-05-09", flag, text)
	}
	if err := domain.CheckInstant(day); err != nil {
		return time.Time{}, fmt.Errorf("invalid --%s %q: %w", flag, text, err)
	}
	return day, nil
}

// Progress returns a progress bar if the writer is a terminal, and a silent one otherwise.
func Progress(to any, total int64, what string) *progressbar.ProgressBar {
	file, ok := to.(*os.File)
	if info, err := statOf(file, ok); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return progressbar.DefaultSilent(total, what)
	}
	return progressbar.NewOptions64(total, progressbar.OptionSetDescription(what),
		progressbar.OptionSetWriter(file), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
}

func statOf(file *os.File, ok bool) (os.FileInfo, error) {
	if !ok {
		return nil, os.ErrInvalid
	}
	return file.Stat()
}

// Plural returns "1 unit" or "2 units" for the thing "unit".
func Plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
