package importing

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/domain"
)

// tally counts what an import did.
type tally struct {
	rows, booked, known, marked, refused int
}

func (t *tally) count(j *job) {
	t.rows++
	switch {
	case j.err != nil:
		t.refused++
	case j.result == booked:
		t.booked++
	case j.result == marked:
		t.marked++
	default:
		t.known++
	}
}

// print is the report on standard output.
func (im *importer) Print(out io.Writer) error {
	t := &im.tally
	var text strings.Builder
	fmt.Fprintf(&text, "account       %s%s\n", im.account, cli.IfSo(im.isNew, " (opened)"))
	fmt.Fprintf(&text, "rows          %d\n", t.rows)
	fmt.Fprintf(&text, "booked        %d\n", t.booked)
	fmt.Fprintf(&text, "there before  %d%s\n", t.known+t.marked,
		cli.IfSo(t.marked > 0, fmt.Sprintf(", %d with a new status", t.marked)))
	fmt.Fprintf(&text, "refused       %d%s\n", t.refused, cli.IfSo(t.refused > 0, ": see "+im.Refusals.Path))
	fmt.Fprintf(&text, "new clients   %d\n", len(im.people.fresh))
	fmt.Fprintf(&text, "new services  %s\n", some(im.places.serviceNames))
	fmt.Fprintf(&text, "new resources %s\n", some(im.places.resourceNames))
	if len(im.places.resourceNames) > 0 {
		fmt.Fprintf(&text, "\nThe new resources have %s each and are open every day from %s to %s: set their real hours "+
			"before clients book.\n", cli.Plural(max(im.places.units, 1), "unit"), im.places.hours.From, im.places.hours.To)
	}
	if im.isNew {
		text.WriteString("\nThe new account reminds nobody yet: set its reminder rules.\n")
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// some lists a few names.
func some(names []string) string {
	const few = 5
	switch {
	case len(names) == 0:
		return "0"
	case len(names) > few:
		return fmt.Sprintf("%d: %s, …", len(names), strings.Join(names[:few], ", "))
	}
	return fmt.Sprintf("%d: %s", len(names), strings.Join(names, ", "))
}

// verdict is how the import ended: with a file that broke off, with refused rows, or well.
func (im *importer) Verdict(ended error) error {
	if _, refused := domain.AsRefusal(ended); refused {
		return fmt.Errorf("%s: %w; what was imported stays and is not taken twice", im.path, ended)
	}
	if ended != nil {
		return ended
	}
	if n := im.tally.refused; n > 0 {
		return refusedRows{fmt.Sprintf("%d of %d rows were refused; mend them in %s and import that",
			n, im.tally.rows, im.Refusals.Path)}
	}
	return nil
}

// refusedRows is errPartlyRefused with its own words.
type refusedRows struct{ sentence string }

func (r refusedRows) Error() string { return r.sentence }

func (refusedRows) Is(other error) bool { return other == cli.ErrPartlyRefused }

// refusalReport is the file with the refused rows. It is made with the first of them, in place of the report of an
// earlier import.
type RefusalReport struct {
	Path   string
	Header []string
	file   *os.File
	rows   *sheet.Refusals
}

func (r *RefusalReport) add(row sheet.Row, reason string) (err error) {
	if r.file == nil {
		if r.file, err = os.OpenFile(r.Path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
			return fmt.Errorf("the refused rows cannot be reported: %w", err)
		}
		r.rows = sheet.NewRefusals(r.file, r.Header)
	}
	return r.rows.Add(row, reason)
}

func (r *RefusalReport) Close() error {
	if r.file == nil {
		return nil
	}
	return errors.Join(r.rows.Flush(), r.file.Close())
}
