package main

import (
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/domain/service"
	"github.com/clickbook/clickbook/domain/window"
)

// This file is the whole engine on one page. Aggregates decide, projections (projections.All) answer, and the
// reactors let one thing follow from another. Wiring happens in installation.go.

// aggregates are everything that can decide.
func aggregates() []commands.Aggregate {
	return []commands.Aggregate{
		commands.Wire(access.Decider),
		commands.Wire(account.Decider),
		commands.Wire(appointment.Decider),
		commands.Wire(client.Decider),
		commands.Wire(credit.Decider),
		commands.Wire(diary.Decider),
		commands.Wire(message.Decider),
		commands.Wire(provider.Decider),
		commands.Wire(resource.Decider),
		commands.Wire(route.Decider),
		commands.Wire(service.Decider),
		commands.Wire(window.Decider),
	}
}

// eventTypes are everything that can have happened.
func eventTypes() []domain.Types {
	return []domain.Types{
		access.Types, account.Types, appointment.Types, client.Types, credit.Types, diary.Types, message.Types,
		provider.Types, resource.Types, route.Types, service.Types, window.Types,
	}
}

// reactors run the handlers. The books see the log strictly in order, one event at a time; dispatching
// works on many messages at once, because carriers answer slowly.
func (in *installation) reactors() (books, dispatch *commands.Reactor) {
	books = in.reactor("books", 1, in.bookkeeper.Handlers())
	dispatch = in.reactor("dispatch", in.options.workers, append(in.dispatcher.Handlers(), in.eraser.Handler()))
	return books, dispatch
}
