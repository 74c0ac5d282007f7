package csvimport

import (
	"fmt"
	"io"
	"strings"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/commands/importing"
)

// print writes the report of an import.
func print(out io.Writer, r importing.Report, options Options) error {
	var text strings.Builder
	line := func(name, value, note string, noted bool) {
		if noted {
			value += note
		}
		fmt.Fprintf(&text, "%-13s %s\n", name, value)
	}
	line("account", r.Account.String(), " (opened)", r.Opened)
	line("rows", fmt.Sprint(r.Rows), "", false)
	line("booked", fmt.Sprint(r.Booked), "", false)
	line("there before", fmt.Sprint(r.Known), fmt.Sprintf(", %d with a new status", r.Marked), r.Marked > 0)
	line("refused", fmt.Sprint(r.Refused), ": see "+options.Refused, r.Refused > 0)
	line("new clients", fmt.Sprint(r.NewClients), "", false)
	line("new services", countNames(r.NewServices), "", false)
	line("new resources", countNames(r.NewResources), "", false)
	if len(r.Guesses) > 0 {
		line("guesses", cli.Plural(len(r.Guesses), "client"), "", false)
	}
	if r.Warned > 0 {
		line("warnings", cli.Plural(r.Warned, "row"), "", false)
	}
	writeGuesses(&text, r.Guesses)
	writeWarnings(&text, r)
	if len(r.NewResources) > 0 {
		fmt.Fprintf(&text, "\nThe new resources have %s each and are open every day from %s to %s: set their real hours "+
			"before clients book.\n", cli.Plural(max(options.Units, 1), "unit"), options.Hours.From, options.Hours.To)
	}
	if r.Opened {
		text.WriteString("\nThe new account has no reminder rules yet: set them, or clients get no reminders.\n")
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// enough is how many guesses and warnings are listed.
const enough = 20

// writeGuesses lists the clients who may be several people.
func writeGuesses(text *strings.Builder, guesses []importing.Guess) {
	if len(guesses) == 0 {
		return
	}
	text.WriteString("\nGuesses: these rows have the same name and no phone number or email address, and were taken for " +
		"one client each. If\nthey are several people, add numbers or addresses to the sheet before you import it into a " +
		"new account.\n")
	for _, guess := range guesses[:min(len(guesses), enough)] {
		rows := cli.Plural(guess.Rows, "row")
		if guess.Before {
			rows += ", and a client from an earlier sheet"
		}
		fmt.Fprintf(text, "  %s: %s\n", guess.Client, rows)
	}
	if more := len(guesses) - enough; more > 0 {
		fmt.Fprintf(text, "  … and %s\n", cli.Plural(more, "more client"))
	}
}

// writeWarnings lists the first rows that were imported with a warning.
func writeWarnings(text *strings.Builder, r importing.Report) {
	if len(r.Warnings) == 0 {
		return
	}
	text.WriteString("\nWarnings:\n")
	listed := make(map[int]bool)
	for _, warning := range r.Warnings[:min(len(r.Warnings), enough)] {
		listed[warning.Line] = true
		fmt.Fprintf(text, "  line %d: %s\n", warning.Line, warning.Text)
	}
	if more := r.Warned - len(listed); more > 0 {
		fmt.Fprintf(text, "  … and %s\n", cli.Plural(more, "more row"))
	}
}

// countNames counts names and lists the first few.
func countNames(names []string) string {
	const few = 5
	switch {
	case len(names) == 0:
		return "0"
	case len(names) > few:
		return fmt.Sprintf("%d: %s, …", len(names), strings.Join(names[:few], ", "))
	}
	return fmt.Sprintf("%d: %s", len(names), strings.Join(names, ", "))
}
