package sheet

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

func TestFindColumnsRecognisesEveryField(t *testing.T) {
	ours, err := FindColumns(header, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range Fields {
		if got := known.in([]string{string(known.Field)}); len(got) != 1 {
			t.Errorf("a column named %s is not recognised", known.Field)
		}
		switch known.Field {
		case FirstName, LastName, Date, Time, EndDate, EndTime, Duration, Country: // not in our header
		case Notes:
			if len(ours.notes) != 1 {
				t.Error("our header has no column for notes")
			}
		default:
			if !ours.Has(known.Field) {
				t.Errorf("our header has no column for %s", known.Field)
			}
		}
		for _, other := range Fields {
			for _, name := range strings.Fields(known.names) {
				if other.Field != known.Field && len(other.in([]string{name})) > 0 {
					t.Errorf("%s means both %s and %s", name, known.Field, other.Field)
				}
			}
		}
	}
}

func TestFindColumns(t *testing.T) {
	for _, c := range []struct {
		header string
		given  map[Field]string
		want   map[Field]int
		says   string
	}{
		{header: "Client Name,START_TIME,end-time", want: map[Field]int{ClientName: 0, Start: 1, End: 2}},
		{header: "Nome do Cliente,Data/Hora,Duração", want: map[Field]int{ClientName: 0, Start: 1, Duration: 2}},
		{
			header: "who,when,till,phone", given: map[Field]string{ClientName: "who", Start: "When", End: "till", Phone: ""},
			want: map[Field]int{ClientName: 0, Start: 1, End: 2},
		},
		{
			header: "Datum,Uhrzeit,Bis,Name,Vorname",
			want:   map[Field]int{Date: 0, Time: 1, End: 2, ClientName: 3, FirstName: 4},
		},
		{
			header: "First Name,Last Name,Start Date,Start Time,End Date,End Time",
			want:   map[Field]int{FirstName: 0, LastName: 1, Date: 2, Time: 3, EndDate: 4, EndTime: 5},
		},
		{header: "Prénom,Nom,Date,Durée", want: map[Field]int{FirstName: 0, ClientName: 1, Start: 2, Duration: 3}},
		{
			header: "Nombre,Apellidos,Fecha,Hora,Duración,Teléfono",
			want:   map[Field]int{ClientName: 0, LastName: 1, Date: 2, Time: 3, Duration: 4, Phone: 5},
		},
		{
			header: "Nome,Sobrenome,Data início,Hora início,Hora fim,Situação",
			want:   map[Field]int{ClientName: 0, LastName: 1, Date: 2, Time: 3, End: 4, Status: 5},
		},
		{header: "client,start,end,other,other", want: map[Field]int{ClientName: 0, Start: 1, End: 2}},
		{
			header: "client,phone,phone,start,end",
			says:   "the header has two columns phone for the phone number; rename or remove one",
		},
		{
			header: "name,when,x",
			says: "the header names no column for the start (--start), for the end or the duration (--end or --duration); " +
				"it has name, when, x",
		},
		{
			header: "client,name,start,end",
			says:   "the columns client and name could both be the client's name; choose one with --client-name",
		},
		{
			header: "client,start,end", given: map[Field]string{Phone: "fon"},
			says: `the header has no column "fon" for the phone number (--phone); it has client, start, end`,
		},
	} {
		got, err := FindColumns(strings.Split(c.header, ","), c.given)
		if c.says != "" {
			if _, isNo := domain.AsRefusal(err); !isNo || err.Error() != c.says {
				t.Errorf("%s: %v", c.header, err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got.at, c.want) {
			t.Errorf("%s: %v, %v", c.header, got.at, err)
		}
	}
}

func TestClockReadsTimes(t *testing.T) {
	zone, err := domain.ParseZone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	const half = "2016-04-29T12:30:00Z"
	for _, c := range []struct {
		text  string
		order Order
		want  string // RFC 3339 in UTC, or the error
	}{
		{"2016-04-29 08:30", YearFirst, half},
		{"2016-04-29T08:30:15", YearFirst, "2016-04-29T12:30:15Z"},
		{"2016-04-29T08:30:15.1234567", DayFirst, "2016-04-29T12:30:15.123456Z"},
		{"2016-04-29T08:30:15Z", YearFirst, "2016-04-29T08:30:15Z"},
		{"2016-04-29T08:30-03:00", YearFirst, "2016-04-29T11:30:00Z"},
		{"2016-04-29 12:30:00 UTC", YearFirst, half},
		{"2016-04-29 14:30 UTC+2", YearFirst, half},
		{"2016-04-29 14:30:00 +0200", YearFirst, half},
		{"2016-04-29 09:30−03", YearFirst, half},
		{"Fri Apr 29 2016 08:30:00 GMT-0400 (Eastern Daylight Time)", YearFirst, half},
		{"2016-04-29T14:30:00+02:00[Europe/Berlin]", YearFirst, half},
		{"2016-04-29 14:30 Europe/Berlin", YearFirst, half},
		{"2016. 4. 29. 오전 8:30", YearFirst, half},
		{"2016年4月29日 下午8:30", YearFirst, "2016-04-30T00:30:00Z"},
		{"20160429T123000Z", YearFirst, half},
		{"20160429 08:30", YearFirst, half},
		{"2016-W17-5 08:30", YearFirst, half},
		{"2016/4/29 8:30AM", YearFirst, half},
		{"2016.04.29. 8:30", YearFirst, half},
		{"2016年4月29日 08:30", YearFirst, half},
		{"２０１６－０４－２９　０８：３０", YearFirst, half},
		{"٢٠١٦-٠٤-٢٩ ٠٨:٣٠", YearFirst, half},
		{"29/04/2016 08:30", DayFirst, half},
		{"29/04/16 08:30", DayFirst, half},
		{"29.04.2016 08h30", DayFirst, half},
		{"29.04.2016 08:30", YearFirst, half}, // dots have the day first
		{"29.04.16, 8.30 Uhr", YearFirst, half},
		{"Fr., 29.04.2016 um 8 Uhr 30", YearFirst, half},
		{"29 de abril de 2016 às 8h30", YearFirst, half},
		{"vendredi 29 avril 2016 à 8 h 30", YearFirst, half},
		{"29-Apr-2016 08:30", YearFirst, half},
		{"April 29th, 2016 8:30 a.m.", YearFirst, half},
		{"29 ago 2016 8:30 a. m.", YearFirst, "2016-08-29T12:30:00Z"},
		{"08:30 29.04.2016", YearFirst, half},
		{"3/4/2016 8:30 pm", MonthFirst, "2016-03-05T01:30:00Z"},
		{"3/4/2016, 8:30:00\u202fPM", MonthFirst, "2016-03-05T01:30:00Z"},
		{"3/4/2016 8:30\u00a0p.\u00a0m.", MonthFirst, "2016-03-05T01:30:00Z"},
		{"\u200e3/4/2016 8:30:00PM", MonthFirst, "2016-03-05T01:30:00Z"},
		{"3/4/2016 8PM", MonthFirst, "2016-03-05T01:00:00Z"},
		{"3/4/2016 12:15 AM", MonthFirst, "2016-03-04T05:15:00Z"},
		{"2016-04-28 24:00", YearFirst, "2016-04-29T04:00:00Z"},
		{"2016-11-06 01:30", YearFirst, "2016-11-06T05:30:00Z"}, // occurs twice: the first
		{"2016-11-06 01:30-05:00", YearFirst, "2016-11-06T06:30:00Z"},
		{"2016-03-13 02:30", YearFirst, "the start 2016-03-13T02:30 does not exist in America/New_York, because the clock " +
			"skips it: the nearest times are 2016-03-13T01:59 and 2016-03-13T03:00; choose one of them"},
		{"29/04/2016 08:30", YearFirst, `the start "29/04/2016 08:30" is not a date with a time; write it like ` +
			`2016-04-29 08:30, or give the order of day and month with --dates dmy or --dates mdy`},
		{"29/04/2016 08:30", MonthFirst, `the start "29/04/2016 08:30" is not a date with a time; write it like ` +
			`2016-04-29 08:30`},
		{"2016-04-31 08:30", YearFirst, `the start "2016-04-31 08:30" is not a date with a time; write it like ` +
			`2016-04-29 08:30`},
		{"2016-04-29 25:00", YearFirst, `the start "2016-04-29 25:00" is not a date with a time; write it like ` +
			`2016-04-29 08:30`},
		{"2016-04-29 13:30 PM", YearFirst, `the start "2016-04-29 13:30 PM" is not a date with a time; write it like ` +
			`2016-04-29 08:30`},
		{"2016-04-29 08:30 EST", YearFirst, `the start "2016-04-29 08:30 EST" is not a date with a time; write it like ` +
			`2016-04-29 08:30`},
		{"42489,354", YearFirst, `the start "42489,354" is not a date with a time; it looks like the number of a day in a ` +
			`spreadsheet; format the column as a date and save the sheet again`},
		{"2016-04-29", YearFirst, `the start "2016-04-29" has no time of day; write it like 2016-04-29 08:30`},
		{"1899-12-30 08:30", YearFirst, "the start is in the year 1899; dates are from 1900 to 2199"},
		{"2200-01-01 08:30", YearFirst, "the start is in the year 2200; dates are from 1900 to 2199"},
		{"1900-01-02 08:30", YearFirst, "1900-01-02T13:30:00Z"},
		{"", YearFirst, "the start is missing; write it like 2016-04-29 08:30"},
	} {
		clock := clock{zone: zone, order: c.order}
		_, at, err := clock.read("the start", cells{whole: c.text}, nil)
		got := at.Format(time.RFC3339Nano)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q in the order %s is %s, want %s", c.text, c.order, got, c.want)
		}
		var want []string
		if c.text == "2016-11-06 01:30" {
			want = []string{"the start 2016-11-06 01:30 happens twice in America/New_York, and the first was taken; " +
				"write 2016-11-06 01:30-05:00 for the second"}
		}
		if !reflect.DeepEqual(clock.warnings, want) {
			t.Errorf("%q warns %q, want %q", c.text, clock.warnings, want)
		}
	}
}

// TestParseCombinesColumns gives a date, a time of day and an end in columns of their own.
func TestParseCombinesColumns(t *testing.T) {
	const layout = "2006-01-02 15:04"
	for _, c := range []struct{ header, cells, want string }{
		{"name|date|time|duration", "Ana|2016-04-29|08:30|45", "Ana 2016-04-29 08:30 to 2016-04-29 09:15"},
		{"name|date|start|end", "Ana|29.04.2016|8:30|9.15", "Ana 2016-04-29 08:30 to 2016-04-29 09:15"},
		{"name|date|start|end", "Ana|2016-04-29|22:30|00:00", "Ana 2016-04-29 22:30 to 2016-04-30 00:00"},
		{"name|date|start|end", "Ana|2016-04-29|22:30|24:00", "Ana 2016-04-29 22:30 to 2016-04-30 00:00"},
		{"name|date|start|end", "Ana|2016-04-29|22:30|01:00", "the end is not after the start; give a later end"},
		{"name|date|start|end", "Ana|2016-01-01|2016-04-29 08:30|09:15", "Ana 2016-04-29 08:30 to 2016-04-29 09:15"},
		{
			"name|date|time|duration", "Ana|2016-04-29 00:00:00|1899-12-30 08:30:00|45",
			"Ana 2016-04-29 08:30 to 2016-04-29 09:15",
		},
		{"name|date|time|duration", "Ana|2016-04-29|0,354166666666667|45", "Ana 2016-04-29 08:30 to 2016-04-29 09:15"},
		{"name|date|time|duration", "Ana|2016-04-29 08:30||45", "Ana 2016-04-29 08:30 to 2016-04-29 09:15"},
		{
			"name|date|time|duration", "Ana|2016-04-29||45",
			`the start "2016-04-29" has no time of day; write it like 2016-04-29 08:30`,
		},
		{
			"name|date|time|duration", "Ana||08:30|45",
			`the start "08:30" is not a date with a time; write it like 2016-04-29 08:30`,
		},
		{
			"first name|last name|start date|start time|end date|end time", "Ana|Lima|2016-04-29|08:30|2016-04-30|07:00",
			"Ana Lima 2016-04-29 08:30 to 2016-04-30 07:00",
		},
		{"Name|Vorname|Datum|Uhrzeit|Dauer", "Lima|Ana|29.04.2016|8:30 Uhr|45 Min.", "Ana Lima 2016-04-29 08:30 to 2016-04-29 09:15"},
		{"Nombre|Apellidos|Fecha|Hora|Duración", "Ana|Lima|29.04.2016|8:30 a. m.|1h", "Ana Lima 2016-04-29 08:30 to 2016-04-29 09:30"},
		{"Name|Vorname|start|duration", "Lima, Ana|Ana|2016-04-29 08:30|45", "Lima, Ana 2016-04-29 08:30 to 2016-04-29 09:15"},
	} {
		columns, err := FindColumns(strings.Split(c.header, "|"), nil)
		if err != nil {
			t.Fatalf("%s: %v", c.header, err)
		}
		a, err := columns.Parse(Row{Cells: strings.Split(c.cells, "|")}, Home{Zone: "UTC", Country: "BR", Dates: YearFirst})
		got := a.Client + " " + a.Start.Format(layout) + " to " + a.End.Format(layout)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %s is %s, want %s", c.header, c.cells, got, c.want)
		}
	}
}

func TestReadPhone(t *testing.T) {
	const lost = " was shortened by a spreadsheet and is lost; the appointment has no phone number. " +
		"Format the column as text, or add the number to the client"
	for cell, want := range map[string]struct{ phone, warning string }{
		"":                 {"", ""},
		"+55 27 9999-8888": {"+55 27 9999-8888", ""},
		"5527999998888.0":  {"5527999998888", ""},
		"1,71E+11":         {"", `the phone number "1,71E+11"` + lost},
		"4.91711e+12":      {"", `the phone number "4.91711e+12"` + lost},
		"k.A.":             {"", `"k.A." is not a phone number; the appointment has none`},
		"k. A.":            {"", `"k. A." is not a phone number; the appointment has none`},
		"s/n":              {"", `"s/n" is not a phone number; the appointment has none`},
		"n/a":              {"", `"n/a" is not a phone number; the appointment has none`},
		"-":                {"", `"-" is not a phone number; the appointment has none`},
		"########":         {"", `"########" is not a phone number; the appointment has none`},
		"000 000":          {"", `"000 000" is not a phone number; the appointment has none`},
	} {
		phone, warnings := readPhone(cell)
		if phone != want.phone || strings.Join(warnings, "") != want.warning {
			t.Errorf("%q is %q with %q, want %+v", cell, phone, warnings, want)
		}
	}
}

func TestNotesOfOneCell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SampledFrom([]string{"call first", "---", `\---`, `\\---`, "", "-", "x ---"})
		note := rapid.Custom(func(t *rapid.T) string {
			return "n" + strings.Join(rapid.SliceOfN(lines, 0, 4).Draw(t, "lines"), "\n") + "."
		})
		notes := rapid.SliceOfN(note, 1, 4).Draw(t, "notes")
		if got := splitNotes(joinNotes(notes)); !reflect.DeepEqual(got, notes) {
			t.Fatalf("%q is read as %q", notes, got)
		}
	})
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"45": 45 * time.Minute, "1:30": 90 * time.Minute, "0:05": 5 * time.Minute, "1h30m": 90 * time.Minute,
		"1h 30m": 90 * time.Minute, "": 0, "0": 0, "-5": 0, "soon": 0, "1:x": 0, "45000": 0,
		"1h30": 90 * time.Minute, "90 min": 90 * time.Minute, "45.0": 45 * time.Minute, "00:45:00": 45 * time.Minute,
		"1,5 Std.": 90 * time.Minute, "1.5 hours": 90 * time.Minute, "PT1H30M": 90 * time.Minute,
		"1 Stunde 30 Minuten": 90 * time.Minute, "1 hora y 30 minutos": 90 * time.Minute, "90'": 90 * time.Minute,
		"1.5": 0, "1:75": 0, "1 day": 0, "４５": 45 * time.Minute,
	} {
		got, err := ParseDuration(text)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
}

