package kurrentdb_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/adapters/storetest/storebench"
	"github.com/clickbook/clickbook/domain"
)

// The benchmarks compare the store with the bare client on the same node in the same run. The node runs in this
// process and keeps its log in memory, so they measure the cost of the store, not of a database.
//
//	go test -run=- -bench=. -benchtime=5x ./adapters/kurrentdb

const (
	benchData = `{"appointment":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","client":"6ba7b811-9dad-11d1-80b4-00c04fd430c8",` +
		`"visit":{"begins":"2026-11-25T09:00:00","ends":"2026-11-25T09:45:00","zone":"Europe/Lisbon","location":"main",` +
		`"legs":[{"resource":"6ba7b812-9dad-11d1-80b4-00c04fd430c8","units":1}]},"price_micro":45000000,"note":"7d1f"}`
	benchMeta = `{"at":"2026-11-20T12:31:07.123456Z","cause":"6ba7b813-9dad-11d1-80b4-00c04fd430c8","by":"staff"}`
)

func benchEvents(n int) []domain.Stored {
	events := make([]domain.Stored, n)
	for i := range events {
		events[i] = domain.Stored{ID: uuid.New(), Type: "Booked", Data: []byte(benchData), Meta: []byte(benchMeta)}
	}
	return events
}

// appendStreams lets several callers append to streams of five events, one event at a time.
func appendStreams(b *testing.B, callers, rounds int, appendOne func(stream string, expected int64) error) {
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for range rounds {
				stream := "appointment-" + uuid.NewString()
				for expected := range int64(5) {
					if err := appendOne(stream, expected-1); err != nil {
						b.Error(err)
						return
					}
				}
			}
		})
	}
	group.Wait()
}

func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			server := esdbtest.Start(b, generous)
			store, client := open(b, server.URL()), bare(b, server.URL())
			defer client.Close()
			rounds := 1280 / callers
			var sides storebench.Sides
			for b.Loop() {
				sides.Round(callers*rounds*5, func() {
					appendStreams(b, callers, rounds, func(stream string, expected int64) error {
						_, err := store.Append(b.Context(), domain.Stream(stream), domain.Revision(expected), benchEvents(1))
						return err
					})
				}, func() {
					appendStreams(b, callers, rounds, func(stream string, expected int64) error {
						options := esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}
						if expected >= 0 {
							options.ExpectedRevision = esdb.Revision(uint64(expected))
						}
						_, err := client.AppendToStream(b.Context(), stream, options, esdb.EventData{
							EventID: uuid.New(), EventType: "Booked", ContentType: esdb.ContentTypeJson,
							Data: []byte(benchData), Metadata: []byte(benchMeta),
						})
						return err
					})
				})
			}
			sides.Report(b)
		})
	}
}

// BenchmarkRead reads the whole log: unfiltered, by a filter that matches everything, and by a subscription.
func BenchmarkRead(b *testing.B) {
	const events = 20_000
	server := esdbtest.Start(b, generous)
	store, client := open(b, server.URL()), bare(b, server.URL())
	defer client.Close()
	for i := range events / 100 {
		stream := domain.Stream(fmt.Sprintf("appointment-%d", i))
		if _, err := store.Append(b.Context(), stream, domain.NoStream, benchEvents(100)); err != nil {
			b.Fatal(err)
		}
	}
	count := func(filter domain.Filter) (n int, err error) {
		for _, err := range store.ReadAll(b.Context(), domain.Position{}, filter) {
			if err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	}
	enough := errors.New("enough")
	for name, read := range map[string]func() (int, error){
		"whole":    func() (int, error) { return count(domain.Filter{}) },
		"filtered": func() (int, error) { return count(domain.Filter{Prefixes: []string{"appointment-"}}) },
		"followed": func() (n int, err error) {
			err = store.Subscribe(b.Context(), domain.Position{}, domain.Filter{}, func(_ context.Context, batch []domain.Entry) error {
				if n += len(batch); n >= events {
					return enough
				}
				return nil
			})
			if errors.Is(err, enough) {
				err = nil
			}
			return n, err
		},
	} {
		b.Run(name, func(b *testing.B) {
			var sides storebench.Sides
			for b.Loop() {
				sides.Round(events, func() {
					if n, err := read(); err != nil || n != events {
						b.Fatalf("%d events, %v", n, err)
					}
				}, func() {
					if err := readBare(b, client); err != nil {
						b.Fatal(err)
					}
				})
			}
			sides.Report(b)
		})
	}
}

func readBare(b *testing.B, client *esdb.Client) error {
	stream, err := client.ReadAll(b.Context(), esdb.ReadAllOptions{}, 1<<62)
	if err != nil {
		return err
	}
	defer stream.Close()
	for {
		if _, err := stream.Recv(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// BenchmarkReadStream reads streams of ten events, as every command does.
func BenchmarkReadStream(b *testing.B) {
	server := esdbtest.Start(b, generous)
	store, client := open(b, server.URL()), bare(b, server.URL())
	defer client.Close()
	if _, err := store.Append(b.Context(), "appointment-1", domain.NoStream, benchEvents(10)); err != nil {
		b.Fatal(err)
	}
	const loads = 500
	var sides storebench.Sides
	for b.Loop() {
		sides.Round(10*loads, func() {
			for range loads {
				for _, err := range store.ReadStream(b.Context(), "appointment-1", 0) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		}, func() {
			for range loads {
				stream, err := client.ReadStream(b.Context(), "appointment-1", esdb.ReadStreamOptions{}, 1<<62)
				for err == nil {
					_, err = stream.Recv()
				}
				if !errors.Is(err, io.EOF) {
					b.Fatal(err)
				}
				stream.Close()
			}
		})
	}
	sides.Report(b)
}
