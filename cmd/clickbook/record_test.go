package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// madeRecord is a small record in the form of the public one: ten days in May 2016, four clinics, and rows as awkward
// as the real ones.
type madeRecord struct {
	path   string
	visits int    // in the ten days, without the odd row
	absent int    // of them
	odd    string // id of a row that was booked after its own day
}

// The days and the size of the made record.
const (
	recordFrom, recordTo = "2016-05-02", "2016-05-12"
	recordVisits         = 300
)

// makeRecord writes the record, the same one each time.
func makeRecord(t testing.TB) madeRecord {
	t.Helper()
	random := rand.New(rand.NewPCG(5, 9)) // the same record each time
	made := madeRecord{path: filepath.Join(t.TempDir(), "record.csv.gz"), visits: recordVisits, odd: "5099999"}
	var file bytes.Buffer
	packed := gzip.NewWriter(&file)
	rows := csv.NewWriter(packed)
	row := func(id, patient, booked string, day time.Time, clinic string, absent bool) {
		came := "No"
		if absent {
			came = "Yes"
		}
		_ = rows.Write([]string{
			patient, id, []string{"F", "M"}[random.IntN(2)], booked, day.Format(time.DateOnly), clinic, "0", came,
		})
	}
	_ = rows.Write([]string{
		"PatientId", "AppointmentID", "Gender", "ScheduledDay", "AppointmentDay", "Neighbourhood", "SMS_received", "No_show",
	})
	clinics := []string{"CENTRO", "JABOUR", "MARIA ORTIZ", "SÃO JOSÉ"}
	first := time.Date(2016, 5, 2, 0, 0, 0, 0, time.UTC)
	for n := range recordVisits {
		day := first.AddDate(0, 0, random.IntN(10))
		ahead := max(0, random.IntN(8)-2) // some on the day itself
		booked := day.AddDate(0, 0, -ahead).Add(7*time.Hour + time.Duration(random.IntN(9*3600))*time.Second)
		absent := random.IntN(5) == 0
		if absent {
			made.absent++
		}
		row(fmt.Sprint(5_000_000+n), fmt.Sprintf("%d.0", 100+random.IntN(180)), booked.Format(time.DateTime), day,
			clinics[random.IntN(len(clinics))], absent)
	}
	row(made.odd, "77.0", "2016-05-06 09:00:00", first.AddDate(0, 0, 3), "CENTRO", true) // after its own day
	row("5100000", "78.0", "2016-05-02 09:00:00", first.AddDate(0, 0, 20), "CENTRO", false)
	rows.Flush()
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(made.path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return made
}

// simulating returns the command line that simulates the record.
func (m madeRecord) simulating(more ...string) []string {
	return append([]string{"simulate", "--appointments", m.path, "--from", recordFrom, "--to", recordTo}, more...)
}

// badDays bans the first provider for five days, switches to the other on the second, and refunds every text of those
// days.
var badDays = []string{
	"--outage", "provider=alpha country=BR from=2016-05-05 to=2016-05-10", "--switch", "2016-05-06 BR beta",
	"--refund-window", "2016-05-05 +5d America/Sao_Paulo country=BR",
}

// truncated returns the first half of the file, as from an interrupted download.
func (m madeRecord) truncated(t testing.TB) string {
	t.Helper()
	whole, err := os.ReadFile(m.path)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.csv.gz")
	if err := os.WriteFile(cut, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	return cut
}
