package simulation

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
	"github.com/clickbook/clickbook/domain"
)

// crowdedRecord writes a record of visits to one clinic, a hundred a day, each booked the day before.
func crowdedRecord(t testing.TB, visits, people int) (path, from, to string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "crowded.csv")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows := csv.NewWriter(file)
	_ = rows.Write(recordColumns)
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

// simulateRecord simulates a crowded record and leaves the installation open. It remembers a number of streams, the
// usual one if it is 0.
func simulateRecord(t testing.TB, dir string, visits, people, remember int) *driver {
	t.Helper()
	path, from, to := crowdedRecord(t, visits, people)
	options := Options{Path: path, Seed: 1, Providers: []string{"alpha", "beta"}, remember: remember}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	options.Zone, err = domain.ParseZone("America/Sao_Paulo")
	must(err)
	options.From, err = cli.ParseDay("from", from, options.Zone)
	must(err)
	options.To, err = cli.ParseDay("to", to, options.Zone)
	must(err)
	rec, err := readRecord(path, options.Zone, options.From, options.To)
	must(err)
	clinics := rec.schedule()
	std := cli.Streams{Out: io.Discard, Err: io.Discard}
	d, err := newDriver(t.Context(), options, installation.Location{Data: dir}, rec, std)
	must(err)
	must(d.setUp(t.Context(), clinics))
	must(d.simulate(t.Context(), rec))
	return d
}

// TestMemoryDoesNotGrowWithTheLog compares the heap after a short and a long simulation. Only the books may grow: they
// keep each charge, because it can be refunded. Both simulations fill what is bounded, because the bounds are low.
func TestMemoryDoesNotGrowWithTheLog(t *testing.T) {
	if testing.Short() {
		t.Skip("this simulates 130,000 events")
	}
	const short, long = 2_500, 10_000
	simulate := func(visits int) (events int64, heap uint64) {
		d := simulateRecord(t, t.TempDir(), visits, 500, 1000)
		defer func() {
			if err := d.in.Close(); err != nil {
				t.Error(err)
			}
		}()
		runtime.GC()
		runtime.GC() // the second run frees what the first one finalised
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		return d.models.events.Load(), now.HeapAlloc
	}
	fewer, before := simulate(short)
	more, after := simulate(long)
	grown := int64(after) - int64(before)
	t.Logf("%d events: %d KiB in use; %d events: %d KiB; %d bytes an event", fewer, before>>10, more, after>>10,
		grown/(more-fewer))
	if more < 3*fewer {
		t.Fatalf("the long simulation has %d events, the short one %d", more, fewer)
	}
	const bound = 20 // bytes an event
	if grown > bound*(more-fewer) {
		t.Errorf("the heap grew by %d KiB from %d to %d events, more than %d bytes an event", grown>>10, fewer, more, bound)
	}
}

// BenchmarkSimulate measures simulated events per second.
func BenchmarkSimulate(b *testing.B) {
	events := int64(0)
	for b.Loop() {
		d := simulateRecord(b, b.TempDir(), 2000, 500, 0)
		events += d.models.events.Load()
		if err := d.in.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkReadEvents reads a simulated log on one core, once decoded, with private text opened by the real keyring,
// and once as bytes. share is the part of the time that the store takes. The first pass reads the keys and the names of
// the streams from their files and is not counted.
func BenchmarkReadEvents(b *testing.B) {
	dir := b.TempDir()
	if err := simulateRecord(b, dir, 4000, 500, 0).in.Close(); err != nil {
		b.Fatal(err)
	}
	in, err := installation.Open(b.Context(), installation.Location{Data: dir}, installation.Options{Now: time.Now})
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
	readThrough(b, in, decode)
	var events int
	var decoded, bare time.Duration
	var before, after runtime.MemStats
	allocated := uint64(0)
	for b.Loop() {
		runtime.ReadMemStats(&before)
		n, took := readThrough(b, in, decode)
		runtime.ReadMemStats(&after)
		allocated += after.Mallocs - before.Mallocs
		_, scan := readThrough(b, in, nothing)
		events, decoded, bare = events+n, decoded+took, bare+scan
	}
	b.ReportMetric(float64(events)/decoded.Seconds(), "events/s")
	b.ReportMetric(float64(events)/bare.Seconds(), "bare-events/s")
	b.ReportMetric(bare.Seconds()/decoded.Seconds(), "share")
	b.ReportMetric(float64(allocated)/float64(events), "allocs/event")
	b.ReportMetric(0, "ns/op")
}

func readThrough(
	b *testing.B, in *installation.Installation, each func(domain.Entry) error,
) (n int, took time.Duration) {
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
