package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// BenchmarkBookByHTTP measures 32 clients who book different starts at a real server at once and, in the same run,
// how long the disk takes to sync.
func BenchmarkBookByHTTP(b *testing.B) { benchBook(b, 32, 20) }

// BenchmarkBookAlone measures one client who books one start after another.
func BenchmarkBookAlone(b *testing.B) { benchBook(b, 1, 200) }

func benchBook(b *testing.B, callers, each int) {
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // the clients share the processors with the server
	dir := b.TempDir()
	now := time.Now()
	p := openPractice(b, installation.Location{Data: dir}, now, practiceClients, 1_000_000)
	s := serving(b, installation.Location{Data: dir})
	s.key = p.key
	var times, syncs []time.Duration
	next := 0
	for b.Loop() {
		took := make([]time.Duration, callers*each)
		var group sync.WaitGroup
		for caller := range callers {
			group.Go(func() {
				for i := range each {
					place := caller*each + i
					start := time.Now()
					wanted := p.request(now, next+place)
					wanted.start = now.Add(72 * time.Hour).Truncate(time.Hour).UTC().Add(time.Duration(next+place) * time.Hour)
					if got := p.send(s, wanted); got.status != http.StatusCreated {
						b.Errorf("a booking got status %d: %s", got.status, got.raw)
					}
					took[place] = time.Since(start)
				}
			})
		}
		group.Wait()
		next += callers * each
		times, syncs = append(times, took...), append(syncs, syncTimes(b, 50)...)
	}
	b.ReportMetric(float64(len(times))/b.Elapsed().Seconds(), "bookings/s")
	s.stop()
	used := s.cmd.ProcessState.UserTime() + s.cmd.ProcessState.SystemTime() // with the start
	b.ReportMetric(float64(used.Microseconds())/1000/float64(len(times)), "server-cpu-ms/booking")
	report99(b, times, "")
	report99(b, syncs, "sync-")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkStartsByHTTP measures 32 visitors who ask a real server for the free starts of a day, as the booking page
// does, while four others book at it without a pause. Visitors who do not pause either keep the processors busy, so
// that each waits for the others; those who look at a list for a tenth of a second do not.
func BenchmarkStartsByHTTP(b *testing.B) {
	b.Run("no pause", func(b *testing.B) { benchStarts(b, 0) })
	b.Run("a pause of 100 ms", func(b *testing.B) { benchStarts(b, 100*time.Millisecond) })
}

func benchStarts(b *testing.B, pause time.Duration) {
	const visitors, each, writers = 32, 20, 4
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // the clients share the processors with the server
	now := time.Now()
	at := installation.Location{Data: b.TempDir()}
	p := openPractice(b, at, now, practiceClients, 1_000_000)
	h := openManual(b, at, now)
	visitor, err := h.Issue(b.Context(), p.account, access.Staff, "visitors")
	h.ok(err)
	h.close()
	s := serving(b, at)
	asking := *s // with another key, because a key that has written waits for the read models
	s.key, asking.key = p.key, visitor
	stop := make(chan struct{})
	var booking sync.WaitGroup
	var booked atomic.Int64
	for range writers {
		booking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				n := int(booked.Add(1))
				wanted := p.request(now, n)
				wanted.start = now.Add(72 * time.Hour).Truncate(time.Hour).UTC().Add(time.Duration(n) * time.Hour)
				if got := p.send(s, wanted); got.status != http.StatusCreated {
					b.Errorf("a booking got status %d: %s", got.status, got.raw)
				}
			}
		})
	}
	from := now.Add(96 * time.Hour).UTC()
	path := fmt.Sprintf("/accounts/%s/services/%s/starts?from=%s&to=%s", p.account, p.service,
		from.Format(time.DateOnly), from.AddDate(0, 0, 1).Format(time.DateOnly))
	var times []time.Duration
	for b.Loop() {
		took := make([]time.Duration, visitors*each)
		var group sync.WaitGroup
		for n := range visitors {
			group.Go(func() {
				time.Sleep(time.Duration(n) * pause / visitors) // people do not ask all at once
				for i := range each {
					start := time.Now()
					got := asking.ask(http.MethodGet, path, "", nil)
					if got.status != http.StatusOK || !strings.Contains(got.raw, `"start"`) {
						b.Errorf("the starts got status %d: %s", got.status, got.raw)
					}
					took[n*each+i] = time.Since(start)
					time.Sleep(pause)
				}
			})
		}
		group.Wait()
		times = append(times, took...)
	}
	elapsed := b.Elapsed()
	close(stop)
	booking.Wait()
	s.stop()
	b.ReportMetric(float64(len(times))/elapsed.Seconds(), "questions/s")
	b.ReportMetric(float64(booked.Load())/elapsed.Seconds(), "bookings/s")
	report99(b, times, "")
	b.ReportMetric(0, "ns/op")
}

