package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/simulation"
	"github.com/clickbook/clickbook/domain"
)

// crowdedRecord writes a record of as many visits as asked for by a fixed number of people in one clinic, a hundred
// a day, each booked the day before.
func crowdedRecord(t testing.TB, visits, people int) (path, from, to string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "crowded.csv")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows := csv.NewWriter(file)
	_ = rows.Write(simulation.RecordColumns)
	first := time.Date(2016, 1, 4, 0, 0, 0, 0, time.UTC)
	const aDay = 100
	for n := range visits {
		day := first.AddDate(0, 0, n/aDay)
		booked := day.Add(-24*time.Hour + 8*time.Hour + time.Duration(n%aDay)*5*time.Minute)
		came := map[bool]string{true: "Yes", false: "No"}[n%5 == 0]
		_ = rows.Write([]string{
			fmt.Sprint(n % people), fmt.Sprint(1_000_000 + n), "F", booked.Format(time.DateTime),
			day.Format(time.DateOnly), "CENTRO", came,
		})
	}
	rows.Flush()
	if err := rows.Error(); err != nil {
		t.Fatal(err)
	}
	return path, first.Format(time.DateOnly), first.AddDate(0, 0, visits/aDay+1).Format(time.DateOnly)
}

// livedRecord lives through a crowded record in this process and leaves the driver open.
func livedRecord(t testing.TB, dir string, visits, people int) *simulation.Driver {
	t.Helper()
	path, from, to := crowdedRecord(t, visits, people)
	flags := simulateFlags{
		appointments: path, from: from, to: to, zone: "America/Sao_Paulo", seed: 1, providers: []string{"alpha", "beta"},
	}
	sim, err := flags.parse()
	if err != nil {
		t.Fatal(err)
	}
	rec, err := simulation.ReadRecord(path, sim.Zone, sim.From, sim.To)
	if err != nil {
		t.Fatal(err)
	}
	clinics := rec.Plan()
	d, err := simulation.NewDriver(t.Context(), sim, installation.Home{Data: dir}, rec, cli.Streams{Out: io.Discard, Err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Set(t.Context(), clinics); err != nil {
		t.Fatal(err)
	}
	if err := d.Live(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestMemoryDoesNotGrowWithTheLog: the heap in use after a long life is that of a short one, but for the books,
// which remember each charge because it can be refunded. Both lives are long enough to fill what is bounded.
func TestMemoryDoesNotGrowWithTheLog(t *testing.T) {
	if testing.Short() {
		t.Skip("this lives through 130,000 events")
	}
	const short, long = 2_500, 10_000
	lived := func(visits int) (events int64, heap uint64) {
		d := livedRecord(t, t.TempDir(), visits, 500)
		defer func() {
			if err := d.In.Close(); err != nil {
				t.Error(err)
			}
		}()
		runtime.GC()
		runtime.GC() // what the first one finalises, the second one frees
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		return d.Models.Events.Load(), now.HeapAlloc
	}
	fewer, before := lived(short)
	more, after := lived(long)
	grown := int64(after) - int64(before)
	t.Logf("%d events: %d KiB in use; %d events: %d KiB; %d bytes an event", fewer, before>>10, more, after>>10,
		grown/(more-fewer))
	if more < 3*fewer {
		t.Fatalf("the longer life has only %d events against %d", more, fewer)
	}
	const bound = 24 << 20 // the events alone are four times that
	if grown > bound {
		t.Errorf("the heap grew by %d KiB from %d to %d events, more than %d KiB", grown>>10, fewer, more, bound>>10)
	}
}

// BenchmarkSimulate is events lived through a second, all in all.
func BenchmarkSimulate(b *testing.B) {
	events := int64(0)
	for b.Loop() {
		d := livedRecord(b, b.TempDir(), 2000, 500)
		events += d.Models.Events.Load()
		if err := d.In.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkReadEvents reads a simulated log on one core: as events of the domain, with private text opened by the
// real keyring, and, in the same run, as the bytes that the store gives. Share is how much of the time is left to
// the store.
func BenchmarkReadEvents(b *testing.B) {
	dir := b.TempDir()
	if err := livedRecord(b, dir, 4000, 500).In.Close(); err != nil {
		b.Fatal(err)
	}
	in, err := installation.Open(b.Context(), installation.Home{Data: dir}, installation.Options{Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	decode := func(entry domain.Entry) error {
		_, err := in.Codec.Decode(entry)
		return err
	}
	nothing := func(domain.Entry) error { return nil }
	var events int
	var decoded, bare time.Duration
	for b.Loop() {
		n, took := readThrough(b, in, decode)
		_, scan := readThrough(b, in, nothing)
		events, decoded, bare = events+n, decoded+took, bare+scan
	}
	b.ReportMetric(float64(events)/decoded.Seconds(), "events/s")
	b.ReportMetric(float64(events)/bare.Seconds(), "bare-events/s")
	b.ReportMetric(bare.Seconds()/decoded.Seconds(), "share")
	b.ReportMetric(0, "ns/op")
}

func readThrough(b *testing.B, in *installation.Installation, each func(domain.Entry) error) (n int, took time.Duration) {
	start := time.Now()
	for entry, err := range in.Events.ReadAll(context.Background(), domain.Position{}, domain.Filter{}) {
		if err == nil {
			err = each(entry)
		}
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	return n, time.Since(start)
}
