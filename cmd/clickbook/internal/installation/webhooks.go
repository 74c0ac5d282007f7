package installation

import (
	"context"

	"github.com/clickbook/clickbook/adapters/webhooks"
	"github.com/clickbook/clickbook/commands"
	hooks "github.com/clickbook/clickbook/commands/webhooks"
)

// newHooks returns what calls the webhooks. Those of a trial may be programs on its own machine.
func (in *Installation) newHooks() *hooks.Hooks {
	return &hooks.Hooks{
		Engine: in.Engine, Queue: in.State, Caller: webhooks.New(in.trial), Log: in.options.Log,
	}
}

// followForWebhooks queues a call for each event. A server that has never done so begins at the end of the log: what
// happened before any webhook was set is nobody's news.
func (in *Installation) followForWebhooks(reactor *commands.Reactor) func(context.Context) error {
	return func(ctx context.Context) error {
		reached, err := in.options.Checkpoints.LoadCheckpoint(ctx, reactor.Name)
		if err != nil {
			return err
		}
		if reached.IsZero() {
			head, err := in.Events.Head(ctx)
			if err != nil {
				return err
			}
			if err := in.options.Checkpoints.SaveCheckpoint(ctx, reactor.Name, head); err != nil {
				return err
			}
		}
		return reactor.Run(ctx)
	}
}
