// Package aggregates lists every aggregate of the engine, once. The engine, the codec, the generated documentation
// and the tests read this list.
package aggregates

import (
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/feed"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/optout"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/page"
	"github.com/clickbook/clickbook/domain/pageaddress"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/domain/service"
	"github.com/clickbook/clickbook/domain/team"
	"github.com/clickbook/clickbook/domain/webhook"
	"github.com/clickbook/clickbook/domain/window"
)

// All lists the aggregates in the order in which docs/events.md describes them.
func All() []commands.Aggregate {
	return []commands.Aggregate{
		commands.Wire(account.Decider),
		commands.Wire(client.Decider),
		commands.Wire(optout.Decider),
		commands.Wire(service.Decider),
		commands.Wire(resource.Decider),
		commands.Wire(diary.Decider),
		commands.Wire(appointment.Decider),
		commands.Wire(message.Decider),
		commands.Wire(credit.Decider),
		commands.Wire(window.Decider),
		commands.Wire(provider.Decider),
		commands.Wire(route.Decider),
		commands.Wire(outage.Decider),
		commands.Wire(access.Decider),
		commands.Wire(page.Decider),
		commands.Wire(pageaddress.Decider),
		commands.Wire(feed.Decider),
		commands.Wire(team.Decider),
		commands.Wire(webhook.Decider),
	}
}

// Types lists the event types of every aggregate.
func Types() []domain.Types {
	var types []domain.Types
	for _, aggregate := range All() {
		types = append(types, aggregate.Types())
	}
	return types
}

// NewCodec returns a codec that knows the event types of every aggregate.
func NewCodec(vault domain.Vault) (*domain.Codec, error) { return domain.NewCodec(vault, Types()...) }
