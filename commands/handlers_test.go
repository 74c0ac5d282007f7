package commands_test

import (
	"context"
	"slices"
	"testing"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// A handler that lists an event and forgets its case must not ignore the event in silence.
func TestHandlersHaveACaseForEveryListedType(t *testing.T) {
	w := commandstest.NewWorld(t)
	eraser := &commands.Eraser{Engine: w.Engine, Keys: &failingKeys{vault: w.Vault}}
	handlers := slices.Concat(w.Books.Handlers(), w.Dispatch.Handlers(), []commands.Handler{eraser.Handler(), w.Notices.Handler()})
	for _, gap := range w.Gaps(handlers...) {
		t.Error(gap)
	}
}

func TestGapsFindsForgottenCases(t *testing.T) {
	w := commandstest.NewWorld(t)
	handles := func(ignore bool) func(context.Context, commands.Origin, domain.Recorded) error {
		return func(_ context.Context, _ commands.Origin, r domain.Recorded) error {
			switch r.Event.(type) {
			case message.SmsSent:
				return nil
			case message.SmsFailed:
				if ignore {
					return nil
				}
			}
			return domain.Unexpected(r)
		}
	}
	for name, c := range map[string]struct {
		handler commands.Handler
		want    []string
	}{
		"listed without a case": {
			commands.Handler{Types: domain.NamesOf(message.SmsSent{}, message.SmsFailed{}), React: handles(false)},
			[]string{"planted lists SmsFailed and has no case for it"},
		},
		"ignored without a listing": {
			commands.Handler{Types: domain.NamesOf(message.SmsSent{}), React: handles(true)},
			[]string{"planted does not list SmsFailed and ignores it"},
		},
		"of no aggregate": {
			commands.Handler{Types: domain.NamesOf(message.SmsSent{}, coinTaken{}), React: handles(false)},
			[]string{"planted lists CoinTaken and no aggregate has it"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.handler.Name = "planted"
			if got := w.Gaps(c.handler); !slices.Equal(got, c.want) {
				t.Errorf("Gaps returned %v, want %v", got, c.want)
			}
		})
	}
}
