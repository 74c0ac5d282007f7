package commands_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

var (
	mine  = domain.DeriveID[domain.AccountID]("mine")
	yours = domain.DeriveID[domain.AccountID]("yours")
)

func TestCommandWithoutOriginIsAnError(t *testing.T) {
	for name, origin := range map[string]commands.Origin{
		"zero origin":              {},
		"zero origin with an id":   commands.Origin{}.WithID(uuid.New()),
		"zero account":             commands.ForAccount(domain.AccountID{}, domain.Actor{}),
		"narrowed to zero account": commands.ForInstallation(domain.Actor{}).Within(domain.AccountID{}),
		"another account's":        commands.ForAccount(mine, domain.Actor{}).Within(yours),
	} {
		t.Run(name, func(t *testing.T) {
			store := &countingStore{Store: memory.New()}
			engine := newEngine(t, store)
			if _, err := engine.Do(t.Context(), anyone, takeCoin{"a"}); err != nil {
				t.Fatal(err)
			}
			engine, store.read = newEngine(t, store), 0 // a new engine would have to read
			_, err := engine.Do(t.Context(), origin, takeCoin{"a"})
			_, refused := domain.AsRefusal(err)
			if !errors.Is(err, commands.ErrNoOrigin) || refused {
				t.Errorf("Do returned %v, want ErrNoOrigin", err)
			}
			if _, err := engine.Run(t.Context(), origin, takeCoin{"a"}); !errors.Is(err, commands.ErrNoOrigin) {
				t.Errorf("Run returned %v, want ErrNoOrigin", err)
			}
			if _, err := engine.RunAt(t.Context(), origin, takeCoin{"a"}, 0); !errors.Is(err, commands.ErrNoOrigin) {
				t.Errorf("RunAt returned %v, want ErrNoOrigin", err)
			}
			if store.read != 0 {
				t.Errorf("%d events were read before the origin was refused", store.read)
			}
			if coins := coinsIn(t, engine, "a"); coins != 1 {
				t.Errorf("the till holds %d coins, want 1", coins)
			}
		})
	}
}

func TestStreamOfAnotherAccountIsUnknown(t *testing.T) {
	engine := newEngine(t, memory.New())
	as := func(id domain.AccountID) commands.Origin { return commands.ForAccount(id, domain.Actor{}) }
	if _, err := engine.Do(t.Context(), as(mine), takeCoin{"a"}); err != nil {
		t.Fatal(err)
	}
	for _, origin := range []commands.Origin{as(yours), anyone.Within(yours)} {
		_, err := engine.Do(t.Context(), origin, takeCoin{"a"})
		if refusal, ok := domain.AsRefusal(err); !ok || refusal.Reason != domain.Unknown {
			t.Fatalf("another account got %v, want a refusal as unknown", err)
		}
	}
	for _, origin := range []commands.Origin{anyone, anyone.Within(mine), as(mine).Within(mine)} {
		if _, err := engine.Do(t.Context(), origin, takeCoin{"a"}); err != nil {
			t.Fatalf("an allowed origin got %v", err)
		}
	}
	if coins := coinsIn(t, engine, "a"); coins != 4 {
		t.Fatalf("the till has %d coins, want 4", coins)
	}
}

func TestStreamOfInstallationIsUnknownToAccounts(t *testing.T) {
	engine := newEngine(t, memory.New())
	if _, err := engine.Do(t.Context(), anyone, takeCoin{"a"}); err != nil {
		t.Fatal(err)
	}
	_, err := engine.Do(t.Context(), commands.ForAccount(mine, domain.Actor{}), takeCoin{"a"})
	if refusal, ok := domain.AsRefusal(err); !ok || refusal.Reason != domain.Unknown {
		t.Fatalf("an account got %v, want a refusal as unknown", err)
	}
}

func TestInstallationRecordsTheAccountOfTheStream(t *testing.T) {
	engine := newEngine(t, memory.New())
	if _, err := engine.Do(t.Context(), commands.ForAccount(mine, domain.Actor{}), takeCoin{"a"}); err != nil {
		t.Fatal(err)
	}
	outcome, err := engine.Run(t.Context(), anyone, takeCoin{"a"})
	if err != nil {
		t.Fatal(err)
	}
	if owner := outcome.Events[0].Meta.Account; owner != mine {
		t.Fatalf("the event belongs to account %s, want %s", owner, mine)
	}
}

func TestPolicyHasTheAuthorityOfItsEvent(t *testing.T) {
	engine := newEngine(t, memory.New())
	for account, key := range map[domain.AccountID]string{mine: "mine", yours: "yours"} {
		if _, err := engine.Do(t.Context(), commands.ForAccount(account, domain.Actor{}), takeCoin{key}); err != nil {
			t.Fatal(err)
		}
	}
	ofAccount := commands.Because(domain.Recorded{ID: uuid.New(), Meta: domain.Metadata{Account: mine}}, "policy")
	ofInstallation := commands.Because(domain.Recorded{ID: uuid.New()}, "policy")
	for _, c := range []struct {
		origin  commands.Origin
		key     string
		allowed bool
	}{
		{ofAccount, "mine", true},
		{ofAccount, "yours", false},
		{ofInstallation, "mine", true},
		{ofInstallation, "yours", true},
	} {
		_, err := engine.Do(t.Context(), c.origin, takeCoin{c.key})
		if allowed := err == nil; allowed != c.allowed {
			t.Errorf("%+v on %s: got %v", c.origin, c.key, err)
		}
	}
}
