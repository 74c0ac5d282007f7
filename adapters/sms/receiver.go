package sms

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/provider"
)

// Receiver takes what providers send us, by HTTP or over a connection, and records it.
type Receiver struct {
	*Registry
	Engine *commands.Engine
	// Inbound takes the texts that people send to our senders.
	Inbound func(context.Context, messaging.Inbound) error
	Log     *slog.Logger // nil means none

	mu      sync.Mutex // guards the fields below
	counts  map[string]Counts
	checks  checks
	handled map[string]*Handled // by provider
}

// Counts are the calls of a provider since the server started.
type Counts struct {
	Receipts  int64 // that were read
	Inbound   int64 // texts that people sent us
	Unmatched int64 // those of them from numbers that we have sent no text to
	Unknown   int64 // receipts of texts that this provider never got from us
	Forged    int64 // calls that did not prove to be the provider's, or were repeated after their time
	Malformed int64
}

// Call verifies the call of a provider and records what it says. It returns ErrForged, ErrMalformed, the refusal
// provider.ErrUnknown if there is no such provider or it does not call us, or a fault: then the provider should call
// again.
func (r *Receiver) Call(ctx context.Context, name string, call Call) error {
	known, _, err := commands.Load(ctx, r.Engine, provider.Decider, provider.Stream(name))
	if err != nil {
		return err
	}
	called, ok := r.Find(name, known).(CalledBack)
	if !ok {
		return provider.ErrUnknown
	}
	said, err := called.Callback(call)
	switch {
	case errors.Is(err, ErrForged):
		r.count(name, Counts{Forged: 1})
	case err != nil:
		r.count(name, Counts{Malformed: 1})
	default:
		_, err = r.remembered(name).Do(said, func() error { return r.Record(ctx, name, said) })
	}
	return err
}

// rememberedCalls is how many handled calls are remembered for each provider, to drop those that are repeated.
const rememberedCalls = 20_000

func (r *Receiver) remembered(name string) *Handled {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.handled == nil {
		r.handled = make(map[string]*Handled)
	}
	if r.handled[name] == nil {
		r.handled[name] = NewHandled(rememberedCalls)
	}
	return r.handled[name]
}

// Record records what a provider said. It acts as the provider, which can report on its own attempts only.
func (r *Receiver) Record(ctx context.Context, name string, said Callback) error {
	for _, receipt := range said.Receipts {
		receipt.Provider = name
		if err := r.receive(ctx, receipt); err != nil {
			return err
		}
	}
	for _, inbound := range said.Inbound {
		inbound.Provider = name
		r.count(name, Counts{Inbound: 1})
		err := r.Inbound(ctx, inbound)
		if errors.Is(err, messaging.ErrUnmatched) { // to send it again would not help
			r.count(name, Counts{Unmatched: 1})
			if r.Log != nil {
				r.Log.Warn("a text came from a number that was sent none", "provider", name, "inbound", inbound.ID,
					"from", LastDigits(inbound.From))
			}
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// receive records a receipt. One of a text that the provider never got from us is counted and dropped: the provider
// cannot correct it, and many of them mean that somebody forges receipts or that we read the provider's ids wrongly.
func (r *Receiver) receive(ctx context.Context, receipt messaging.Receipt) error {
	if r.noteReceipt(receipt) {
		return nil
	}
	_, err := messaging.Receive(ctx, r.Engine, receipt)
	refusal, refused := domain.AsRefusal(err)
	switch {
	case refused && refusal.Reason == domain.Unknown:
		r.count(receipt.Provider, Counts{Receipts: 1, Unknown: 1})
	case err == nil || refused:
		r.count(receipt.Provider, Counts{Receipts: 1})
	default:
		return err
	}
	if refused && r.Log != nil {
		r.Log.Warn("a receipt was refused", "provider", receipt.Provider, "code", refusal.Code)
	}
	return nil
}

func (r *Receiver) count(name string, more Counts) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = make(map[string]Counts)
	}
	now := r.counts[name]
	r.counts[name] = Counts{
		Receipts: now.Receipts + more.Receipts, Inbound: now.Inbound + more.Inbound, Unknown: now.Unknown + more.Unknown,
		Forged: now.Forged + more.Forged, Malformed: now.Malformed + more.Malformed,
		Unmatched: now.Unmatched + more.Unmatched,
	}
}

// Counts returns what a provider has sent since the server started.
func (r *Receiver) Counts(name string) Counts {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts[name]
}
