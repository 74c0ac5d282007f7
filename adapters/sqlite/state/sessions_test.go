package state_test

import (
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
)

var (
	ana = domain.MemberID{UUID: uuid.UUID{3}}
	tom = domain.MemberID{UUID: uuid.UUID{4}}
)

func sessionOf(n byte, member domain.MemberID, at time.Time) people.Session {
	return people.Session{
		Hash: people.Hash{n}, ID: string('a' + rune(n)), Account: acme, Member: member, Role: "owner", How: "link",
		Agent: "Firefox", CreatedAt: at, SeenAt: at,
	}
}

func TestSessionsAreStored(t *testing.T) {
	dir := t.TempDir()
	file := open(t, dir)
	first, second, toms := sessionOf(1, ana, noon), sessionOf(2, ana, noon.Add(time.Hour)), sessionOf(3, tom, noon)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, session := range []people.Session{first, second, toms} {
		ok(file.AddSession(t.Context(), session))
	}
	ok(file.SessionSeen(t.Context(), first.Hash, noon.Add(time.Minute)))
	ok(file.SessionSeen(t.Context(), first.Hash, noon)) // a clock that was set back
	first.SeenAt = noon.Add(time.Minute)
	ok(file.Close())
	file = open(t, dir)
	defer file.Close()
	if got, found, err := file.FindSession(t.Context(), first.Hash); err != nil || !found || got != first {
		t.Fatalf("found %+v, %v, %v; want %+v", got, found, err, first)
	}
	list := func(member domain.MemberID, want ...people.Session) {
		t.Helper()
		if got, err := file.Sessions(t.Context(), acme, member); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("sessions are %+v, %v; want %+v", got, err, want)
		}
	}
	list(ana, second, first)
	ok(file.EndSession(t.Context(), acme, tom, first.ID)) // another's
	ok(file.EndSession(t.Context(), other, ana, first.ID))
	list(ana, second, first)
	ok(file.EndSession(t.Context(), acme, ana, second.ID))
	list(ana, first)
	ok(file.AddSecret(t.Context(), people.Secret{Hash: people.Hash{9}, Purpose: people.SignIn, Account: acme, Member: ana}))
	ok(file.EndSessions(t.Context(), acme, ana))
	list(ana)
	list(tom, toms)
	if _, found, err := file.FindSecret(t.Context(), people.Hash{9}); found || err != nil {
		t.Fatalf("a link of a member whose sessions were ended is still there (%v)", err)
	}
}

func TestSecretIsUsedOnce(t *testing.T) {
	file := open(t, t.TempDir())
	defer file.Close()
	secret := people.Secret{
		Hash: people.Hash{1}, Purpose: people.Invitation, Account: acme, Member: ana, Data: []byte("x"), ExpiresAt: noon,
	}
	if err := file.AddSecret(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := file.FindSecret(t.Context(), secret.Hash); err != nil || !ok || !reflect.DeepEqual(got, secret) {
		t.Fatalf("found %+v, %v, %v", got, ok, err)
	}
	var used atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			got, ok, err := file.UseSecret(t.Context(), secret.Hash)
			if err != nil || ok && !reflect.DeepEqual(got, secret) {
				t.Errorf("used %+v, %v, %v", got, ok, err)
			}
			if ok {
				used.Add(1)
			}
		})
	}
	all.Wait()
	if used.Load() != 1 {
		t.Errorf("the secret was used %d times", used.Load())
	}
}

func TestEndedSessionsAreForgotten(t *testing.T) {
	file := open(t, t.TempDir())
	defer file.Close()
	idle, old, fresh := sessionOf(1, ana, noon), sessionOf(2, ana, noon.Add(-time.Hour)), sessionOf(3, ana, noon)
	old.SeenAt, fresh.SeenAt = noon.Add(time.Hour), noon.Add(time.Hour)
	for _, session := range []people.Session{idle, old, fresh} {
		if err := file.AddSession(t.Context(), session); err != nil {
			t.Fatal(err)
		}
	}
	for n, expires := range map[byte]time.Time{7: noon, 8: noon.Add(2 * time.Hour)} {
		if err := file.AddSecret(t.Context(), people.Secret{Hash: people.Hash{n}, ExpiresAt: expires}); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.ForgetSessions(t.Context(), noon.Add(time.Minute), noon, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if left, err := file.Sessions(t.Context(), acme, ana); err != nil || len(left) != 1 || left[0] != fresh {
		t.Errorf("left are %+v, %v", left, err)
	}
	for n, want := range map[byte]bool{7: false, 8: true} {
		if _, ok, err := file.FindSecret(t.Context(), people.Hash{n}); ok != want || err != nil {
			t.Errorf("secret %d is there: %v, %v", n, ok, err)
		}
	}
}
