package installation

import (
	"context"

	"github.com/clickbook/clickbook/adapters/bus"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
)

// reactor returns a reactor with a transport, a checkpoint and a poison queue.
func (in *Installation) reactor(name string, workers int, handlers []commands.Handler) *commands.Reactor {
	return &commands.Reactor{
		Name: name, Handlers: handlers, Log: in.Events, Codec: in.Codec, Checkpoints: in.options.Checkpoints,
		Workers: workers, Slog: in.options.Log,
		Transport: func(handle func(context.Context, domain.Entry) error) (commands.Transport, error) {
			transport, err := bus.New(bus.Options{
				Name: name, Log: in.options.Log,
				Poison: func(ctx context.Context, entry domain.Entry, reason string) error {
					return in.poison(ctx, name, entry, reason)
				},
			}, handle)
			if err == nil {
				in.mu.Lock()
				defer in.mu.Unlock()
				in.buses = append(in.buses, transport)
			}
			return transport, err
		},
	}
}

// poison moves an event that a reactor cannot handle to the poison queue.
func (in *Installation) poison(ctx context.Context, reactor string, entry domain.Entry, reason string) error {
	if in.options.Log != nil {
		in.options.Log.Error("moved an event to the poison queue; see the operations guide", "reactor", reactor,
			"type", entry.Type, "stream", entry.Stream, "position", entry.Position, "reason", reason)
	}
	return in.State.PutAside(ctx, reactor, entry, reason)
}

// logPoisoned logs the poison queue at each start, until somebody empties it.
func (in *Installation) logPoisoned(ctx context.Context) error {
	poisoned, err := in.State.Poisoned(ctx, 20)
	for _, event := range poisoned {
		in.options.Log.Warn("an event is in the poison queue; see the operations guide", "reactor", event.Reactor,
			"type", event.Type, "stream", event.Stream, "position", event.Position, "reason", event.Reason)
	}
	return err
}

// Receive records a provider's receipt. If it is refused, the provider sent it in error: Receive logs that and
// returns no error.
func (in *Installation) Receive(ctx context.Context, receipt messaging.Receipt) error {
	_, err := messaging.Receive(ctx, in.Engine, receipt)
	if refusal, refused := domain.AsRefusal(err); refused {
		if in.options.Log != nil {
			in.options.Log.Warn("a receipt was refused", "reference", receipt.Reference, "code", refusal.Code)
		}
		return nil
	}
	return err
}
