package pages_test

import (
	"errors"
	"testing"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/pages"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
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

func TestPageIsFoundByNameAndByID(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Ok(set(t, w, page.Settings{On: true, Address: "old-name"}))
	w.Ok(set(t, w, page.Settings{On: true, Address: "clinic"}))
	for _, address := range []string{"clinic", "old-name", w.Account.String()} {
		found, err := pages.Pages{Engine: w.Engine}.Find(t.Context(), address)
		if err != nil || found.ID != w.Account || found.Name() != "clinic" {
			t.Errorf("Find(%q) returned %s, %v; want the clinic", address, found.ID, err)
		}
	}
}

func TestPageThatIsNotServedIsUnknown(t *testing.T) {
	for name, c := range map[string]struct {
		address string
		prepare func(*commandstest.World)
	}{
		"never set":      {"", func(*commandstest.World) {}},
		"another name":   {"other", func(w *commandstest.World) { w.Ok(set(t, w, page.Settings{On: true, Address: "clinic"})) }},
		"no name at all": {"../x", func(*commandstest.World) {}},
		"switched off": {"clinic", func(w *commandstest.World) {
			w.Ok(set(t, w, page.Settings{On: true, Address: "clinic"}))
			w.Ok(set(t, w, page.Settings{Address: "clinic"}))
		}},
		"of a closed account": {"clinic", func(w *commandstest.World) {
			w.Ok(set(t, w, page.Settings{On: true, Address: "clinic"}))
			w.Do(account.Close{Account: w.Account})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			c.prepare(w)
			if c.address == "" {
				c.address = w.Account.String()
			}
			if found, err := (pages.Pages{Engine: w.Engine}).Find(t.Context(), c.address); !errors.Is(err, pages.ErrUnknown) {
				t.Errorf("Find returned %s, %v; want ErrUnknown", found.ID, err)
			}
		})
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
