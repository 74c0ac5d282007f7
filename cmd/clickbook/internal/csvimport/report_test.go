package csvimport

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/commands/importing"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/resource"
)

func TestReport(t *testing.T) {
	report := importing.Report{
		Account: domain.DeriveID[domain.AccountID]("studio"), Opened: true,
		Rows: 9, Booked: 4, Known: 3, Marked: 1, Refused: 2, NewClients: 5,
		NewServices: []string{"a", "b", "c", "d", "e", "f"}, NewResources: []string{"Bia", "Leo"},
		Guesses: []importing.Guess{{Client: "Ana", Rows: 2}, {Client: "Rui", Rows: 1, Before: true}}, Warned: 3,
		Warnings: []importing.Warning{{Line: 4, Text: "no phone"}, {Line: 6, Text: "twice"}},
	}
	options := Options{Refused: "refused.csv"}
	options.Hours = resource.Hours{From: "08:00", To: "18:00"}
	var out strings.Builder
	if err := print(&out, report, options); err != nil {
		t.Fatal(err)
	}
	want := "account       " + report.Account.String() + " (opened)\n" + `rows          9
booked        4
there before  3, 1 with a new status
refused       2: see refused.csv
new clients   5
new services  6: a, b, c, d, e, …
new resources 2: Bia, Leo
guesses       2 clients
warnings      3 rows

Guesses: these rows have the same name and no phone number or email address, and were taken for one client each. If
they are several people, add numbers or addresses to the sheet before you import it into a new account.
  Ana: 2 rows
  Rui: 1 row, and a client from an earlier sheet

Warnings:
  line 4: no phone
  line 6: twice
  … and 1 more row

The new resources have 1 unit each and are open every day from 08:00 to 18:00: set their real hours before clients book.

The new account has no reminder rules yet: set them, or clients get no reminders.
`
	if out.String() != want {
		t.Errorf("the report is\n%s\nwant\n%s", out.String(), want)
	}
}

func TestVerdict(t *testing.T) {
	options := Options{Path: "agenda.csv", Refused: "refused.csv"}
	for name, c := range map[string]struct {
		ended error
		rows  importing.Report
		want  string // of the error
		is    error
	}{
		"all imported": {nil, importing.Report{Rows: 2, Booked: 2}, "", nil},
		"some refused": {
			nil,
			importing.Report{Rows: 2, Refused: 1},
			"1 of 2 rows were refused; correct them in refused.csv and import that file", cli.ErrPartlyRefused,
		},
		"a truncated file": {
			sheet.ErrCutOff,
			importing.Report{},
			"agenda.csv: " + sheet.ErrCutOff.Error() + "; what was imported stays and is not imported twice", sheet.ErrCutOff,
		},
		"a fault": {os.ErrPermission, importing.Report{Refused: 1}, "agenda.csv: permission denied", os.ErrPermission},
	} {
		err := verdict(c.ended, c.rows, options)
		if c.want == "" && err != nil || c.want != "" && (err == nil || err.Error() != c.want || !errors.Is(err, c.is)) {
			t.Errorf("%s: the error is %v, want %q", name, err, c.want)
		}
	}
}

func TestRefusedFileIsCreatedByTheFirstRefusal(t *testing.T) {
	refused := &refusedFile{path: filepath.Join(t.TempDir(), "refused.csv"), layout: sheet.Layout{Separator: ','}}
	refused.header = []string{"client", "start"}
	if err := refused.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(refused.path); !errors.Is(err, os.ErrNotExist) {
		t.Error("a report without refusals was created")
	}
	err := errors.Join(
		refused.Refuse(importing.Row{Line: 7, Cells: []string{"Ana", "soon"}}, "invalid start"), refused.Close())
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(refused.path)
	if want := "line,reason,client,start\n7,invalid start,Ana,soon\n"; err != nil || string(got) != want {
		t.Errorf("the report is %q, %v; want %q", got, err, want)
	}
}

func TestSheetRowsKeepRefusedRows(t *testing.T) {
	reader, err := sheet.NewReader(strings.NewReader("client,start,duration,resource\n" +
		"Ana,2016-05-02 08:00,30,Bia;Leo\nRui,soon,30,\nEva,2016-05-02 09:00\n"))
	if err != nil {
		t.Fatal(err)
	}
	columns, err := sheet.FindColumns(reader.Header, nil)
	if err != nil {
		t.Fatal(err)
	}
	home := sheet.Home{Zone: "UTC", Country: "GB", Dates: sheet.YearFirst}
	rows := &sheetRows{reader: reader, columns: columns, home: home}
	row, err := rows.Next()
	if err != nil || row.Line != 2 || row.Refused != nil || len(row.Appointment.Taken) != 2 {
		t.Errorf("the first row is %+v, %v", row, err)
	}
	for _, line := range []int{3, 4} {
		row, err := rows.Next()
		if err != nil || row.Line != line || row.Refused == nil || row.Cells == nil {
			t.Errorf("line %d is %+v, %v", line, row, err)
		}
	}
	if _, err := rows.Next(); err == nil {
		t.Error("there is a row after the last")
	}
}

func TestKeptNamesAreTheFirst(t *testing.T) {
	many := make([]string, maxNames+1)
	if got := first(many); len(got) != maxNames || cap(got) > maxNames+maxNames/4 {
		t.Errorf("%d names are kept in room for %d", len(got), cap(got))
	}
	if got := first([]string{"Bia"}); len(got) != 1 || got[0] != "Bia" {
		t.Errorf("kept %q of one name", got)
	}
}

func TestOneAccountDoesNotDisplaceTheImportsOfOthers(t *testing.T) {
	busy, other := domain.DeriveID[domain.AccountID]("busy"), domain.DeriveID[domain.AccountID]("other")
	imports := []*httpapi.Import{{Account: other, State: httpapi.ImportDone}}
	for range 60 {
		imports = forget(append(imports, &httpapi.Import{Account: busy, State: httpapi.ImportDone}), busy)
	}
	if len(imports) != 1+keptOfOne || imports[0].Account != other {
		t.Errorf("%d imports are kept, the first of %s", len(imports), imports[0].Account)
	}
	for i := range 60 {
		of := domain.DeriveID[domain.AccountID](fmt.Sprint(i))
		imports = forget(append(imports, &httpapi.Import{Account: of, State: httpapi.ImportDone}), of)
	}
	if len(imports) != keptImports {
		t.Errorf("%d imports are kept, want %d", len(imports), keptImports)
	}
}
