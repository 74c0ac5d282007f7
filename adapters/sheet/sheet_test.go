package sheet

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

var home = Home{Zone: "America/Sao_Paulo", Country: "BR", Dates: YearFirst}

func TestGuardPreventsFormulas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`'{0,3}[=+\-@\ta0]?.{0,5}`).Draw(t, "cell")
		guarded := guard(cell)
		if guarded != "" && strings.IndexByte(formula, guarded[0]) >= 0 {
			t.Fatalf("%q is written as %q", cell, guarded)
		}
		if back := unguard(guarded); back != cell {
			t.Fatalf("%q is written as %q and read as %q", cell, guarded, back)
		}
	})
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+5527999998888": "'+5527999998888", "-1": "'-1", "@x": "'@x", "Ana": "Ana", "'tis": "'tis", "": "",
	} {
		if got := guard(cell); got != want {
			t.Errorf("%q is written as %q, want %q", cell, got, want)
		}
	}
}

func TestReaderReadsWhatWriterWrote(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.TrimSpace(rapid.StringMatching(`[-=+@a-zé;\\",'\n ]{0,12}`).Draw(t, "text"))
	})
	name := rapid.Custom(func(t *rapid.T) string { return "N1" + text.Draw(t, "rest") })
	zones := rapid.SampledFrom([]string{"America/Sao_Paulo", "Europe/Berlin", "UTC", "Australia/Lord_Howe"})
	moment := rapid.Custom(func(t *rapid.T) time.Time {
		return time.UnixMicro(rapid.Int64Range(1e15, 3e15).Draw(t, "micros")).UTC()
	})
	rows := rapid.Custom(func(t *rapid.T) Appointment {
		start := moment.Draw(t, "start")
		a := Appointment{
			ID: name.Draw(t, "id"), Client: name.Draw(t, "client"), Phone: name.Draw(t, "phone"), Country: "BR",
			Email: name.Draw(t, "email"), Service: text.Draw(t, "service"), Start: start,
			End:  start.Add(time.Duration(rapid.Int64Range(1, 1e9).Draw(t, "length")) * time.Microsecond),
			Zone: zones.Draw(t, "zone"),
			Status: rapid.SampledFrom([]appointment.Status{
				"booked", "arrived", "fulfilled", "cancelled", "noshow",
			}).Draw(t, "status"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "resources") {
			a.Taken = append(a.Taken, Taken{name.Draw(t, "resource"), rapid.IntRange(1, 9).Draw(t, "units")})
		}
		if rapid.Bool().Draw(t, "has a booking time") {
			a.BookedAt = moment.Draw(t, "booked")
		}
		for range rapid.IntRange(0, 2).Draw(t, "notes") {
			a.Notes = append(a.Notes, name.Draw(t, "note"))
		}
		return a
	})
	rapid.Check(t, func(t *rapid.T) {
		wrote := rapid.SliceOfN(rows, 0, 5).Draw(t, "rows")
		var file bytes.Buffer
		w := NewWriter(&file)
		for _, a := range wrote {
			if err := w.Write(a); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		written := file.String()
		got, refused := readAll(t, &file, nil)
		if len(refused) > 0 || len(got) != len(wrote) || len(wrote) > 0 && !reflect.DeepEqual(got, wrote) {
			t.Fatalf("%s\nis read as %+v, %v\nwant       %+v", written, got, refused, wrote)
		}
	})
}

type fatal interface{ Fatal(...any) }

// readAll reads a sheet to its end and parses each row.
func readAll(t fatal, file io.Reader, given map[Field]string) (rows []Appointment, refused []string) {
	r, err := NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := FindColumns(r.Header, given)
	if err != nil {
		t.Fatal(err)
	}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, refused
		}
		var a Appointment
		if err == nil {
			a, err = columns.Parse(row, home)
		}
		switch _, isNo := domain.AsRefusal(err); {
		case err == nil:
			rows = append(rows, a)
		case isNo:
			refused = append(refused, err.Error())
		default:
			t.Fatal(err)
		}
	}
}

