// Package histories examines a store from outside: clients call it at the same time, what each asked and was told is
// written down, and porcupine looks for an order in which one caller alone could have been told the same, each call
// somewhere between its beginning and its answer. Where there is no such order the store has broken its word.
//
// It plays two games: appends, retries and reads of a few streams (domain.Appender, domain.StreamReader), and holds
// and releases of diaries by the real commands on engines that know nothing of each other. An answer that was lost
// leaves open whether the call was carried out, or will be later. It refuses to look behind the port, and to take a
// check that ran out of time for one that passed.
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
	patience = 10 * time.Second // that a client has with one call
	// thinking bounds the check of one history, which takes some milliseconds when it passes.
	thinking = 30 * time.Second
)

// Option tunes a run.
type Option func(*settings)

type settings struct {
	lossy bool
	calls int // of each client in a history of streams
	holds int // of each client in a history of diaries
	part  int // one in so many histories is played
}

// Lossy loses calls before they arrive and answers on their way back, and lets calls arrive late: for stores that
// no network does that to, and for others too.
func Lossy() Option { return func(s *settings) { s.lossy = true } }

// Calls sets how much each client does in a history: 200 calls on streams and as many commands on diaries, when it
// is not given.
func Calls(n int) Option { return func(s *settings) { s.calls, s.holds = n, n } }

// OneIn plays one in n of the histories, for networks that take their time.
func OneIn(n int) Option { return func(s *settings) { s.part = n } }

// Run plays CLICKBOOK_HISTORIES histories of each game: 300 in CI and 20 elsewhere, when the variable is not set.
// open gives the store that a client calls: the same for all, or one of several that share a log.
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

// game plays one history and answers what is wrong with it.
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
		t.Errorf("in all the histories there was no %s: they examine nothing", idle)
	}
}

func count(t *testing.T) int {
	text := os.Getenv("CLICKBOOK_HISTORIES")
	switch {
	case text != "":
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("CLICKBOOK_HISTORIES is a number of histories, not %q", text)
		}
		return n
	case os.Getenv("CI") != "" && !testing.Short():
		return 300
	}
	return 20
}
