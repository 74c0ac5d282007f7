package kurrentdb_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/domain"
)

// some makes n events of a type, with matching data and metadata.
func some(kind string, n int) []domain.Stored {
	events := make([]domain.Stored, n)
	for i := range events {
		events[i] = domain.Stored{
			ID: uuid.New(), Type: kind, Data: fmt.Appendf(nil, `{"n":%d}`, i), Meta: fmt.Appendf(nil, `{"of":%q}`, kind),
		}
	}
	return events
}

// nth selects every nth call of a kind, up to a number of calls.
func nth(n, most int, kind esdbtest.Kind) esdbtest.Selector {
	calls, injected := 0, 0
	return esdbtest.When(func(call esdbtest.Call) bool {
		if call.Kind != kind || injected == most {
			return false
		}
		if calls++; calls%n == 0 {
			injected++
			return true
		}
		return false
	})
}

// TestFailures runs writers, readers and subscribers while one kind of call sometimes fails in one way. Every
// acknowledged event must appear once, in its place, in everything that is read.
func TestFailures(t *testing.T) {
	const forever = time.Hour // until the client's deadline
	everywhere := map[string]func(*esdbtest.Server) esdbtest.Failure{
		"drop the request":   func(*esdbtest.Server) esdbtest.Failure { return esdbtest.DropRequest() },
		"drop the reply":     func(*esdbtest.Server) esdbtest.Failure { return esdbtest.DropReply() },
		"delay the request":  func(*esdbtest.Server) esdbtest.Failure { return esdbtest.Delay(forever) },
		"unavailable":        func(*esdbtest.Server) esdbtest.Failure { return esdbtest.Unavailable() },
		"another node leads": func(s *esdbtest.Server) esdbtest.Failure { return esdbtest.NotLeader("127.0.0.1", s.Port()) },
		"unreachable leader": func(*esdbtest.Server) esdbtest.Failure { return esdbtest.NotLeader("127.0.0.1", 1) },
	}
	ofAppends := map[string]func(*esdbtest.Server) esdbtest.Failure{
		"delay the reply":       func(*esdbtest.Server) esdbtest.Failure { return esdbtest.DelayReply(forever) },
		"duplicate":             func(*esdbtest.Server) esdbtest.Failure { return esdbtest.Duplicate() },
		"time out, written":     func(*esdbtest.Server) esdbtest.Failure { return esdbtest.TimeOut(true) },
		"time out, not written": func(*esdbtest.Server) esdbtest.Failure { return esdbtest.TimeOut(false) },
	}
	ofReads := map[string]func(*esdbtest.Server) esdbtest.Failure{
		"repeat":            func(*esdbtest.Server) esdbtest.Failure { return esdbtest.Repeat() },
		"break after one":   func(*esdbtest.Server) esdbtest.Failure { return esdbtest.BreakAfter(1) },
		"break after seven": func(*esdbtest.Server) esdbtest.Failure { return esdbtest.BreakAfter(7) },
		"cut after five":    func(*esdbtest.Server) esdbtest.Failure { return esdbtest.CutAfter(5) },
	}
	for kind, tables := range map[esdbtest.Kind][]map[string]func(*esdbtest.Server) esdbtest.Failure{
		esdbtest.Append:    {everywhere, ofAppends},
		esdbtest.Read:      {everywhere, ofReads},
		esdbtest.Subscribe: {everywhere, ofReads},
	} {
		for _, table := range tables {
			for name, failure := range table {
				if kind == esdbtest.Subscribe && (name == "delay the request" || name == "drop the reply") {
					continue // a subscription has no deadline and no reply
				}
				t.Run(string(kind)+"/"+name, func(t *testing.T) {
					if raceDetector && name == "unreachable leader" {
						t.Skip("the client closes the connection during its other calls, which is a data race in the client")
					}
					t.Parallel()
					server := esdbtest.Start(t, generous, esdbtest.WithStatsEvery(3))
					store := open(t, server.URL()+"&defaultDeadline=500")
					every := map[esdbtest.Kind]int{esdbtest.Append: 5, esdbtest.Read: 4, esdbtest.Subscribe: 1}[kind]
					server.Inject(failure(server), nth(every, 6, kind))
					runWorkload(t, store)
					if server.Injected() == 0 {
						t.Error("the failure never happened")
					}
				})
			}
		}
	}
}

// TestRestartsUnderLoad stops and starts the node several times.
func TestRestartsUnderLoad(t *testing.T) {
	server := esdbtest.Start(t, generous, esdbtest.WithStatsEvery(3))
	store := open(t, server.URL())
	due, appends := make(chan struct{}, 4), 0
	server.Inject(esdbtest.Failure{}, esdbtest.When(func(call esdbtest.Call) bool {
		if call.Kind == esdbtest.Append {
			if appends++; appends%10 == 0 && appends <= 10*cap(due) {
				due <- struct{}{}
			}
		}
		return false
	}))
	var restarting sync.WaitGroup
	restarting.Go(func() {
		for range cap(due) {
			<-due
			server.Stop()
			if err := server.Start(); err != nil {
				t.Error(err)
			}
		}
	})
	runWorkload(t, store)
	restarting.Wait()
	if store.ClientsCreated() < 2 {
		t.Error("no client was replaced")
	}
}
