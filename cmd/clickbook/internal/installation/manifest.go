package installation

import (
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
)

// This file is the whole engine on one page. aggregates.All lists what decides, projections.All lists what answers
// questions, and the reactors below run what follows from an event. The wiring is in installation.go.

// reactors returns the two reactors with their handlers. The books see the log strictly in order, one event at a
// time. Dispatch works on many messages at once, because providers respond slowly.
func (in *Installation) Reactors() (books, dispatch *commands.Reactor) {
	books = in.reactor("books", 1, in.Bookkeeper.Handlers())
	dispatch = in.reactor("dispatch", in.options.Workers, append(in.Dispatcher.Handlers(), in.Eraser.Handler()))
	return books, dispatch
}

// providers lists the kinds of SMS providers. A tool without a network has none and sends no texts.
func (in *Installation) providers() messaging.Providers {
	if in.Network == nil {
		return nil
	}
	return messaging.Providers{
		"simulated": func(name string) messaging.Provider { return in.Network.Provider(name) },
	}
}
