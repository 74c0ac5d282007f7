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

// madeRecord is a small record in the form of the public one: ten days in May 2016, four clinics, and everything
// that makes the real one awkward.
type madeRecord struct {
	path   string
	visits int // within the ten days, without the odd row
	absent int // of them
	odd    string
}

// The made record and the questions that every story asks of it.
const (
	recordFrom, recordTo = "2016-05-02", "2016-05-12"
	recordVisits         = 300
)

// makeRecord writes one, always the same.
func makeRecord(t testing.TB) madeRecord {
	t.Helper()
	dice := rand.New(rand.NewPCG(5, 9)) //nolint:gosec // a record that is always the same
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
			patient, id, []string{"F", "M"}[dice.IntN(2)], booked, day.Format(time.DateOnly), clinic, "0", came,
		})
	}
	_ = rows.Write([]string{
		"PatientId", "AppointmentID", "Gender", "ScheduledDay", "AppointmentDay", "Neighbourhood", "SMS_received", "No_show",
	})
	clinics := []string{"CENTRO", "JABOUR", "MARIA ORTIZ", "SÃO JOSÉ"}
	first := time.Date(2016, 5, 2, 0, 0, 0, 0, time.UTC)
	for n := range recordVisits {
		day := first.AddDate(0, 0, dice.IntN(10))
		ahead := max(0, dice.IntN(8)-2) // some on the day itself
		booked := day.AddDate(0, 0, -ahead).Add(7*time.Hour + time.Duration(dice.IntN(9*3600))*time.Second)
		absent := dice.IntN(5) == 0
		if absent {
			made.absent++
		}
		row(fmt.Sprint(5_000_000+n), fmt.Sprintf("%d.0", 100+dice.IntN(180)), booked.Format(time.DateTime), day,
			clinics[dice.IntN(len(clinics))], absent)
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

// simulating is the command line that lives through the made record.
func (m madeRecord) simulating(more ...string) []string {
	return append([]string{"simulate", "--appointments", m.path, "--from", recordFrom, "--to", recordTo}, more...)
}

// The bad days: the first carrier is banned for five of them, somebody switches on the second, and afterwards nobody
// shall have paid for a text of those days.
var badDays = []string{
	"--outage", "provider=alpha country=BR from=2016-05-05 to=2016-05-10", "--switch", "2016-05-06 BR beta",
	"--refund-window", "2016-05-05 +5d America/Sao_Paulo country=BR",
}

// truncated cuts the file in the middle, as an interrupted download does.
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
