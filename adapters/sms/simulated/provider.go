package simulated

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

// Provider is a simulated SMS provider. The dispatcher calls it as it would call a real one.
type Provider struct {
	name    string
	network *Network
}

// Provider returns the provider of a name. Any name exists.
func (n *Network) Provider(name string) *Provider { return &Provider{name: name, network: n} }

// Send decides at once what happens to a text and stores its receipts until they are due.
func (p *Provider) Send(_ context.Context, text messaging.Text) (messaging.Accepted, error) {
	n := p.network
	now := n.now()
	random := n.random(p.name, text.Reference)
	switch roll := random.Float64(); {
	case roll < n.rates.Transient:
		return messaging.Accepted{}, &messaging.NotAccepted{Class: "transient", Code: "queue_full"}
	case roll < n.rates.Transient+n.rates.BadNumber:
		return messaging.Accepted{}, &messaging.NotAccepted{Class: "permanent", Code: "bad_number"}
	}
	accepted := messaging.Accepted{
		ProviderID: fmt.Sprintf("%s-%016x", p.name, random.Uint64()),
		At:         now.Add(time.Duration(20+random.IntN(400)) * time.Millisecond),
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	receipts, arrives := n.receipts(random, p.name, text, accepted.At)
	if n.world.Sent != nil {
		n.world.Sent(p.name, text, accepted.At, arrives)
	}
	standing := messaging.Standing{Accepted: accepted}
	if n.world.Networks != nil && arrives {
		standing.Receipt = messaging.Receipt{Reference: text.Reference, State: "delivered", At: accepted.At.Add(arrival)}
	}
	for i, receipt := range receipts {
		receipt.last = i == len(receipts)-1
		heap.Push(&n.pending, receipt)
	}
	if len(receipts) > 0 || n.world.Networks != nil {
		n.sent[text.Reference] = standing
	}
	select {
	case n.wake <- struct{}{}:
	default:
	}
	return accepted, nil
}

// Status returns the acceptance of a text whose receipts are not all due yet. For an attempt from before the network
// started the outcome is unknown; any other reference was never accepted.
func (p *Provider) Status(_ context.Context, inquiry messaging.Inquiry) (messaging.Standing, error) {
	n := p.network
	n.mu.Lock()
	defer n.mu.Unlock()
	if standing, ok := n.sent[inquiry.Reference]; ok {
		if n.now().Before(standing.Receipt.At) { // it is on its way
			standing.Receipt = messaging.Receipt{}
		}
		return standing, nil
	}
	if inquiry.Attempted.Before(n.started) {
		return messaging.Standing{}, messaging.ErrCannotTell
	}
	return messaging.Standing{}, &messaging.NotAccepted{Class: "transient", Code: "never_seen"}
}

// arrival is how long a text takes in a world, as Status says it.
const arrival = 10 * time.Second

// receipts returns all receipts of a text, in the order in which they are due, and whether the text arrives.
func (n *Network) receipts(
	random *rand.Rand, provider string, text messaging.Text, sent time.Time,
) (receipts []pendingReceipt, arrives bool) {
	state, code, fault := "delivered", "", message.Fault("")
	network := n.networkOf(text.To, text.Country)
	roll := random.Float64()
	ban, banned := n.ban(random, provider, text.Country, network, sent)
	switch {
	case banned && ban.Receipts:
		return nil, true
	case banned:
		if random.Float64() < cmp.Or(ban.Silent, n.rates.BanSilent) {
			return nil, false
		}
		state, code, fault = "undelivered", "carrier_blocked", message.FaultCarrier
	case n.world.Off[text.To]:
		state, code, fault = "undelivered", "handset", message.FaultHandset
	case roll < n.rates.Silent:
		return nil, false
	case roll < n.rates.Silent+n.rates.Undelivered:
		state, code, fault = "undelivered", "handset", message.FaultHandset
	case roll < n.rates.Silent+n.rates.Undelivered+n.rates.Expired:
		state, code = "expired", "validity"
	}
	at := sent.Add(latency(random))
	if state == "expired" && text.ValidUntil.After(sent) {
		at = text.ValidUntil
	}
	first := pendingReceipt{Receipt: messaging.Receipt{Reference: text.Reference, State: state, Code: code, At: at}}
	if n.world.Networks != nil {
		first.Fault, first.Network = fault, network
	}
	first.due = at.Add(time.Duration(random.IntN(2000)) * time.Millisecond)
	receipts = []pendingReceipt{first}
	if random.Float64() < n.rates.Doubled {
		again := first
		again.due = first.due.Add(time.Duration(1+random.IntN(600)) * time.Second)
		receipts = append(receipts, again)
	}
	if random.Float64() < n.rates.Contradicted {
		other := first
		other.State, other.Code = opposite(state), "late_word"
		other.At = first.At.Add(time.Duration(1+random.IntN(120)) * time.Minute)
		other.due = other.At
		receipts = append(receipts, other)
	}
	return receipts, state == "delivered"
}

func opposite(state string) string {
	if state == "delivered" {
		return "undelivered"
	}
	return "delivered"
}

// latency returns the delay of a receipt: seconds for 80 %, minutes for 16 %, hours for 4 %.
func latency(random *rand.Rand) time.Duration {
	mean := 2 * time.Hour
	switch roll := random.Float64(); {
	case roll < 0.80:
		mean = 8 * time.Second
	case roll < 0.96:
		mean = 80 * time.Second
	}
	return time.Duration(-math.Log(1-random.Float64()) * float64(mean)).Truncate(time.Millisecond)
}