func TestReaderReadsSheetsOfOtherPrograms(t *testing.T) {
	want := []Appointment{{
		Client: "Ana Lima", Phone: "27 99999-8888", Country: "BR", Service: "Corte", Zone: "America/Sao_Paulo",
		Taken: []Taken{{"Bia", 1}}, Status: "noshow",
		Start: time.Date(2016, 4, 29, 11, 30, 0, 0, time.UTC), End: time.Date(2016, 4, 29, 12, 15, 0, 0, time.UTC),
	}}
	plain := "Cliente,Telefone,Serviço,Profissional,Início,Duração,Situação\n" +
		"Ana Lima,27 99999-8888,Corte,Bia,2016-04-29 08:30,45,Faltou\n"
	for name, file := range map[string]string{
		"commas":          plain,
		"semicolons":      strings.ReplaceAll(plain, ",", ";"),
		"tabs":            strings.ReplaceAll(plain, ",", "\t"),
		"CRLF":            strings.ReplaceAll(plain, "\n", "\r\n"),
		"byte order mark": "\xef\xbb\xbf" + plain,
		"gzip":            packed(plain),
		"no last newline": strings.TrimSuffix(plain, "\n"),
		"bars":            strings.ReplaceAll(plain, ",", "|"),
		"CR":              strings.ReplaceAll(plain, "\n", "\r"),
		"sep":             "sep=;\r\n" + strings.ReplaceAll(plain, ",", ";"),
		"sep in marks":    "\xef\xbb\xbf\"sep=;\"\n" + strings.ReplaceAll(plain, ",", ";"),
		"UTF-16":          utf16le(plain),
		"UTF-16, no mark": utf16le(plain)[2:],
		"Windows-1252":    strings.NewReplacer("ç", "\xe7", "í", "\xed", "ã", "\xe3").Replace(plain),
		"last separators": strings.ReplaceAll(plain, "\n", ",\n"),
		"more of them":    strings.Replace(plain, "Faltou\n", "Faltou,,\n", 1),
		"fewer of them":   strings.Replace(plain, "Situação\n", "Situação,\n", 1),
		"text formulas":   strings.Replace(plain, "27 99999-8888", `"=""27 99999-8888"""`, 1),
		"blank rows":      strings.Replace(plain, "\n", "\n\n,,,,,,\n", 1),
	} {
		if got, refused := readAll(t, strings.NewReader(file), nil); !reflect.DeepEqual(got, want) || refused != nil {
			t.Errorf("%s: %+v, %v", name, got, refused)
		}
	}
}

func packed(plain string) string {
	var file bytes.Buffer
	w := gzip.NewWriter(&file)
	_, _ = io.WriteString(w, plain)
	_ = w.Close()
	return file.String()
}

func TestReaderGoesOnAfterARefusedRow(t *testing.T) {
	file := "client,start,end\n" +
		"Ana,2016-04-29 08:30,2016-04-29 09:00\n" +
		"Rui,2016-04-29 08:30\n" +
		"\"Rui\"s,2016-04-29 08:30,2016-04-29 09:00\n" +
		"Eva,2016-04-29 09:30,2016-04-29 09:00\n" +
		"Ivo,2016-04-29 10:00,2016-04-29 10:30\n"
	rows, refused := readAll(t, strings.NewReader(file), nil)
	want := []string{
		"the row has 2 cells and the header has 3; put cells that hold a separator into quotation marks",
		"the quotation marks do not match; write each twice inside a quoted cell, and close the cell",
		"the end is not after the start; give a later end",
	}
	if !reflect.DeepEqual(refused, want) {
		t.Errorf("refused %q", refused)
	}
	if len(rows) != 2 || rows[0].Client != "Ana" || rows[1].Client != "Ivo" {
		t.Errorf("read %+v", rows)
	}
}

