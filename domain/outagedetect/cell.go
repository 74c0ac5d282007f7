package outagedetect

import (
	"math"
	"math/bits"
	"time"
)

const (
	blockLength = 30 * time.Second
	topAccounts = 4
	none        = -1
)

// cell is the state of one cell. It takes less than a kilobyte.
type cell struct {
	Cell
	parent   int32
	provider int32
	state    State
	told     State // what the signals said last
	crossed  bool  // S is at its threshold or above
	dirty    bool
	cause    Cause

	learned counts
	faded   int64   // when learned was faded last
	fresh   float64 // messages learned since the tables were computed
	tables  [alts]table
	sums    [alts]sum

	frozenUntil  int64 // messages submitted until then are not learned
	ignoreBefore int64 // messages submitted until then are not evidence
	changed      int64 // when the state changed
	change       int64 // the change point of a confirmed outage
	hold         int64
	clearedAt    int64
	widenUntil   int64 // a cell inside was confirmed a short time ago
	reverse      float64
	reverseBlock float64
	goodSince    int64 // reverse was 0
	against      int   // the alternative that the reversed statistic tests
	poll         poll

	recent recent
}

// poll is what is known from polls about a silent cell.
type poll struct {
	asked           int64 // when; 0: not asked
	delivered, open uint8
}

// sum is the statistic of one alternative.
type sum struct {
	s             float64
	quiet, failed float64 // of the block
	rest          float64 // the same statistic for the rest of the parent
	failNats      float64 // what failures contributed since the change point
	net           float64 // unclipped, since the change point
	since         int64   // the change point: s was 0
	messages      uint32
	failures      uint32
	silent        uint32
	accounts      distinct
	numbers       distinct
	top           [topAccounts]contribution
}

// distinct counts different hashes: exactly up to three, by a bitmap above (Whang et al., linear counting, 1990).
type distinct struct {
	first [3]uint32
	seen  uint8
	bits  uint64
}

func (d *distinct) add(hash uint32) {
	d.bits |= 1 << (hash % 64)
	for i := range d.seen {
		if d.first[i] == hash {
			return
		}
	}
	if int(d.seen) < len(d.first) {
		d.first[d.seen] = hash
		d.seen++
	}
}

func (d *distinct) count() int {
	if int(d.seen) < len(d.first) {
		return int(d.seen)
	}
	return max(int(d.seen), linearCount(bits.OnesCount64(d.bits)))
}

// linearCount estimates how many different hashes set so many bits of 64.
func linearCount(set int) int {
	return int(math.Round(-64 * math.Log(max(float64(64-set), 0.5)/64)))
}

// contribution is what one account contributed.
type contribution struct {
	account uint32
	nats    float32
}

// attribute adds a message's step to its account. Of many accounts, those with the most are kept, and may be
// overrated (Metwally et al., space saving, 2005).
func (s *sum) attribute(account uint32, nats float64) {
	s.net += nats
	least := 0
	for i := range s.top {
		if s.top[i].account == account && s.top[i].nats != 0 {
			s.top[i].nats = max(s.top[i].nats+float32(nats), 0)
			return
		}
		if s.top[i].nats < s.top[least].nats {
			least = i
		}
	}
	if nats > 0 {
		s.top[least] = contribution{account, s.top[least].nats + float32(nats)}
	}
}

// others returns the evidence without the account that has the most.
func (s *sum) others() float64 {
	most := float32(0)
	for _, c := range s.top {
		most = max(most, c.nats)
	}
	return s.net - float64(most)
}

// restart forgets the evidence: s is 0 at that time.
func (s *sum) restart(at int64) { *s = sum{since: at} }

// close adds the block to the statistic.
func (s *sum) close(p *Params, start, end int64) {
	if s.s == 0 && s.since < start {
		s.since = start
	}
	failed := min(s.failed, p.ClipFail)
	s.failNats += failed
	s.s += min(s.quiet, p.ClipQuiet) + failed
	s.quiet, s.failed = 0, 0
	if s.s <= 0 {
		s.restart(end)
	}
}

// closeRest adds the block of the rest of the parent.
func (s *sum) closeRest(p *Params, parent *sum) {
	s.rest += min(parent.quiet-s.quiet, p.ClipQuiet) + min(parent.failed-s.failed, p.ClipFail)
	s.rest = max(s.rest, p.RestFloor)
}

// lead returns the largest of the three sums.
func (c *cell) lead() *sum { return &c.sums[c.leading()] }

// leading returns the index of the largest of the three sums.
func (c *cell) leading() int {
	most := 0
	for j := 1; j < alts; j++ {
		if c.sums[j].s > c.sums[most].s {
			most = j
		}
	}
	return most
}

// leadRest returns the statistic of the rest of the parent, for the alternative that leads.
func (c *cell) leadRest() float64 { return c.lead().rest }

func (c *cell) evidence() Evidence {
	s := c.lead()
	return Evidence{
		Messages: int(s.messages), Failed: int(s.failures), Silent: int(s.silent),
		Accounts: s.accounts.count(), Numbers: s.numbers.count(), FailureShare: s.failureShare(),
	}
}

func (s *sum) failureShare() float64 {
	if s.s <= 0 {
		return 0
	}
	return min(max(s.failNats/s.s, 0), 1)
}
