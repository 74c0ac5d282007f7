package sheet

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

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
	name := rapid.Custom(func(t *rapid.T) string { return "N" + text.Draw(t, "rest") })
	zones := rapid.SampledFrom([]string{"America/Sao_Paulo", "Europe/Berlin", "UTC", "Australia/Lord_Howe"})
	moment := rapid.Custom(func(t *rapid.T) time.Time {
		return time.UnixMicro(rapid.Int64Range(1e15, 3e15).Draw(t, "micros")).UTC()
	})
	rows := rapid.Custom(func(t *rapid.T) Appointment {
		start := moment.Draw(t, "start")
		a := Appointment{
			ID: text.Draw(t, "id"), Client: name.Draw(t, "client"), Phone: text.Draw(t, "phone"), Country: "BR",
			Email: text.Draw(t, "email"), Service: text.Draw(t, "service"), Start: start,
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
		"PK\x03\x04rest": ErrNotText, "\xff\xfec\x00l\x00": ErrNotText, "\x00\x01": ErrNotText,
		"\x1f\x8b\x00rubbish that is not gzip": ErrDamaged,
	} {
		if _, err := NewReader(strings.NewReader(file)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", file, err, want)
		}
	}
	r, err := NewReader(strings.NewReader("client,start\nAna,\"" + strings.Repeat("no end ", maxRow/4)))
	if err == nil {
		_, err = r.Next()
	}
	if !errors.Is(err, errTooLong) {
		t.Errorf("a row without end: %v", err)
	}
}
