package sheet

import (
	"reflect"
	"strings"
	"testing"
	"time"

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
		if known.Field != Duration && known.Field != Country && !ours.Has(known.Field) {
			t.Errorf("our header has no column for %s", known.Field)
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
	for _, c := range []struct {
		text  string
		order Order
		want  string // RFC 3339 in UTC, or the error
	}{
		{"2016-04-29 08:30", YearFirst, "2016-04-29T12:30:00Z"},
		{"2016-04-29T08:30:15", YearFirst, "2016-04-29T12:30:15Z"},
		{"2016-04-29T08:30:15.1234567", DayFirst, "2016-04-29T12:30:15.123456Z"},
		{"2016-04-29T08:30:15Z", YearFirst, "2016-04-29T08:30:15Z"},
		{"2016-04-29T08:30-03:00", YearFirst, "2016-04-29T11:30:00Z"},
		{"29/04/2016 08:30", DayFirst, "2016-04-29T12:30:00Z"},
		{"29.04.2016 08h30", DayFirst, "2016-04-29T12:30:00Z"},
		{"3/4/2016 8:30 pm", MonthFirst, "2016-03-05T01:30:00Z"},
		{"2016-11-06 01:30", YearFirst, "2016-11-06T05:30:00Z"}, // occurs twice: the first
		{"2016-03-13 02:30", YearFirst, "2016-03-13T07:30:00Z"}, // never occurs: the offset from before
		{"29/04/2016 08:30", YearFirst, `the start "29/04/2016 08:30" is not a date with a time; write it like ` +
			`2016-04-29 08:30, or give the order of day and month with --dates dmy or --dates mdy`},
		{"29/04/2016 08:30", MonthFirst, `the start "29/04/2016 08:30" is not a date with a time; write it like ` +
			`2016-04-29 08:30`},
		{"2016-04-31 08:30", YearFirst, `the start "2016-04-31 08:30" is not a date with a time; write it like ` +
			`2016-04-29 08:30`},
		{"2016-04-29", YearFirst, `the start "2016-04-29" has no time of day; write it like 2016-04-29 08:30`},
		{"1899-12-30 08:30", YearFirst, "the start is in the year 1899; check it"},
		{"", YearFirst, "the start is missing; write it like 2016-04-29 08:30"},
	} {
		at, err := clock{zone, c.order}.read("the start", c.text)
		got := at.Format(time.RFC3339Nano)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q in the order %s is %s, want %s", c.text, c.order, got, c.want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"45": 45 * time.Minute, "1:30": 90 * time.Minute, "0:05": 5 * time.Minute, "1h30m": 90 * time.Minute,
		"1h 30m": 90 * time.Minute, "": 0, "0": 0, "-5": 0, "soon": 0, "1:x": 0, "45000": 0,
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
		"No show": "noshow", "não compareceu": "noshow", "canceled": "cancelled", "pending": "", "?!": "",
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
