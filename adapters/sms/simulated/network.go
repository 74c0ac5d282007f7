// Package simulated simulates SMS providers. They accept, delay, deliver and fail texts at given rates, are banned
// from countries for a time, and send receipts that are late, doubled or contradictory. The outcome of a text depends
// only on the seed, the provider and the text's reference, so a simulation can be repeated.
package simulated

import (
	"container/heap"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
)

// Rates are the probabilities of what happens to a text, as shares of all texts.
type Rates struct {
	Transient    float64 // refused for now
	BadNumber    float64 // refused permanently
	Silent       float64 // accepted, without a receipt
	Undelivered  float64 // accepted, reported undelivered
	Expired      float64 // accepted, reported expired
	Doubled      float64 // the receipt is repeated
	Contradicted float64 // another final receipt with another state follows
	BanSilent    float64 // of the texts during a ban, without a receipt; the rest are reported undelivered
}

// DefaultRates are those of an ordinary month, within the ranges of docs/messaging.md.
var DefaultRates = Rates{
	Transient: 0.004, BadNumber: 0.012, Silent: 0.015, Undelivered: 0.02, Expired: 0.008,
	Doubled: 0.02, Contradicted: 0.004, BanSilent: 0.7,
}

// Ban prevents the delivery of a provider's texts to a country from From until To; a zero To means without end.
type Ban struct {
	Provider string
	Country  string // ISO 3166-1 alpha-2; empty means every country
	Network  string // MCC-MNC; empty means every network. It needs World.Networks
	From, To time.Time
	Share    float64 // of the texts that are affected; 0 means all of them
	Receipts bool    // only the receipts are lost: the texts arrive
	Silent   float64 // of the affected texts, without a receipt; 0 means Rates.BanSilent
}

// World is what a network can know of numbers, and who watches it.
type World struct {
	// Networks are those of each country, MCC-MNC. With them, receipts say the network of a number and the fault of a
	// failure, and Status says whether a text has arrived.
	Networks map[string][]string
	// Off are the numbers whose handsets are off: texts to them do not arrive, whatever the provider.
	Off map[string]bool
	// Sent is called for each accepted text, with whether it arrives. It must not call the network.
	Sent func(provider string, text messaging.Text, at time.Time, arrives bool)
}

// Network holds what the simulated providers share: the clock, the bans and the receipts that are not due yet.
type Network struct {
	seed    uint64
	rates   Rates
	world   World
	now     func() time.Time
	started time.Time

	mu      sync.Mutex // guards the fields below
	bans    []Ban
	sent    map[string]messaging.Standing // by reference, until the last receipt is due; for ever in a World
	pending receiptHeap
	wake    chan struct{} // a receipt may now be due earlier
}

// NewNetwork returns a network with the given bans. The clock may be virtual.
func NewNetwork(seed uint64, rates Rates, now func() time.Time, bans ...Ban) *Network {
	return &Network{
		seed: seed, rates: rates, bans: bans, now: now, started: now(),
		sent: make(map[string]messaging.Standing), wake: make(chan struct{}, 1),
	}
}

// Ban replaces all bans. Without any, every ban is lifted. Texts that were accepted before keep their outcome.
func (n *Network) Ban(bans ...Ban) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.bans = bans
}

// In puts the network into a world. It returns the network.
func (n *Network) In(world World) *Network {
	n.world = world
	return n
}

// ban returns the ban of a text, if there is one. It draws a random number only for bans of a share.
func (n *Network) ban(random *rand.Rand, provider, country, network string, at time.Time) (Ban, bool) {
	for _, ban := range n.bans {
		if ban.Provider == provider && (ban.Country == "" || ban.Country == country) &&
			(ban.Network == "" || ban.Network == network) && !at.Before(ban.From) && (ban.To.IsZero() || at.Before(ban.To)) {
			return ban, ban.Share == 0 || random.Float64() < ban.Share
		}
	}
	return Ban{}, false
}

// networkOf returns the network of a number, "" outside a world.
func (n *Network) networkOf(number, country string) string {
	networks := n.world.Networks[country]
	if len(networks) == 0 {
		return ""
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(number))
	return networks[hash.Sum64()%uint64(len(networks))]
}

// random returns the random numbers of a text, which do not depend on other texts.
func (n *Network) random(provider, reference string) *rand.Rand {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(provider + "\x00" + reference))
	return rand.New(rand.NewPCG(n.seed, hash.Sum64()))
}

// Next returns the time at which the next receipt is due, and false if there is none.
func (n *Network) Next() (time.Time, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.pending) == 0 {
		return time.Time{}, false
	}
	return n.pending[0].due, true
}

// Due removes and returns the receipts that are due by now, in order of their due time.
func (n *Network) Due(now time.Time) []messaging.Receipt {
	n.mu.Lock()
	defer n.mu.Unlock()
	var due []messaging.Receipt
	for len(n.pending) > 0 && !n.pending[0].due.After(now) {
		next := heap.Pop(&n.pending).(pendingReceipt)
		due = append(due, next.Receipt)
		if next.last && n.world.Networks == nil {
			delete(n.sent, next.Reference)
		}
	}
	return due
}

type pendingReceipt struct {
	messaging.Receipt
	due  time.Time
	last bool
}

// receiptHeap is a heap of receipts by due time, then by reference and state, so that its order is determined.
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
