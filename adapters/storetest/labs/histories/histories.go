// Package histories checks the consistency of a store from outside. Concurrent clients record every call and its
// result, and porcupine looks for a sequential order of the calls that explains all results, with each call between
// its start and its return. If there is none, the store has broken its contract.
//
// There are two games: appends, retries and reads of a few streams (domain.Appender, domain.StreamReader), and holds
// and releases of diaries by the real commands on independent engines. A lost result leaves open whether the call was
// carried out, or will be later. The package does not look behind the port, and a check that runs out of time is a
// failure.
package histories

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
)

const (
	clients  = 8
	patience = 10 * time.Second // how long a client waits for one call
	// checkTime limits the check of one history, which takes some milliseconds if it passes.
	checkTime = 30 * time.Second
)

// Option configures a run.
type Option func(*settings)

type settings struct {
	lossy bool
	calls int // per client in a history of streams
	holds int // per client in a history of diaries
	part  int // one in so many histories is run
}

// Lossy loses calls before they arrive and results on their way back, and delays calls: for stores without a network,
// and for others too.
func Lossy() Option { return func(s *settings) { s.lossy = true } }

// Calls sets how many calls each client makes in a history. The default is 200 on streams and 200 commands on
// diaries.
func Calls(n int) Option { return func(s *settings) { s.calls, s.holds = n, n } }

// OneIn runs one in n of the histories, for slow networks.
func OneIn(n int) Option { return func(s *settings) { s.part = n } }

// Run runs CLICKBOOK_HISTORIES histories of each game, 20 if the variable is not set. open returns the store of a
// client: the same for all, or one of several that share a log.
func Run(t *testing.T, open func(t *testing.T, client int) domain.EventStore, options ...Option) {
	stores := make([]domain.EventStore, clients)
	for i := range stores {
		stores[i] = open(t, i)
	}
	s := settings{calls: 200, holds: 200, part: 1}
	for _, option := range options {
		option(&s)
	}
	n := (count(t) + s.part - 1) / s.part
	t.Run("streams", func(t *testing.T) { s.play(t, n, stores, streamHistory) })
	t.Run("diaries", func(t *testing.T) { s.play(t, n, stores, diaryHistory) })
}

// game runs one history and returns what is wrong with it.
type game func(s settings, seed uint64, stores []domain.EventStore) (report, error)

func (s settings) play(t *testing.T, n int, stores []domain.EventStore, play game) {
	var all report
	for seed := range uint64(n) {
		one, err := play(s, seed, stores)
		if err != nil {
			t.Fatalf("history %d of %d: %v", seed, n, err)
		}
		all.add(one)
	}
	t.Logf("%d histories: %s", n, all)
	if idle := all.idle(s); idle != "" {
		t.Errorf("no history has a %s: they test nothing", idle)
	}
}

func count(t *testing.T) int {
	text := os.Getenv("CLICKBOOK_HISTORIES")
	if text == "" {
		return 20
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("invalid CLICKBOOK_HISTORIES %q: write a number of histories", text)
	}
	return n
}
