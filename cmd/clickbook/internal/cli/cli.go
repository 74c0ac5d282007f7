// Package cli holds what every command line shares: the streams, the kinds of error behind the exit codes, and the
// progress bar. It knows nothing of appointments.
package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

// streams are where a command reads and writes. Standard output carries what was asked for and nothing else;
// progress, logs and sentences about errors go to standard error.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// usageError marks a command line that makes no sense.
type UsageError struct{ error }

// asUsage marks an error, where there is one, as the command line's fault.
func AsUsage(err error) error {
	if err == nil {
		return nil
	}
	return UsageError{err}
}

// partlyRefused says that some of the input was refused and the rest was taken.
var ErrPartlyRefused = errors.New("some of the input was refused; see the report")

// exactlyOne asks for one word behind the flags: "one file".
func ExactlyOne(thing string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("name %s, not %d", thing, len(args))
		}
		return nil
	}
}

func OrElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// progress is a bar on a terminal and nothing elsewhere.
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

func Plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func IfSo(is bool, text string) string {
	if is {
		return text
	}
	return ""
}
