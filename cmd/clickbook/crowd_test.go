package main

import (
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
)

// Many clients and one start with a few places.
const (
	crowdClients = 500
	crowdPlaces  = 7
)

// bookAtOnce lets all clients request the same start at once and counts the responses by status. On 503 a client
// repeats the request under the same key.
func bookAtOnce(s *server, p practice, round int) map[int]int {
	at := p.request(time.Now(), 0).start.Add(time.Duration(round) * time.Hour)
	statuses := make(chan int, crowdClients)
	ready := make(chan struct{})
	var clients sync.WaitGroup
	for n := range crowdClients {
		clients.Go(func() {
			w := request{
				key: domain.DeriveUUID("crowd", round, n).String(), client: p.clients[n%len(p.clients)], start: at,
			}
			<-ready
			for {
				got := p.send(s, w)
				if got.status != http.StatusServiceUnavailable {
					statuses <- got.status
					return
				}
			}
		})
	}
	close(ready)
	clients.Wait()
	close(statuses)
	counts := make(map[int]int)
	for status := range statuses {
		counts[status]++
	}
	return counts
}

// TestCrowdGetsExactlyTheFreePlaces sends requests of 500 clients at once for seven places.
func TestCrowdGetsExactlyTheFreePlaces(t *testing.T) {
	dir := t.TempDir()
	p := openPractice(t, installation.Location{Data: dir}, time.Now(), crowdPlaces, 100)
	s := serving(t, installation.Location{Data: dir})
	s.key = p.key
	want := map[int]int{http.StatusCreated: crowdPlaces, http.StatusConflict: crowdClients - crowdPlaces}
	if got := bookAtOnce(s, p, 0); !maps.Equal(got, want) {
		t.Errorf("the responses are %v, want %v: %s", got, want, s.errs.String())
	}
	s.kill()
	h := openManual(t, installation.Location{Data: dir}, time.Now())
	defer h.close()
	h.settle(t.Context())
	booked, err := projections.Calendar{DB: h.Views}.Find(t.Context(), p.account, bookedOnly)
	if h.ok(err); len(booked) != crowdPlaces {
		t.Errorf("%d appointments are booked for %d places", len(booked), crowdPlaces)
	}
}

// BenchmarkCrowd measures the time until all 500 clients have a response.
func BenchmarkCrowd(b *testing.B) {
	dir := b.TempDir()
	p := openPractice(b, installation.Location{Data: dir}, time.Now(), crowdPlaces, 100)
	s := serving(b, installation.Location{Data: dir})
	s.key = p.key
	round := 0
	for b.Loop() {
		if got := bookAtOnce(s, p, round); got[http.StatusCreated] != crowdPlaces {
			b.Fatalf("the responses are %v", got)
		}
		round++
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/crowd")
}