// TestOpenQuotationMarkTakesOneRow leaves a quotation mark open. The rows below it are read, with their lines.
func TestOpenQuotationMarkTakesOneRow(t *testing.T) {
	r, err := NewReader(strings.NewReader("sep=,\nclient,start,end\nAna,1,2\n\"Rui,3,4\nEva,5,6\n\nIvo,\"7\n7\",8\nGil,\"9,0\n" +
		strings.Repeat("Zoe,1,2\n", 2000) + "\"Pia,1,2"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for row, err := r.Next(); !errors.Is(err, io.EOF); row, err = r.Next() {
		mark := ""
		if err != nil {
			mark = "refused "
		}
		if row.Cells[0] != "Zoe" {
			rows = append(rows, fmt.Sprintf("%s%d %q", mark, row.Line, row.Cells))
		}
	}
	want := []string{
		`3 ["Ana" "1" "2"]`, `refused 4 ["\"Rui" "3" "4"]`, `5 ["Eva" "5" "6"]`, `7 ["Ivo" "7\n7" "8"]`,
		`refused 9 ["Gil" "\"9" "0"]`, `refused 2010 ["\"Pia" "1" "2"]`,
	}
	if !reflect.DeepEqual(rows, want) || r.count < 2006 {
		t.Errorf("%d rows, of them %s, want %s", r.count, rows, want)
	}
}

func TestReaderReportsACutOffFile(t *testing.T) {
	var plain strings.Builder
	plain.WriteString("client,start,duration\n")
	for i := range 500 {
		plain.WriteString(strings.Repeat("x", i%97) + "a,2016-04-29 08:30,45\n")
	}
	whole := packed(plain.String())
	for at := 2; at < len(whole); at += 7 {
		r, err := NewReader(strings.NewReader(whole[:at]))
		for err == nil {
			_, err = r.Next()
		}
		if !errors.Is(err, ErrCutOff) {
			t.Fatalf("cut at %d of %d: %v", at, len(whole), err)
		}
	}
	damaged := []byte(whole)
	damaged[len(damaged)-6] ^= 1 // in the checksum
	r, err := NewReader(bytes.NewReader(damaged))
	for err == nil {
		_, err = r.Next()
	}
	if !errors.Is(err, ErrDamaged) {
		t.Errorf("a wrong checksum: %v", err)
	}
}

func TestNewReaderRefusesOtherFiles(t *testing.T) {
	for file, want := range map[string]error{
		"": ErrEmpty, "\n\n": ErrEmpty, "\xef\xbb\xbf": ErrEmpty, packed(""): ErrEmpty,
		"PK\x03\x04rest": ErrNotText, "\x00\x01": ErrNotText, packed(packed("client")): ErrNotText,
		"\x1f\x8b\x00rubbish that is not gzip": ErrDamaged,
	} {
		if _, err := NewReader(strings.NewReader(file)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", file, err, want)
		}
	}
}

// TestCheckFindsSheetsThatAreTooLarge reads sheets that would take up memory or time out of proportion.
func TestCheckFindsSheetsThatAreTooLarge(t *testing.T) {
	const header = "client,start,duration\n"
	for name, c := range map[string]struct {
		sheet io.Reader
		want  error
	}{
		"an open quotation mark": {strings.NewReader(header + `Ana,"` + strings.Repeat("no end ", maxRow/4)), after(1, errLongRow)},
		"a row of 10 MB":         {strings.NewReader(header + "Ana," + strings.Repeat("x", 10<<20) + ",30\n"), after(1, errLongRow)},
		"a packed row of 10 MB":  {strings.NewReader(packed(header + "Ana," + strings.Repeat("x", 10<<20))), after(1, errLongRow)},
		"a million columns": {
			strings.NewReader(strings.Repeat("a,", 1_000_000)),
			errLongRow,
		},
		"too many columns": {
			strings.NewReader(strings.Repeat("a,", 2000)),
			tooLarge("the header has 2001 columns and a sheet may have 1000; remove those that are not needed"),
		},
		"a bomb": {bomb(maxFile + 1<<20), after(maxFile/(1<<19+1)+2, errLongFile)},
		"a bomb of blank rows": {
			io.MultiReader(strings.NewReader(header), bytes.NewReader(bytes.Repeat([]byte(",,\n"), maxRows+1))), after(1, errManyRows),
		},
		"a bomb of short rows": {
			io.MultiReader(strings.NewReader(header), bytes.NewReader(bytes.Repeat([]byte("a\n"), maxRows+1))), after(maxRows+2, errManyRows),
		},
		"a small sheet":     {strings.NewReader(header + "Ana,2016-04-29 08:30,30\n"), nil},
		"a malformed sheet": {strings.NewReader(header + "Ana,\"2016\"x,30\nRui\n"), nil},
		"no sheet":          {strings.NewReader("PK\x03\x04"), nil},
	} {
		err := Check(c.sheet)
		if c.want == nil && err != nil || c.want != nil && (err == nil || err.Error() != c.want.Error()) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func after(line int, err error) error { return fmt.Errorf("after line %d: %w", line, err) }

// bomb returns a small gzip file that unpacks to that many bytes.
func bomb(size int) io.Reader {
	from, to := io.Pipe()
	go func() {
		packed := gzip.NewWriter(to)
		lines := append(bytes.Repeat([]byte("x"), 1<<19), '\n')
		_, err := io.WriteString(packed, "client,start,duration\n")
		for wrote := 0; wrote < size && err == nil; wrote += len(lines) {
			_, err = packed.Write(lines)
		}
		_ = to.CloseWithError(errors.Join(err, packed.Close()))
	}()
	return from
}

// TestReportOfRefusedRowsIsASheet writes the rows that were refused and reads the report as it is.
func TestReportOfRefusedRowsIsASheet(t *testing.T) {
	const rows = "Kunde;Beginn;Dauer;Notizen\nÄnne;soon;30;a; b\n=Uwe;2016-04-29 08:30;30;\"x\ny\"\n" +
		"\"Ida\"s;2016-04-29 09:30;30;z\n"
	for name, c := range map[string]struct{ sheet, head string }{
		"plain":    {rows, "line;reason;Kunde;Beginn;Dauer;Notizen\n"},
		"sep":      {"sep=;\n" + rows, "sep=;\nline;reason;Kunde;Beginn;Dauer;Notizen\n"},
		"marked":   {"\xef\xbb\xbf" + rows, "\xef\xbb\xbfline;reason;Kunde;Beginn;Dauer;Notizen\n"},
		"UTF-16":   {utf16le(rows), "\xef\xbb\xbfline;reason;Kunde;Beginn;Dauer;Notizen\n"},
		"CR":       {strings.ReplaceAll(rows, "\n", "\r"), "line;reason;Kunde;Beginn;Dauer;Notizen\n"},
		"a report": {strings.ReplaceAll("line;reason;"+rows, "\n", "\n3;was refused;"), "line;reason;Kunde;Beginn;Dauer;Notizen\n"},
	} {
		r, err := NewReader(strings.NewReader(strings.TrimSuffix(c.sheet, "3;was refused;")))
		if err != nil {
			t.Fatal(err)
		}
		var report bytes.Buffer
		refusals := NewRefusals(&report, r.Layout, r.Header)
		var want [][]string
		for {
			row, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil && !errors.Is(err, ErrRow) {
				t.Fatal(err)
			}
			want = append(want, row.Cells)
			if err := refusals.Add(row, "why"); err != nil {
				t.Fatal(err)
			}
		}
		if err := refusals.Flush(); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(report.String(), c.head) {
			t.Errorf("%s: the report is\n%s", name, report.String())
		}
		again, err := NewReader(&report)
		if err != nil {
			t.Fatal(err)
		}
		var got [][]string
		for row, err := again.Next(); !errors.Is(err, io.EOF); row, err = again.Next() {
			got = append(got, row.Cells)
		}
		if !reflect.DeepEqual(got, want) || len(got) != 3 || !reflect.DeepEqual(again.Header, r.Header) {
			t.Errorf("%s: the report is read as %q, want %q", name, got, want)
		}
	}
}

func utf16le(text string) string {
	var file []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		file = append(file, byte(unit), byte(unit>>8))
	}
	return string(file)
}
