package simulated

import (
	"container/heap"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
)

// Provider is one simulated SMS provider; it is a commands.Carrier.
type Provider struct {
	name    string
	network *Network
}

// Provider opens the network under a provider's name.
func (n *Network) Provider(name string) *Provider { return &Provider{name: name, network: n} }

// Send decides the text's whole fate at once and keeps its receipts for later.
func (p *Provider) Send(_ context.Context, text messaging.Text) (messaging.Accepted, error) {
	n := p.network
	now := n.now()
	dice := n.dice(p.name, text.Reference)
	switch roll := dice.Float64(); {
	case roll < n.rates.Transient:
		return messaging.Accepted{}, &messaging.NotAccepted{Class: "transient", Code: "queue_full"}
	case roll < n.rates.Transient+n.rates.BadNumber:
		return messaging.Accepted{}, &messaging.NotAccepted{Class: "permanent", Code: "bad_number"}
	}
	accepted := messaging.Accepted{
		ProviderID: fmt.Sprintf("%s-%016x", p.name, dice.Uint64()),
		At:         now.Add(time.Duration(20+dice.IntN(400)) * time.Millisecond),
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	receipts := n.fate(dice, p.name, text, accepted.At)
	for i, receipt := range receipts {
		receipt.last = i == len(receipts)-1
		heap.Push(&n.pending, receipt)
	}
	if len(receipts) > 0 {
		n.taken[text.Reference] = accepted
	}
	select {
	case n.wake <- struct{}{}:
	default:
	}
	return accepted, nil
}

// Status knows the texts whose receipts are still to come. Of older ones, and of those from before the
// network began, it cannot tell.
func (p *Provider) Status(_ context.Context, reference string, attempted time.Time) (messaging.Accepted, error) {
	n := p.network
	n.mu.Lock()
	defer n.mu.Unlock()
	if accepted, ok := n.taken[reference]; ok {
		return accepted, nil
	}
	if attempted.Before(n.started) {
		return messaging.Accepted{}, messaging.ErrCannotTell
	}
	return messaging.Accepted{}, &messaging.NotAccepted{Class: "transient", Code: "never_seen"}
}

// fate is every receipt a text will have, in the order in which they are due.
func (n *Network) fate(dice *rand.Rand, provider string, text messaging.Text, sent time.Time) []pendingReceipt {
	state, code := "delivered", ""
	switch roll := dice.Float64(); {
	case n.banned(provider, text.Country, sent):
		if dice.Float64() < n.rates.BanSilent {
			return nil
		}
		state, code = "undelivered", "carrier_blocked"
	case roll < n.rates.Silent:
		return nil
	case roll < n.rates.Silent+n.rates.Undelivered:
		state, code = "undelivered", "handset"
	case roll < n.rates.Silent+n.rates.Undelivered+n.rates.Expired:
		state, code = "expired", "validity"
	}
	at := sent.Add(latency(dice))
	if state == "expired" && text.ValidUntil.After(sent) {
		at = text.ValidUntil
	}
	first := pendingReceipt{Receipt: messaging.Receipt{Reference: text.Reference, State: state, Code: code, At: at}}
	first.due = at.Add(time.Duration(dice.IntN(2000)) * time.Millisecond)
	receipts := []pendingReceipt{first}
	if dice.Float64() < n.rates.Doubled {
		again := first
		again.due = first.due.Add(time.Duration(1+dice.IntN(600)) * time.Second)
		receipts = append(receipts, again)
	}
	if dice.Float64() < n.rates.Contradicted {
		other := first
		other.State, other.Code = contrary(state), "late_word"
		other.At = first.At.Add(time.Duration(1+dice.IntN(120)) * time.Minute)
		other.due = other.At
		receipts = append(receipts, other)
	}
	return receipts
}

func contrary(state string) string {
	if state == "delivered" {
		return "undelivered"
	}
	return "delivered"
}

// latency of a receipt: 80 % within seconds, 16 % within minutes, 4 % within hours.
func latency(dice *rand.Rand) time.Duration {
	mean := 2 * time.Hour
	switch roll := dice.Float64(); {
	case roll < 0.80:
		mean = 8 * time.Second
	case roll < 0.96:
		mean = 80 * time.Second
	}
	return time.Duration(-math.Log(1-dice.Float64()) * float64(mean)).Truncate(time.Millisecond)
}
