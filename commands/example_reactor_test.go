package commands_test

import (
	"context"
	"fmt"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

// checkpoints keeps the checkpoints of reactors in memory.
type checkpoints map[string]domain.Position

func (c checkpoints) LoadCheckpoint(_ context.Context, name string) (domain.Position, error) {
	return c[name], nil
}

func (c checkpoints) SaveCheckpoint(_ context.Context, name string, at domain.Position) error {
	c[name] = at
	return nil
}

// direct is a transport that calls the reactor once and does not retry.
type direct func(context.Context, domain.Entry) error

func (d direct) Deliver(ctx context.Context, entry domain.Entry) error { return d(ctx, entry) }

// A reactor runs handlers after events. This one switches on the light of the hall after any other light. The second
// event is the hall's own: its command finds the light on and appends nothing.
func ExampleReactor() {
	ctx := context.Background()
	engine, store, codec := lightEngine()
	lightTheHall := commands.Handler{
		Name:  "lighting the hall",
		Types: domain.NamesOf(SwitchedOn{}),
		React: func(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
			switch r.Event.(type) {
			case SwitchedOn:
				_, err := engine.Do(ctx, origin, SwitchOn{Room: "hall"})
				return err
			default:
				return domain.Unexpected(r)
			}
		},
	}
	reactor := &commands.Reactor{
		Name: "lights", Handlers: []commands.Handler{lightTheHall},
		Log: store, Codec: codec, Checkpoints: checkpoints{},
		Transport: func(handle func(context.Context, domain.Entry) error) (commands.Transport, error) {
			return direct(handle), nil
		},
	}
	if _, err := engine.Do(ctx, commands.ForInstallation(domain.Actor{}), SwitchOn{Room: "kitchen"}); err != nil {
		fmt.Println(err)
	}
	for range 3 {
		handled, err := reactor.Step(ctx)
		fmt.Println(handled, err)
	}
	_, revision, err := commands.Load(ctx, engine, lights, domain.StreamOf("light", "hall"))
	fmt.Println("the hall is at revision", revision, err)
	// Output:
	// 1 <nil>
	// 1 <nil>
	// 0 <nil>
	// the hall is at revision 0 <nil>
}
