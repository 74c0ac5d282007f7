// Package importing turns the rows of a sheet into commands: clients, resources, services and appointments.
package importing

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
)

// rowsAtOnce is how many rows are in memory at once: they share transactions, and the report on them is in order.
const rowsAtOnce = 512

// importer carries the rows of one sheet into one account. Every id derives from the account and the row, so that
// a row imported again finds itself.
type importer struct {
	path     string
	in       *installation.Installation
	booking  booking.Bookings
	account  domain.AccountID
	settings account.State
	isNew    bool // the account was opened by this import
	columns  sheet.Columns
	home     sheet.Home

	places   *places
	people   *people
	seen     map[domain.AppointmentID]seenRow
	Refusals RefusalReport
	tally    tally
	line     int // the last one that was read
}

// seenRow is where a sheet names an appointment first.
type seenRow struct {
	line   int
	status appointment.Status
}

// job is one row on its way.
type job struct {
	row     sheet.Row
	wish    sheet.Appointment
	key     string // of the client
	contact client.Contact
	id      domain.AppointmentID
	client  domain.ClientID
	service domain.ServiceID
	visit   appointment.Visit
	result  result
	err     error // why the row was refused, or a fault
}

// result says what became of a row that was not refused.
type result int

const (
	known  result = iota // it was there before
	marked               // it was there; its status is new
	booked
)

func New(ctx context.Context, in *installation.Installation, wish Options, columns sheet.Columns) (*importer, error) {
	im := &importer{
		path: wish.Path, in: in, account: wish.Account, columns: columns, seen: make(map[domain.AppointmentID]seenRow),
		booking: in.Booking,
	}
	if im.account.IsZero() {
		name := im.fingerprint("account", wish.Settings.Name.Reveal())
		im.account = domain.DeriveID[domain.AccountID]("imported account", name)
		outcome, err := in.Engine.Run(ctx, im.as("account", name), account.Open{Account: im.account, Settings: wish.Settings})
		if err != nil {
			return nil, fmt.Errorf("the account cannot be opened: %w", err)
		}
		im.isNew = len(outcome.Events) > 0
	}
	var err error
	if im.settings, _, err = commands.Load(ctx, in.Engine, account.Decider, account.Stream(im.account)); err != nil {
		return nil, err
	}
	switch {
	case im.settings.Closed:
		return nil, account.ErrClosed
	case !im.settings.Open:
		return nil, account.ErrUnknown
	}
	im.home = sheet.Home{Zone: im.settings.Zone, Country: im.settings.Country, Dates: wish.Order}
	if !im.isNew { // the read models know who and what is there already
		if _, err := in.Projector.CatchUp(ctx); err != nil {
			return nil, err
		}
	}
	im.people = newPeople(im)
	im.places, err = newPlaces(ctx, im, wish)
	return im, err
}

// as returns the origin of one command of the import.
func (im *importer) as(about ...any) commands.Origin {
	id := domain.DeriveUUID(append([]any{"import", im.account}, about...)...)
	origin := commands.ForAccount(im.account, domain.Actor{ID: "csv", Channel: "import"})
	return origin.WithID(id).WithCause(uuid.Nil, id)
}

// fingerprint hides texts that ids derive from: there are few enough names and numbers to try them all.
func (im *importer) fingerprint(texts ...string) string {
	sum := im.in.Keys.Fingerprint(strings.Join(texts, "\x00"))
	return hex.EncodeToString(sum[:])
}

// all imports batch by batch. It answers what ended the sheet early, nil where it was read to its end.
func (im *importer) All(ctx context.Context, rows *sheet.Reader, step func()) error {
	for {
		batch, ended := im.read(rows)
		err := im.work(ctx, batch)
		step()
		if stopped := ctx.Err(); stopped != nil {
			return fmt.Errorf("%s: interrupted near line %d; import the file again to go on (%w)", im.path, im.line, stopped)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", im.path, err)
		}
		if errors.Is(ended, io.EOF) {
			return nil
		}
		if ended != nil {
			return fmt.Errorf("behind line %d %w", im.line, ended)
		}
	}
}

// read parses the next rows. A row that is refused already stays in the batch with its reason.
func (im *importer) read(rows *sheet.Reader) (batch []*job, ended error) {
	for len(batch) < rowsAtOnce {
		row, err := rows.Next()
		if err != nil && !errors.Is(err, sheet.ErrRow) {
			return batch, err
		}
		im.line = row.Line
		j := &job{row: row, err: err}
		if j.err == nil {
			j.err = im.parse(j)
		}
		batch = append(batch, j)
	}
	return batch, nil
}

func (im *importer) parse(j *job) (err error) {
	if j.wish, err = im.columns.Parse(j.row, im.home); err != nil {
		return err
	}
	wish := &j.wish
	form := client.Form{Name: wish.Client, Phone: wish.Phone, Country: wish.Country, Email: wish.Email}
	if j.contact, err = client.NewContact(form); err != nil {
		return err
	}
	if wish.Service == "" {
		wish.Service = serviceOfAll
	}
	if len(wish.Taken) == 0 {
		wish.Taken = []sheet.Taken{{Resource: resourceOfAll, Units: 1}}
	}
	switch now := im.in.Engine.Now(); {
	case !wish.BookedAt.IsZero() && wish.BookedAt.After(now):
		return domain.Refuse(domain.Invalid, "booked_in_future", "it was booked in the future; check when it was booked")
	case wish.Status != appointment.StatusBooked && wish.Status != appointment.StatusCancelled && wish.Start.After(now):
		return appointment.ErrNotYet
	}
	j.key = im.people.key(j.contact)
	j.id = im.idOf(j)
	return im.unseen(j)
}

// idOf is the appointment's own id where it is one of ours, so that an export comes home as what it was; else it
// derives from the id of the other program, and without any from all that makes the appointment this one and not
// another. Its end and its status may change.
func (im *importer) idOf(j *job) domain.AppointmentID {
	if id, err := domain.ParseID[domain.AppointmentID](j.wish.ID); err == nil {
		return id
	}
	if j.wish.ID != "" {
		return domain.DeriveID[domain.AppointmentID](im.account, "imported id", im.fingerprint("id", j.wish.ID))
	}
	texts := []string{"row", j.key, sheet.Fold(j.wish.Service), stamp(j.wish.Start), stamp(j.wish.BookedAt)}
	for _, taken := range j.wish.Taken {
		texts = append(texts, sheet.Fold(taken.Resource))
	}
	return domain.DeriveID[domain.AppointmentID](im.account, "imported row", im.fingerprint(texts...))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// unseen refuses a row that contradicts an earlier one of the same file about the same appointment.
func (im *importer) unseen(j *job) error {
	first, twice := im.seen[j.id]
	if !twice {
		im.seen[j.id] = seenRow{j.row.Line, j.wish.Status}
		return nil
	}
	if first.status == j.wish.Status {
		return nil
	}
	return domain.Refusef(domain.Disallowed, "row_contradicted",
		"line %d has the same appointment as %s; leave one of the two out, or give each an id", first.line, first.status)
}
