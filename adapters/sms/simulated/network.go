// Package simulated is an SMS world to practise with: carriers that accept, delay, deliver and fail at known
// rates, bans that begin and end, receipts that come late, twice, or contradict themselves. It refuses chance:
// what becomes of a text follows from the seed and the text's reference alone, whatever else is sent.
package simulated

import (
	"container/heap"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
)

// Rates are probabilities of what carriers do with a text, each of all texts handed over.
type Rates struct {
	Transient    float64 // refused for now
	BadNumber    float64 // refused for ever
	Silent       float64 // accepted, never heard of again
	Undelivered  float64 // accepted, reported undelivered
	Expired      float64 // accepted, reported expired
	Doubled      float64 // a receipt comes twice
	Contradicted float64 // a second, different final receipt follows
	BanSilent    float64 // of the texts under a ban: no word; the rest are reported undelivered
}

// DefaultRates resemble an ordinary month, by the ranges of docs/messaging.md.
var DefaultRates = Rates{
	Transient: 0.004, BadNumber: 0.012, Silent: 0.015, Undelivered: 0.02, Expired: 0.008,
	Doubled: 0.02, Contradicted: 0.004, BanSilent: 0.7,
}

// Ban makes a provider's texts to a country vanish from From until To.
type Ban struct {
	Provider string
	Country  string // ISO 3166-1 alpha-2; empty means every country
	From, To time.Time
}

// Network is the world behind every simulated provider.
type Network struct {
	mu      sync.Mutex
	seed    uint64
	rates   Rates
	bans    []Ban
	now     func() time.Time
	started time.Time
	taken   map[string]messaging.Accepted // by reference, until its last receipt is out
	pending receiptHeap
	wake    chan struct{} // a receipt may be due earlier than before
}

// NewNetwork makes a world. The clock may be virtual.
func NewNetwork(seed uint64, rates Rates, now func() time.Time, bans ...Ban) *Network {
	return &Network{
		seed: seed, rates: rates, bans: bans, now: now, started: now(),
		taken: make(map[string]messaging.Accepted), wake: make(chan struct{}, 1),
	}
}

// Ban adds a ban, as an operator of the world would.
func (n *Network) Ban(ban Ban) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.bans = append(n.bans, ban)
}

func (n *Network) banned(provider, country string, at time.Time) bool {
	for _, ban := range n.bans {
		if ban.Provider == provider && (ban.Country == "" || ban.Country == country) &&
			!at.Before(ban.From) && at.Before(ban.To) {
			return true
		}
	}
	return false
}

// dice are the same for the same reference, in whatever order texts are sent.
func (n *Network) dice(provider, reference string) *rand.Rand {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(provider + "\x00" + reference))
	return rand.New(rand.NewPCG(n.seed, hash.Sum64())) //nolint:gosec // a simulation wants to be predictable
}

// Next is when the next receipt is due.
func (n *Network) Next() (time.Time, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.pending) == 0 {
		return time.Time{}, false
	}
	return n.pending[0].due, true
}

// Due takes out the receipts that are due by now, soonest first.
func (n *Network) Due(now time.Time) []messaging.Receipt {
	n.mu.Lock()
	defer n.mu.Unlock()
	var due []messaging.Receipt
	for len(n.pending) > 0 && !n.pending[0].due.After(now) {
		next := heap.Pop(&n.pending).(pendingReceipt)
		due = append(due, next.Receipt)
		if next.last {
			delete(n.taken, next.Reference)
		}
	}
	return due
}

type pendingReceipt struct {
	messaging.Receipt
	due  time.Time
	last bool
}

// receiptHeap orders by due time, then by reference and state so that equal times keep one order.
type receiptHeap []pendingReceipt

func (h receiptHeap) Len() int { return len(h) }
func (h receiptHeap) Less(i, j int) bool {
	if !h[i].due.Equal(h[j].due) {
		return h[i].due.Before(h[j].due)
	}
	if h[i].Reference != h[j].Reference {
		return h[i].Reference < h[j].Reference
	}
	return h[i].State < h[j].State
}
func (h receiptHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *receiptHeap) Push(x any)   { *h = append(*h, x.(pendingReceipt)) }
func (h *receiptHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
