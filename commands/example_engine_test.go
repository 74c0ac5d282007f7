package commands_test

import (
	"context"
	"fmt"
	"time"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
)

// A light is an aggregate: a state, its commands and its events.
type (
	light        struct{ On bool }
	lightCommand interface {
		domain.Command
		decide(light) ([]lightEvent, error)
	}
	lightEvent interface {
		domain.Event
		evolve(light) light
	}
)

// SwitchOn is a command to the light of a room.
type SwitchOn struct{ Room string }

func (c SwitchOn) Stream() domain.Stream { return domain.StreamOf("light", c.Room) }

func (c SwitchOn) decide(s light) ([]lightEvent, error) {
	if s.On {
		return nil, nil
	}
	return []lightEvent{SwitchedOn(c)}, nil
}

// SwitchedOn is what has happened to a light.
type SwitchedOn struct {
	Room string `json:"room"`
}

func (SwitchedOn) EventType() string    { return "SwitchedOn" }
func (SwitchedOn) evolve(s light) light { s.On = true; return s }

var lights = domain.Decider[light, lightCommand, lightEvent]{
	Category: "light", Types: domain.Types{domain.TypeOf[SwitchedOn]()},
	Decide: func(s light, c lightCommand) ([]lightEvent, error) { return c.decide(s) },
	Evolve: func(s light, e lightEvent) light { return e.evolve(s) },
}

// lightEngine returns an engine for lights with its store and codec.
func lightEngine() (*commands.Engine, *memory.Store, *domain.Codec) {
	codec, err := domain.NewCodec(domaintest.NewVault(), lights.Types)
	if err != nil {
		panic(err)
	}
	store := memory.New()
	return commands.NewEngine(store, codec, time.Now, commands.Wire(lights)), store, codec
}

// An engine runs a command on its stream and appends what was decided. The light is on after the first command, so the
// second one appends nothing.
func ExampleEngine_Do() {
	ctx := context.Background()
	engine, _, _ := lightEngine()
	origin := commands.ForInstallation(domain.Actor{ID: "ann"})
	command := SwitchOn{Room: "kitchen"}
	for range 2 {
		if _, err := engine.Do(ctx, origin, command); err != nil {
			fmt.Println(err)
		}
	}
	for recorded, err := range engine.History(ctx, command.Stream()) {
		fmt.Println(recorded.Revision, recorded.Event.EventType(), err)
	}
	// Output: 0 SwitchedOn <nil>
}
