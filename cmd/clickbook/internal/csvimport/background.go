package csvimport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands/importing"
	"github.com/clickbook/clickbook/domain"
)

const (
	keptImports = 50      // whose results can be shown
	keptOfOne   = 5       // of those, of one account, so that it does not displace the results of the others
	maxReport   = 4 << 20 // bytes of refused rows that are kept of an import
	maxNames    = 1000    // new services, new resources and guesses that are kept, of each
)

// errImportRuns refuses a second import into an account.
var errImportRuns = domain.Refuse(domain.Disallowed, "import_running",
	"another import into this account is running; wait until it is done, and start this one again")

// Background imports files beside a server, one at a time for each account.
type Background struct {
	in  *installation.Installation
	log *slog.Logger

	mu      sync.Mutex
	serving context.Context // ends the imports when the server stops; nil before it serves
	running sync.WaitGroup
	imports []*httpapi.Import // the newest last
}

// NewBackground returns a Background that runs nothing before Serve.
func NewBackground(in *installation.Installation, log *slog.Logger) *Background {
	return &Background{in: in, log: log}
}

// Serve lets imports run until ctx ends.
func (b *Background) Serve(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.serving = ctx
}

// Wait returns when no import runs any more.
func (b *Background) Wait() { b.running.Wait() }

// Start implements httpapi.Imports.
func (b *Background) Start(id uuid.UUID, of domain.AccountID, file httpapi.Sheet) error {
	options, err := optionsOf(of, file)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.serving == nil || b.serving.Err() != nil {
		return domain.ErrUnavailable
	}
	for _, one := range b.imports {
		if one.ID == id {
			return nil // a repeated request
		}
		if one.Account == of && one.State == httpapi.ImportRunning {
			return errImportRuns
		}
	}
	started := &httpapi.Import{ID: id, Account: of, State: httpapi.ImportRunning}
	b.imports = forget(append(b.imports, started), of)
	ctx := b.serving
	b.running.Go(func() { b.run(ctx, started, file.Content, options) })
	return nil
}

// forget removes the oldest result of the account if it has too many, or else the oldest of all if they are too many.
func forget(imports []*httpapi.Import, of domain.AccountID) []*httpapi.Import {
	isOver := func(one *httpapi.Import) bool { return one.State != httpapi.ImportRunning }
	isOld := func(one *httpapi.Import) bool { return isOver(one) && one.Account == of }
	count := 0
	for _, one := range imports {
		if one.Account == of {
			count++
		}
	}
	oldest := -1
	switch {
	case count > keptOfOne:
		oldest = slices.IndexFunc(imports, isOld)
	case len(imports) > keptImports:
		oldest = slices.IndexFunc(imports, isOver)
	}
	if oldest < 0 {
		return imports
	}
	return slices.Delete(imports, oldest, oldest+1)
}

// Find implements httpapi.Imports.
func (b *Background) Find(of domain.AccountID, id uuid.UUID) (found httpapi.Import, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range b.imports {
		if one.ID == id && one.Account == of {
			return *one, true
		}
	}
	return found, false
}

// run imports a file by way of a temporary directory, which holds personal data and is removed.
func (b *Background) run(ctx context.Context, started *httpapi.Import, content []byte, options Options) {
	result, err := b.importFile(ctx, content, options)
	b.mu.Lock()
	defer b.mu.Unlock()
	result.ID, result.Account, result.State = started.ID, started.Account, httpapi.ImportDone
	if err != nil {
		result.State, result.Problem = httpapi.ImportFailed, "the log of the server says why; start the import again"
		if refusal, ok := domain.AsRefusal(err); ok {
			result.Problem = refusal.Error()
		} else if !errors.Is(err, context.Canceled) {
			b.log.Error("an import failed", "account", started.Account, "error", err)
		}
	}
	*started = result
}

func (b *Background) importFile(
	ctx context.Context, content []byte, options Options,
) (result httpapi.Import, err error) {
	dir, err := os.MkdirTemp("", "clickbook-import-*")
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	options.Path, options.Refused = "the sheet", filepath.Join(dir, "refused.csv")
	source, err := copyOf(bytes.NewReader(content))
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	reader, columns, err := source.begin(options)
	if err != nil {
		return result, err
	}
	report, ended, err := into(ctx, b.in, source, reader, columns, options, func() {})
	if err != nil {
		return result, err
	}
	result = httpapi.Import{
		Rows: report.Rows, Booked: report.Booked, Known: report.Known, Refused: report.Refused,
		NewClients: report.NewClients, NewServices: first(report.NewServices), NewResources: first(report.NewResources),
		Warned: report.Warned,
	}
	for _, guess := range first(report.Guesses) {
		result.Guesses = append(result.Guesses, httpapi.ImportGuess(guess))
	}
	for _, warning := range report.Warnings {
		result.Warnings = append(result.Warnings, httpapi.ImportWarning(warning))
	}
	var text bytes.Buffer
	options.Refused = "the refused rows"
	if err := print(&text, report, options); err != nil {
		return result, err
	}
	result.Report = text.String()
	result.RefusedRows, err = readRows(filepath.Join(dir, "refused.csv"), report)
	return result, errors.Join(err, ended)
}

// first returns a copy of the first items of a list, so that the rest is not kept. The report for people counts all.
func first[T any](items []T) []T { return slices.Clone(items[:min(len(items), maxNames)]) }

// readRows returns the refused rows as a CSV file, cut after a whole row if they are too many.
func readRows(path string, report importing.Report) (string, error) {
	if report.Refused == 0 {
		return "", nil
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // it was only read
	rows, err := io.ReadAll(io.LimitReader(file, maxReport+1))
	if len(rows) > maxReport {
		rows = rows[:bytes.LastIndexByte(rows[:maxReport], '\n')+1]
	}
	return string(rows), err
}
