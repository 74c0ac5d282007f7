package installation

import (
	"slices"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/clickatell"
	"github.com/clickbook/clickbook/adapters/sms/kannel"
	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/adapters/sms/smpp"
	"github.com/clickbook/clickbook/adapters/sms/twilio"
	"github.com/clickbook/clickbook/adapters/sms/vonage"
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
		slices.Concat(in.Dispatcher.Handlers(), in.Proposals.Handlers(), in.Alerts.Handlers(), []commands.Handler{
			in.Notices.Handler(), in.Eraser.Handler(), in.Attention.Handler(),
			in.Visiting.Forgetting(), in.Visiting.Asking(in.Dispatcher.Mailer),
			messaging.Barring{Engine: in.Engine, OptOuts: in.OptOuts}.Handler(),
		}))
	return books, dispatch
}

// kinds returns the kinds of SMS providers that the installation can use. A new kind is a folder in adapters/sms and a
// line here. A trial has simulated providers only, and every other installation has none of them.
func (in *Installation) kinds() []sms.Kind {
	if in.trial {
		return []sms.Kind{simulated.Kind(in.Network)}
	}
	return []sms.Kind{twilio.Kind, vonage.Kind, vonage.MessagesKind, clickatell.Kind, kannel.Kind, smpp.Kind}
}
