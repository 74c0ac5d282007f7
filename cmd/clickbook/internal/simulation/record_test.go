package simulation

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
)

const header = "PatientId,AppointmentID,Gender,ScheduledDay,AppointmentDay,Neighbourhood,No_show\n"

func zone(t *testing.T) *time.Location {
	t.Helper()
	zone, err := domain.ParseZone("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// read reads a record for 2 and 3 May 2016.
func read(t *testing.T, text string) (*record, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "record.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	from := time.Date(2016, 5, 2, 0, 0, 0, 0, zone(t))
	return readRecord(path, zone(t), from, from.AddDate(0, 0, 2))
}

func TestReadRecordKeepsVisitsOfTheDaysInBookingOrder(t *testing.T) {
	rec, err := read(t, header+
		"7.0,2,M,2016-05-01 10:00:00,2016-05-03,CENTRO,Yes\n"+
		"8.0,3,F,2016-05-01 09:00:00,2016-05-02,JABOUR,No\n"+
		"9.0,1,F,2016-05-01 10:00:00,2016-05-02,CENTRO,No\n"+
		"9.0,4,F,2016-05-01 10:00:00,2016-05-04,CENTRO,No\n"+
		"9.0,5,F,2016-05-03 10:00:00,2016-05-02,CENTRO,No\n")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, v := range rec.visits {
		ids = append(ids, v.id)
	}
	if want := []string{"3", "1", "2"}; !reflect.DeepEqual(ids, want) {
		t.Errorf("the visits are %v, want %v", ids, want)
	}
	odd := []string{"appointment 5 at CENTRO was booked on 2016-05-03, after its own day 2016-05-02: left out"}
	if rec.outside != 1 || !reflect.DeepEqual(rec.odd, odd) {
		t.Errorf("%d visits are outside and %q are odd", rec.outside, rec.odd)
	}
	if v := rec.visits[2]; !v.noShow || v.female || v.patient != "7.0" || v.clinic != "CENTRO" ||
		v.booked.UTC() != time.Date(2016, 5, 1, 13, 0, 0, 0, time.UTC) {
		t.Errorf("the last visit is %+v", v)
	}
}

// TestReadRecordAsPublished reads the same visit in the forms in which the record is published.
func TestReadRecordAsPublished(t *testing.T) {
	want, err := read(t, header+"1,2,F,2016-05-01 10:00:00,2016-05-02,CENTRO,Yes\n")
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(t, "\ufeffPatientId;AppointmentID;Gender;ScheduledDay;AppointmentDay;Age;Neighbourhood;No-show\r\n"+
		"1;2;F;2016-05-01T10:00:00Z;2016-05-02T00:00:00Z;62;CENTRO;Yes\r\n")
	if err != nil || !reflect.DeepEqual(got.visits, want.visits) {
		t.Errorf("the visits are %+v, want %+v (%v)", got.visits, want.visits, err)
	}
}

// TestDocsNameEveryColumn keeps the page about the record complete.
func TestDocsNameEveryColumn(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "docs", "simulation.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range recordColumns {
		if !strings.Contains(string(page), "\n| `"+name+"` |") {
			t.Errorf("docs/simulation.md does not describe the column %s", name)
		}
	}
}

func TestReadRecordReportsWhatIsWrong(t *testing.T) {
	for text, words := range map[string]string{
		"":                                      "no readable header line",
		"PatientId,Gender\n":                    "the header has no column AppointmentID, ScheduledDay",
		header + "1,2,F,soon,2016-05-02,C,No\n": `line 2: ScheduledDay "soon"`,
		header + "1,2,F,2016-05-01 10:00:00,soon,C,No\n":    `line 2: AppointmentDay "soon"`,
		header + "1,2,F,2016-05-01 10:00:00,2016-05-02,C\n": "cannot be read beyond line 2",
		"\x1f\x8bdamaged": "the gzip file is cut off",
	} {
		if _, err := read(t, text); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: the error is %v, want one with %q", text, err, words)
		}
	}
}

func TestScheduleSpreadsVisitsAndCountsUnits(t *testing.T) {
	rec, err := read(t, header+
		"1.0,1,F,2016-05-01 10:00:00,2016-05-02,CENTRO,No\n"+
		"2.0,2,F,2016-05-01 11:00:00,2016-05-02,CENTRO,No\n"+
		"3.0,3,F,2016-05-02 12:07:00,2016-05-02,CENTRO,No\n"+ // on the day itself
		"4.0,4,F,2016-05-02 23:00:00,2016-05-02,CENTRO,No\n"+ // after the clinic closed
		"5.0,5,F,2016-05-02 23:30:00,2016-05-02,CENTRO,No\n"+
		"6.0,6,F,2016-05-01 10:00:00,2016-05-03,JABOUR,No\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []clinic{{name: "CENTRO", units: 2, visits: 5, busiest: 5}, {name: "JABOUR", units: 1, visits: 1, busiest: 1}}
	if got := rec.schedule(); !reflect.DeepEqual(got, want) {
		t.Errorf("the clinics are %+v, want %+v", got, want)
	}
	starts := make(map[string]string)
	for _, v := range rec.visits {
		starts[v.id] = v.start.Format("15:04")
	}
	wantStarts := map[string]string{"1": "08:00", "2": "09:45", "3": "12:15", "4": "21:45", "5": "21:45", "6": "08:00"}
	if !reflect.DeepEqual(starts, wantStarts) {
		t.Errorf("the starts are %v, want %v", starts, wantStarts)
	}
}

func TestSameSeedMakesTheSamePerson(t *testing.T) {
	v := visit{patient: "77.0", female: true}
	first := makePerson(1, v, 5)
	if again := makePerson(1, v, 5); again != first {
		t.Errorf("the same seed made %+v and %+v", first, again)
	}
	if first.phone != "+5527900000005" {
		t.Errorf("the phone number is %s", first.phone)
	}
	differs := false
	for seed := range uint64(10) {
		differs = differs || makePerson(seed, v, 5).name != first.name
	}
	if !differs {
		t.Error("ten seeds made the same name")
	}
}
