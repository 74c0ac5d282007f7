package state_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sqlite/state"
	"github.com/clickbook/clickbook/domain"
)

// TestAnotherLogClearsPositions: after a copy to another store the same events have other positions.
func TestAnotherLogClearsPositions(t *testing.T) {
	dir := t.TempDir()
	ctx := t.Context()
	place, account := domain.NewPosition(7, 3), domain.DeriveID[domain.AccountID]("account")
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	file, err := state.Open(dir)
	ok(err)
	ok(file.SaveCheckpoint(ctx, "books", place))
	ok(file.PutAside(ctx, "books", domain.Entry{Position: place, Stream: "client-1"}, "it failed"))
	ok(file.SaveSnapshot(ctx, "credits-1", 2, 41, []byte("folded")))
	_, err = file.Remember(ctx, account, "key", state.Answer{
		BodyHash: []byte("hash"), Status: 201, Response: []byte("made"), Position: place, GivenAt: time.UnixMicro(5),
	})
	ok(err)
	for _, step := range []struct {
		log  string
		kept bool
	}{{"one", true}, {"one", true}, {"two", false}, {"two", false}} {
		ok(file.OfLog(ctx, step.log))
		ok(file.Close())
		file, err = state.Open(dir)
		ok(err)
		at, err := file.LoadCheckpoint(ctx, "books")
		ok(err)
		aside, err := file.Poisoned(ctx, 10)
		ok(err)
		revision, folded, err := file.LoadSnapshot(ctx, "credits-1", 2)
		ok(err)
		if kept := at == place && len(aside) == 1 && revision == 41 && string(folded) == "folded"; kept != step.kept {
			t.Errorf("of log %s: checkpoint %v, poison %v, snapshot at %d; want them kept: %v",
				step.log, at, aside, revision, step.kept)
		}
		if !step.kept && (!at.IsZero() || len(aside) > 0 || revision != domain.NoStream) {
			t.Errorf("of log %s something is left: checkpoint %v, poison %v, snapshot at %d", step.log, at, aside, revision)
		}
		answer, found, err := file.Recall(ctx, account, "key")
		ok(err)
		if !found || string(answer.Response) != "made" || answer.Position.IsZero() == step.kept {
			t.Errorf("of log %s: answer %+v, %v", step.log, answer, found)
		}
	}
	ok(file.Close())
}
