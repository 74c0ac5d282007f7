package installation

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/client"
)

// A log of an earlier version has opt-outs of client records only. At the next start they hold for the numbers.
func TestEarlierOptOutsAreAdoptedByTheirNumbers(t *testing.T) {
	in, err := Open(t.Context(), Location{Data: filepath.Join(t.TempDir(), "data")},
		Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	clinic := domain.DeriveID[domain.AccountID]("clinic")
	mother, child := domain.DeriveID[domain.ClientID]("mother"), domain.DeriveID[domain.ClientID]("child")
	settings, err := account.NewSettings(account.Form{Name: "Clinic", Zone: "Asia/Tokyo", Locale: "en", Country: "JP"})
	if err != nil {
		t.Fatal(err)
	}
	contact, err := client.NewContact(client.Form{Name: "Yu", Phone: "+819011112222"})
	if err != nil {
		t.Fatal(err)
	}
	for _, cmd := range []domain.Command{
		account.Open{Account: clinic, Settings: settings},
		client.Register{Client: mother, Account: clinic, Contact: contact},
		client.Register{Client: child, Account: clinic, Contact: contact},
		client.OptOut{Client: mother}, // as it was recorded then, without a number
	} {
		if _, err := in.Engine.Do(t.Context(), commands.ForAccount(clinic, domain.Actor{}), cmd); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if _, err := in.Projector.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := in.adoptOptOuts(t.Context()); err != nil {
			t.Fatal(err)
		}
		state, _, err := commands.Load(t.Context(), in.Engine, client.Decider, client.Stream(child))
		if err != nil {
			t.Fatal(err)
		}
		if holds, err := in.OptOuts.Holds(t.Context(), state); err != nil || !holds {
			t.Errorf("the child is opted out: %t, %v", holds, err)
		}
	}
}
