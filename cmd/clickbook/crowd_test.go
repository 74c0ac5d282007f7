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

// The crowd before one start that has few places.
const (
	crowdClients = 500
	crowdPlaces  = 7
)

// rush lets all clients ask a real server for the same start at once and counts the answers by status. A server that
// is too busy says so with 503, and is asked again under the same key.
func rush(s *server, p practice, round int) map[int]int {
	at := p.wish(time.Now(), 0).start.Add(time.Duration(round) * time.Hour)
	answers := make(chan int, crowdClients)
	ready := make(chan struct{})
	var clients sync.WaitGroup
	for n := range crowdClients {
		clients.Go(func() {
			w := wish{
				key: domain.DeriveUUID("crowd", round, n).String(), client: p.clients[n%len(p.clients)], start: at,
			}
			<-ready
			for {
				got := p.send(s, w)
				if got.status != http.StatusServiceUnavailable {
					answers <- got.status
					return
				}
			}
		})
	}
	close(ready)
	clients.Wait()
	close(answers)
	counts := make(map[int]int)
	for status := range answers {
		counts[status]++
	}
	return counts
}

// TestACrowdGetsAsManyPlacesAsThereAre: 500 clients at once, seven places, everybody answered, seven booked.
func TestACrowdGetsAsManyPlacesAsThereAre(t *testing.T) {
	dir := t.TempDir()
	p := openPractice(t, installation.Home{Data: dir}, time.Now(), crowdPlaces, 100)
	s := serving(t, installation.Home{Data: dir})
	s.key = p.key
	want := map[int]int{http.StatusCreated: crowdPlaces, http.StatusConflict: crowdClients - crowdPlaces}
	if got := rush(s, p, 0); !maps.Equal(got, want) {
		t.Errorf("the answers were %v, not %v: %s", got, want, s.errs.String())
	}
	s.kill()
	h := byHand(t, installation.Home{Data: dir}, time.Now())
	defer h.close()
	h.settle(t.Context())
	booked, err := projections.Calendar{DB: h.Views}.Find(t.Context(), p.account, bookedOnly)
	if h.ok(err); len(booked) != crowdPlaces {
		t.Errorf("%d appointments stand for %d places", len(booked), crowdPlaces)
	}
}

// BenchmarkCrowd is the time until all 500 are answered.
func BenchmarkCrowd(b *testing.B) {
	dir := b.TempDir()
	p := openPractice(b, installation.Home{Data: dir}, time.Now(), crowdPlaces, 100)
	s := serving(b, installation.Home{Data: dir})
	s.key = p.key
	round := 0
	for b.Loop() {
		if got := rush(s, p, round); got[http.StatusCreated] != crowdPlaces {
			b.Fatalf("the answers were %v", got)
		}
		round++
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/crowd")
}
