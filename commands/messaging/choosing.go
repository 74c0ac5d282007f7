package messaging

import (
	"context"
	"encoding/binary"
	"sync"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
)

// choice is the provider of the next attempt at a text. Provider is nil if there is none.
type choice struct {
	Provider
	name   string
	sender string // "" for the provider's own setting
}

// choose returns the provider of the next attempt: the first of the route that is enabled and did not refuse the text.
// A provider that asked for a slower pace or whose handset was off keeps the text: another one would not change that.
// One with internal trouble is asked again once, and then after all others.
func (d *Dispatcher) choose(ctx context.Context, state message.State) (choice, error) {
	taken, err := RouteOf(ctx, d.Engine, state.Country)
	if err != nil {
		return choice{}, err
	}
	order, err := d.inServiceFirst(ctx, taken.OrderOf(drawOf(state.Message), d.Engine.Now()), state)
	if err != nil {
		return choice{}, err
	}
	for _, name := range byRefusals(order, state.Attempts) {
		found, enabled, err := d.find(ctx, name)
		if err != nil {
			return choice{}, err
		}
		if found != nil && enabled {
			return choice{Provider: found, name: name, sender: taken.Sender(name)}, nil
		}
	}
	return choice{}, nil
}

// drawOf returns a number from 0 to 999 that belongs to a message, so that all its attempts see the same weights.
func drawOf(id domain.MessageID) int { return int(binary.BigEndian.Uint32(id.UUID[12:])) % 1000 }

// maxTrouble is how many attempts in a row a provider with internal trouble gets before the others.
const maxTrouble = 2

// byRefusals returns the providers that may get a text after its attempts, in the order in which to try them.
func byRefusals(order []string, attempts []message.Attempt) []string {
	refused, troubled := make(map[string]bool), make(map[string]int)
	keeps := "" // the provider that keeps the text
	for _, attempt := range attempts {
		keeps = ""
		switch {
		case attempt.Fault == message.FaultProvider:
			troubled[attempt.Provider]++
		case attempt.Fault == message.FaultThrottle, attempt.Fault == message.FaultHandset:
			keeps = attempt.Provider
		case attempt.Accepted, attempt.Class != message.Transient:
			refused[attempt.Provider] = true
		}
	}
	var first, last []string
	for _, name := range order {
		switch {
		case refused[name]:
		case name == keeps:
			first = append([]string{name}, first...)
		case troubled[name] >= maxTrouble:
			last = append(last, name)
		default:
			first = append(first, name)
		}
	}
	return append(first, last...)
}

// find returns a registered provider, nil if its kind is unknown here, and whether it may get new texts.
func (d *Dispatcher) find(ctx context.Context, name string) (Provider, bool, error) {
	known, err := commands.LoadCurrent(ctx, d.Engine, provider.Decider, provider.Stream(name))
	if err != nil || known.Kind == "" {
		return nil, false, err
	}
	if d.Providers == nil {
		return nil, false, nil
	}
	return d.Providers.Find(name, known), known.Enabled(), nil
}

// RouteOf returns the route of a country. A country without its own has that of all others. It reads what other nodes
// have written: a switch is in force for the next text of each.
func RouteOf(ctx context.Context, e *commands.Engine, country string) (route.State, error) {
	for _, key := range []string{country, route.Elsewhere} {
		state, err := commands.LoadCurrent(ctx, e, route.Decider, route.Stream(key))
		if err != nil || state.Exists() {
			return state, err
		}
	}
	return route.State{}, nil
}

// maxCalls is how many calls of one provider are in progress at once. It leaves workers for the others when a provider
// hangs.
const maxCalls = 48

// calls counts the calls in progress by provider.
type calls struct {
	mu sync.Mutex
	of map[string]int
}

func (c *calls) begin(provider string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = make(map[string]int)
	}
	if c.of[provider] >= maxCalls {
		return false
	}
	c.of[provider]++
	return true
}

func (c *calls) end(provider string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of[provider]--
}
