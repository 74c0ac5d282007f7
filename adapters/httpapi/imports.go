package httpapi

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/domain"
)

// Imports imports sheets of appointments while the server runs.
type Imports interface {
	// Start starts an import and returns at once. The same id starts once. It refuses options that are wrong, and a
	// second import into an account while one runs.
	Start(id uuid.UUID, of domain.AccountID, file Sheet) error
	// Find returns an import of the account. ok is false if there is none with that id, or if it was long ago.
	Find(of domain.AccountID, id uuid.UUID) (found Import, ok bool)
}

// Sheet is a CSV file, gzipped or not, and how to read it.
type Sheet struct {
	Content []byte
	Dates   string            // ymd, dmy, mdy
	Hours   string            // of resources that the import adds, every day: 08:00-18:00
	Units   int               // of those resources; 0 means 1
	Columns map[string]string // the column of a field, where its name does not say so
}

// The states of an import.
const (
	ImportRunning = "running"
	ImportDone    = "done"
	ImportFailed  = "failed" // what was imported until then stays
)

// Import is what an import has done.
type Import struct {
	ID      uuid.UUID
	Account domain.AccountID
	State   string
	Problem string // why it failed

	Rows, Booked, Known, Refused, NewClients int
	NewServices, NewResources                []string

	Guesses  []ImportGuess
	Warned   int // rows
	Warnings []ImportWarning

	Report      string // for people
	RefusedRows string // a CSV file that can be corrected and imported
}

// ImportGuess is a client whose rows have nothing in common but the name.
type ImportGuess struct {
	Client string
	Rows   int
	Before bool // the client was there before
}

// ImportWarning is a sentence about a row that was imported all the same.
type ImportWarning struct {
	Line int
	Text string
}

var errUnknownImport = domain.Refuse(domain.Unknown, "import_unknown",
	"there is no such import since the server was started; check its id")

func (h *handlers) StartImport(
	ctx context.Context, r api.StartImportRequestObject,
) (api.StartImportResponseObject, error) {
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := openAccount(ctx); err != nil {
		return nil, err
	}
	of, id := domain.AccountID{UUID: r.Account}, write.Origin.ID()
	err = h.Imports.Start(id, of, Sheet{
		Content: r.Body.File, Dates: cmp.Or(string(r.Body.Dates), "ymd"), Units: r.Body.Units,
		Hours: cmp.Or(r.Body.Hours, "00:00-24:00"), Columns: r.Body.Columns,
	})
	if err != nil {
		return nil, err
	}
	found, _ := h.Imports.Find(of, id)
	return api.StartImport202JSONResponse(shownImport(found)), nil
}

func (h *handlers) ShowImport(_ context.Context, r api.ShowImportRequestObject) (api.ShowImportResponseObject, error) {
	found, ok := h.Imports.Find(domain.AccountID{UUID: r.Account}, r.Import)
	if !ok {
		return nil, errUnknownImport
	}
	return api.ShowImport200JSONResponse(shownImport(found)), nil
}

func shownImport(one Import) api.Import {
	return api.Import{
		Id: one.ID, State: api.ImportState(one.State), Problem: one.Problem, Rows: int64(one.Rows),
		Booked: int64(one.Booked), Known: int64(one.Known), Refused: int64(one.Refused),
		NewClients: int64(one.NewClients), NewServices: one.NewServices, NewResources: one.NewResources,
		Guesses: each(one.Guesses, func(g ImportGuess) api.ImportGuess {
			return api.ImportGuess{Client: g.Client, Rows: int64(g.Rows), Before: g.Before}
		}),
		Warned: int64(one.Warned),
		Warnings: each(one.Warnings, func(w ImportWarning) api.ImportWarning {
			return api.ImportWarning{Line: int64(w.Line), Text: w.Text}
		}),
		Report: one.Report, RefusedRows: one.RefusedRows,
	}
}