// syncTimes writes a few pages and syncs them, n times.
func syncTimes(b *testing.B, n int) (times []time.Duration) {
	file, err := os.Create(filepath.Join(b.TempDir(), fmt.Sprint("sync", time.Now().UnixNano())))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	pages := make([]byte, 32<<10)
	for range n {
		start := time.Now()
		if _, err := file.Write(pages); err != nil {
			b.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(start))
	}
	return times
}

func report99(b *testing.B, times []time.Duration, what string) {
	slices.Sort(times)
	for name, share := range map[string]float64{"p50-ms": 0.5, "p99-ms": 0.99} {
		at := times[min(len(times)-1, int(share*float64(len(times))))]
		b.ReportMetric(float64(at.Microseconds())/1000, what+name)
	}
}

// BenchmarkOpenings finds the free starts of a month for 50 resources with twenty holds a day each. As in the API,
// the states are in memory from earlier commands.
func BenchmarkOpenings(b *testing.B) {
	const resources, days, aDay = 50, 31, 20
	at := installation.Location{Data: b.TempDir()}
	in, err := installation.Open(b.Context(), at, installation.Options{Now: time.Now, Lax: true})
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	from := time.Date(2030, 5, 1, 0, 0, 0, 0, time.UTC)
	ask := openings.Question{
		Account: domain.DeriveID[domain.AccountID]("openings"), Service: domain.DeriveID[domain.ServiceID]("openings"),
		Now: from.AddDate(0, 0, -1),
	}
	ctx, origin := b.Context(), commands.ForAccount(ask.Account, domain.Actor{})
	do := func(cmd domain.Command, err error) {
		if err == nil {
			_, err = in.Engine.Do(ctx, origin, cmd)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	policy := service.Policy{Name: "Visit", DurationMin: 15, Requirements: make([]service.Requirement, 1)}
	for r := range resources {
		id := domain.DeriveID[domain.ResourceID]("openings", r)
		policy.Requirements[0].AnyOf = append(policy.Requirements[0].AnyOf, service.Choice{Resource: id, Units: 1})
		profile, err := resource.NewProfile(fmt.Sprint("Room ", r), "room", 1)
		do(resource.Add{Resource: id, Account: ask.Account, Profile: profile}, err)
		do(resource.NewWeeklyHours(id, "UTC", []resource.Hours{
			{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: "08:00", To: "18:00"},
		}))
		for n := range days * aDay {
			at := from.AddDate(0, 0, n/aDay).Add(8*time.Hour + time.Duration(n%aDay*30+(r*7+n)%11)*time.Minute)
			do(diary.Hold{
				Resource: id, Month: diary.MonthOf(at), Appointment: domain.DeriveID[domain.AppointmentID](r, n),
				Interval: domain.Interval{Start: at, End: at.Add(time.Duration(10+(r+n)%10) * time.Minute)},
				Units:    1, Capacity: 1, Until: from,
			}, nil)
		}
	}
	do(service.Define{Service: ask.Service, Account: ask.Account, Policy: policy}, nil)
	one := ask
	one.Resource = policy.Requirements[0].AnyOf[0].Resource
	measure := func(name string, question openings.Question, days int) {
		b.Run(name, func(b *testing.B) {
			window := domain.Interval{Start: from, End: from.AddDate(0, 0, days)}
			var times []time.Duration
			for b.Loop() {
				start := time.Now()
				if starts, err := in.Openings.Between(b.Context(), question, window); err != nil || len(starts) == 0 {
					b.Fatalf("%d starts: %v", len(starts), err)
				}
				times = append(times, time.Since(start))
			}
			report99(b, times, "")
		})
	}
	measure("month of all", ask, days)
	measure("week of one", one, 7)
}
