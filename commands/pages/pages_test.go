package pages_test

import (
	"errors"
	"testing"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/pages"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/page"
	"github.com/clickbook/clickbook/domain/pageaddress"
)

// set sets the page of the clinic, as the API does.
func set(t *testing.T, w *commandstest.World, settings page.Settings) error {
	t.Helper()
	of := pages.Pages{Engine: w.Engine}
	if err := of.Check(t.Context(), w.Origin(), w.Account, settings); err != nil {
		return err
	}
	_, err := w.Engine.Run(t.Context(), w.Origin(), page.Set{Account: w.Account, Settings: settings})
	return err
}

func TestNameIsClaimedAndMayBeTakenBack(t *testing.T) {
	w := commandstest.NewWorld(t)
	for _, name := range []string{"clinic", "new-name", "clinic"} {
		w.Ok(set(t, w, page.Settings{On: true, Address: name}))
		claimed, _, err := commands.Load(t.Context(), w.Engine, pageaddress.Decider, pageaddress.Stream(name))
		if err != nil || claimed.Account != w.Account {
			t.Errorf("%s belongs to %s, %v; want the clinic", name, claimed.Account, err)
		}
	}
}

func TestNameBelongsToTheFirstAccount(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Ok(set(t, w, page.Settings{On: true, Address: "clinic"}))
	w.Ok(set(t, w, page.Settings{On: true, Address: "moved-on"}))
	school := domain.DeriveID[domain.AccountID]("school")
	err := pages.Pages{Engine: w.Engine}.Check(t.Context(), commands.ForAccount(school, domain.Actor{}), school,
		page.Settings{On: true, Address: "clinic"})
	if refusal, ok := domain.AsRefusal(err); !errors.Is(err, pageaddress.ErrTaken) || !ok || refusal.Field != "address" {
		t.Errorf("Check returned %v, want page_address_taken at address", err)
	}
}

func TestServicesOfOthersAreRefused(t *testing.T) {
	w := commandstest.NewWorld(t)
	stranger := domain.DeriveID[domain.ServiceID]("stranger")
	for field, settings := range map[string]page.Settings{
		"services": {Services: []domain.ServiceID{w.Service, stranger}},
		"questions": {Questions: []page.Question{
			{ID: "a", Text: "Why?", Kind: page.Short}, {ID: "b", Service: stranger, Text: "Why?", Kind: page.Short},
		}},
	} {
		err := set(t, w, settings)
		if refusal, ok := domain.AsRefusal(err); !errors.Is(err, pages.ErrService) || !ok || refusal.Field != field {
			t.Errorf("%s: set returned %v, want page_service_unknown", field, err)
		}
	}
	w.Ok(set(t, w, page.Settings{On: true, Services: []domain.ServiceID{w.Service}}))
}
