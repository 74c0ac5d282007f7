package main

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// theRecord is a public record of real appointments. It is not in this repository.
var theRecord = filepath.Join("..", "..", "..", "shared", "data", "vitoria-2016.csv.gz")

// TestRealWeek simulates six days of the real record with an outage, a switch and a refund window.
func TestRealWeek(t *testing.T) {
	skipIfShort(t)
	if _, err := os.Stat(theRecord); err != nil {
		t.Skipf("the real record is missing (%v): only made-up records are simulated", err)
	}
	const from, to = "2016-04-28", "2016-05-04"
	got := simulateJSON(t, "simulate", "--appointments", theRecord, "--from", from, "--to", to,
		"--outage", "provider=alpha country=BR from=2016-04-29 to=2016-05-03", "--switch", "2016-05-02 BR beta",
		"--refund-window", "2016-04-29 +4d America/Sao_Paulo country=BR")
	if want := countRecord(t, from, to); !maps.Equal(got.Appointments, want) {
		t.Errorf("the appointments are %v; in the record they are %v", got.Appointments, want)
	}
	if len(got.Record.Refused) > 0 {
		t.Errorf("visits were refused: %v", got.Record.Refused)
	}
	if c := got.Credits; c.Sum != 0 || !c.Whole || c.Held != 0 {
		t.Errorf("the books do not balance: %+v", c)
	}
	if w := got.Windows; len(w) != 1 || w[0].Posted == 0 || w[0].Posted != w[0].Previewed || w[0].Amount != w[0].Expected {
		t.Errorf("the preview and the posted refunds differ: %+v", w)
	}
	ended, waiting := 0, 0
	for _, line := range got.Messages {
		switch line.Status {
		case "queued", "attempted":
			waiting += line.Count
		default:
			ended += line.Count
		}
	}
	if waiting > 0 || ended < got.Record.Visits {
		t.Errorf("of the messages of %d visits %d ended and %d wait: %+v", got.Record.Visits, ended, waiting, got.Messages)
	}
}

// countRecord counts the appointments of the record by status.
func countRecord(t *testing.T, from, to string) map[string]int {
	t.Helper()
	file, err := os.Open(theRecord)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	rows := csv.NewReader(plain)
	header, err := rows.Read()
	booked, day := slices.Index(header, "ScheduledDay"), slices.Index(header, "AppointmentDay")
	absent := slices.Index(header, "No_show")
	counts := make(map[string]int)
	for err == nil {
		var row []string
		if row, err = rows.Read(); err != nil {
			break
		}
		date := row[day]
		if date < from || date >= to || row[booked][:len(date)] > date {
			continue
		}
		status := map[string]string{"No": "fulfilled", "Yes": "noshow"}[row[absent]]
		counts[status]++
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return counts
}
