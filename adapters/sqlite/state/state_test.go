package state_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/adapters/sqlite/state"
	"github.com/clickbook/clickbook/domain"
)

var (
	acme  = domain.AccountID{UUID: uuid.UUID{1}}
	other = domain.AccountID{UUID: uuid.UUID{2}}
	noon  = time.Date(2016, 5, 2, 12, 0, 0, 0, time.UTC)
)

func open(t *testing.T, dir string) *state.File {
	t.Helper()
	file, err := state.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestCheckpointsAreStored(t *testing.T) {
	dir := t.TempDir()
	file := open(t, dir)
	for _, at := range []domain.Position{domain.NewPosition(3, 1), domain.NewPosition(7, 2)} {
		if err := file.SaveCheckpoint(t.Context(), "dispatching", at); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	file = open(t, dir)
	defer file.Close()
	for name, want := range map[string]domain.Position{"dispatching": domain.NewPosition(7, 2), "charging": {}} {
		if got, err := file.LoadCheckpoint(t.Context(), name); err != nil || got != want {
			t.Fatalf("checkpoint of %s is %v, %v, want %v", name, got, err, want)
		}
	}
}

func TestFirstAnswerIsReturnedToAll(t *testing.T) {
	file := open(t, t.TempDir())
	defer file.Close()
	first := state.Answer{
		BodyHash: []byte("hash"), Status: 201, Response: []byte(`{"id":1}`), Position: domain.NewPosition(9, 0), GivenAt: noon,
	}
	second := first
	second.Status = 500
	for _, given := range []state.Answer{first, second} {
		if held, err := file.Remember(t.Context(), acme, "key", given); err != nil || !reflect.DeepEqual(held, first) {
			t.Fatalf("got %+v, stored %+v, %v", given, held, err)
		}
	}
	if _, ok, err := file.Recall(t.Context(), other, "key"); ok || err != nil {
		t.Fatalf("found the key of another account (%v)", err)
	}
	if err := file.Forget(t.Context(), noon.Add(time.Microsecond)); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := file.Recall(t.Context(), acme, "key"); ok || err != nil {
		t.Fatalf("a forgotten answer is still there (%v)", err)
	}
}

func TestFileIsLockedToOneProcess(t *testing.T) {
	dir := t.TempDir()
	defer open(t, dir).Close()
	if _, err := state.Open(dir); !errors.Is(err, dbfile.ErrLocked) {
		t.Fatalf("a second open returned %v", err)
	}
}
