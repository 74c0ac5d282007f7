// Package importing turns the rows of a sheet into clients, resources, services and appointments of one account.
//
// Every id derives from the account and the row, so importing a row again changes nothing. The package parses no file
// and opens no database. Its caller provides the rows, the keys, and what the account already has.
package importing

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/resource"
)

// batchSize is how many rows are in memory at once. They share transactions, and are reported in order.
const batchSize = 512

// Keys protects personal data.
type Keys interface {
	// Fingerprint returns a keyed hash of a text, the same each time.
	Fingerprint(text string) [16]byte
	// Prepare makes the keys of subjects that have none, in one transaction.
	Prepare(ctx context.Context, subjects ...domain.Subject) error
}

// Refusals receives the rows that are refused, in the order of the sheet.
type Refusals interface {
	Refuse(row Row, reason string) error
}

// Ports are what an import works with.
type Ports struct {
	Engine    *commands.Engine
	Booking   booking.Bookings
	Keys      Keys
	Directory Directory
	Refusals  Refusals
}

// Options say what to import into.
type Options struct {
	Account  domain.AccountID // zero opens an account with Settings
	Settings account.Settings
	Units    int // the least units of each imported resource; 0 means 1 for new ones, and leaves others alone
	Hours    resource.Hours
}

// Importer imports the rows of one sheet into one account.
type Importer struct {
	Ports
	account  domain.AccountID
	settings account.State
	opened   bool // by this import

	resources *resources
	services  *services
	clients   *clients
	seen      map[domain.AppointmentID]seenRow
	report    Report
	line      int // the last one that was read
}

// New opens the account, or finds it, and reads what it already has. Errors are refusals or faults.
func New(ctx context.Context, ports Ports, options Options) (*Importer, error) {
	im := &Importer{Ports: ports, account: options.Account, seen: make(map[domain.AppointmentID]seenRow)}
	if im.account.IsZero() {
		if err := im.open(ctx, options.Settings); err != nil {
			return nil, fmt.Errorf("the account cannot be opened: %w", err)
		}
	}
	var err error
	if im.settings, _, err = commands.Load(ctx, im.Engine, account.Decider, account.Stream(im.account)); err != nil {
		return nil, err
	}
	switch {
	case im.settings.Closed:
		return nil, account.ErrClosed
	case !im.settings.Open:
		return nil, account.ErrUnknown
	}
	im.clients = newClients(im)
	im.resources = newResources(im, options.Units, options.Hours)
	im.services = newServices(im)
	if im.opened {
		return im, nil // it has nothing yet
	}
	known, err := im.Directory.Known(ctx, im.account)
	if err != nil {
		return nil, err
	}
	im.services.learn(known.Services)
	im.clients.learn(known.Clients)
	return im, im.resources.learn(ctx, known.Resources)
}

// open opens an account whose id derives from its name, unless an earlier import did.
func (im *Importer) open(ctx context.Context, settings account.Settings) error {
	name, known, err := im.findAccount(ctx, settings.Name.Reveal())
	if err != nil {
		return err
	}
	if known.Open {
		settings.Name = known.Name // which may be spelt differently
	}
	im.account = accountNamed(name)
	outcome, err := im.Engine.Run(ctx, im.as("account", name), account.Open{Account: im.account, Settings: settings})
	im.opened = len(outcome.Events) > 0
	return err
}

func accountNamed(name string) domain.AccountID {
	return domain.DeriveID[domain.AccountID]("imported account", name)
}

// Account returns the settings of the account, such as the zone and the country of rows that name none.
func (im *Importer) Account() account.State { return im.settings }

// as returns the origin of one command of the import.
func (im *Importer) as(about ...any) commands.Origin {
	id := domain.DeriveUUID(append([]any{"import", im.account}, about...)...)
	origin := commands.ForAccount(im.account, domain.Actor{ID: "csv", Channel: "import"})
	return origin.WithID(id).WithCause(uuid.Nil, id)
}

// fingerprint hides texts that ids derive from. There are few enough names and numbers to try them all.
func (im *Importer) fingerprint(texts ...string) string {
	sum := im.Keys.Fingerprint(strings.Join(texts, "\x00"))
	return hex.EncodeToString(sum[:])
}

// All imports the rows batch by batch and calls step after each batch. If it returns an error, the rows before it are
// imported. A refusal means that the rest of the sheet cannot be read.
func (im *Importer) All(ctx context.Context, rows Rows, step func()) error {
	for {
		batch, ended := im.read(rows)
		err := im.work(ctx, batch)
		step()
		if stopped := ctx.Err(); stopped != nil {
			return fmt.Errorf("interrupted near line %d: import the file again to continue (%w)", im.line, stopped)
		}
		if err != nil {
			return err
		}
		if errors.Is(ended, io.EOF) {
			return nil
		}
		if ended != nil {
			return fmt.Errorf("after line %d: %w", im.line, ended)
		}
	}
}

// Survey reads a sheet before All does, to learn which rows are about one client: a later row may connect two earlier
// ones. It keeps going to the end of the sheet or the first row that cannot be read, which All reports.
func (im *Importer) Survey(ctx context.Context, rows Rows) error {
	for n := 0; ; n++ {
		row, err := rows.Next()
		switch {
		case err != nil:
			return nil
		case n%batchSize == 0 && ctx.Err() != nil:
			return ctx.Err()
		case row.Refused != nil:
			continue
		}
		if contact, err := row.Appointment.contact(); err == nil {
			im.clients.people.learn(contact)
		}
	}
}

// read reads and checks the next rows. A row that is refused stays in the batch with its reason.
func (im *Importer) read(rows Rows) (batch []*job, ended error) {
	for len(batch) < batchSize {
		row, err := rows.Next()
		if err != nil {
			return batch, err
		}
		im.line = row.Line
		j := &job{row: row, err: row.Refused}
		if j.err == nil {
			j.err = im.check(j)
		}
		batch = append(batch, j)
	}
	return batch, nil
}

// work imports a batch and reports it.
func (im *Importer) work(ctx context.Context, batch []*job) error {
	if err := im.plan(ctx, batch); err != nil {
		return err
	}
	if err := im.clients.resolve(ctx, batch); err != nil {
		return err
	}
	im.bookAll(ctx, batch)
	for _, j := range batch {
		if fault := faultOf(j.err); fault != nil {
			return fmt.Errorf("line %d: %w", j.row.Line, fault)
		}
		im.report.count(j)
		if j.err == nil {
			im.clients.countGuess(j)
			continue
		}
		if err := im.Refusals.Refuse(j.row, j.err.Error()); err != nil {
			return err
		}
	}
	return nil
}

// faultOf returns an error that is not a refusal.
func faultOf(err error) error {
	if _, refused := domain.AsRefusal(err); refused {
		return nil
	}
	return err
}