func TestParseStatus(t *testing.T) {
	for text, want := range map[string]appointment.Status{
		"": "booked", "Confirmed": "booked", "checked-in": "arrived", "COMPLETED": "fulfilled", "Concluído": "fulfilled",
		"Bestätigt": "booked", "Abgeschlossen": "fulfilled", "Erschienen": "fulfilled", "Nicht erschienen": "noshow",
		"Abgesagt": "cancelled", "Storniert": "cancelled", "Honoré": "fulfilled", "Annulé": "cancelled",
		"Non honoré": "noshow", "Absent(e)": "noshow", "No asistió": "noshow", "Atendida": "fulfilled",
		"Anulada": "cancelled", "No show": "noshow", "não compareceu": "noshow", "canceled": "cancelled", "pending": "", "?!": "",
	} {
		if got, err := ParseStatus(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
	seen := map[string]appointment.Status{}
	for status, words := range statuses {
		for word := range strings.FieldsSeq(words) {
			if other, twice := seen[word]; twice {
				t.Errorf("%s means both %s and %s", word, status, other)
			}
			seen[word] = status
		}
	}
}

func TestParseTaken(t *testing.T) {
	for _, c := range []struct {
		names, units string
		want         []Taken
		ok           bool
	}{
		{"Ana", "", []Taken{{"Ana", 1}}, true},
		{"Ana; Room 2", "1;3", []Taken{{"Ana", 1}, {"Room 2", 3}}, true},
		{`Room\; 2;C:\x`, "", []Taken{{"Room; 2", 1}, {`C:\x`, 1}}, true},
		{"", "", nil, true},
		{"Ana", "1;2", nil, false},
		{"Ana", "0", nil, false},
		{"Ana", "two", nil, false},
	} {
		got, err := parseTaken(c.names, c.units)
		if !reflect.DeepEqual(got, c.want) || (err == nil) != c.ok {
			t.Errorf("%q, %q: %v, %v", c.names, c.units, got, err)
		}
	}
}

func TestParseNamesTheInvalidCell(t *testing.T) {
	header := []string{"client", "start", "duration", "status", "zone", "country"}
	columns, err := FindColumns(header, nil)
	if err != nil {
		t.Fatal(err)
	}
	for cells, says := range map[string]string{
		"Ana,2016-04-29 08:30,45,booked,Mars/Olympus,BR": `"Mars/Olympus" is not a time zone of the IANA list; ` +
			`write one such as Europe/Berlin or UTC`,
		"Ana,2016-04-29 08:30,45,booked,,UK": `"UK" is not a country of ISO 3166-1; write its two capital letters, ` +
			`such as GB or BR`,
		"Ana,2016-04-29 08:30,45,maybe,,": `unknown status "maybe": write booked, arrived, fulfilled, cancelled or noshow`,
		"Ana,2016-04-29 08:30,,booked,,":  `invalid duration "": write minutes, as in 45, or 1:30`,
		"Ana,tomorrow,45,booked,,":        `the start "tomorrow" is not a date with a time; write it like 2016-04-29 08:30`,
	} {
		_, err := columns.Parse(Row{Cells: strings.Split(cells, ",")}, home)
		if _, isNo := domain.AsRefusal(err); !isNo || err.Error() != says {
			t.Errorf("%s: %v", cells, err)
		}
	}
}
