package installation

import (
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// This file lists what the engine is made of. The functions below are called once, by wire in installation.go.
//
// A command goes to an aggregate, which appends events to the log. Projections turn events into tables that answer
// queries. Handlers react to events with further commands. Providers send texts.

// aggregates returns everything that decides: one aggregate for each kind of stream.
func (*Installation) aggregates() []commands.Aggregate { return aggregates.All() }

// projections returns every read model, each with its queries.
func (*Installation) projections() []readmodel.Projection { return projections.All() }

// Reactors returns the two reactors with their handlers. The books handle one event at a time, strictly in the order
// of the log. Dispatch handles many messages at once, because providers respond slowly.
func (in *Installation) Reactors() (books, dispatch *commands.Reactor) {
	books = in.reactor("books", 1, in.Bookkeeper.Handlers())
	dispatch = in.reactor("dispatch", in.options.Workers,
		append(in.Dispatcher.Handlers(), in.Eraser.Handler(), in.Attention.Handler()))
	return books, dispatch
}

// providers returns how to reach an SMS provider by its kind. A tool on the command line has no network, and sends no
// texts. A new kind of provider is a folder in adapters/sms and a line here.
func (in *Installation) providers() messaging.Providers {
	if in.Network == nil {
		return nil
	}
	return messaging.ByKind{
		"simulated": func(name string) messaging.Provider { return in.Network.Provider(name) },
	}
}
