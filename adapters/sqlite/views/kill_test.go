package views_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
)

// childDir tells the test binary that it is the process to be killed, and where it works.
const childDir = "CLICKBOOK_TEST_CATCHES_UP_IN"

// TestMain is the child's whole life when it is one: catch up, one line before each batch.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := catchUpIn(context.Background(), dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func catchUpIn(ctx context.Context, dir string) error {
	store, err := sqlite.Open(ctx, filepath.Join(dir, "events.db"), sqlite.Options{})
	if err != nil {
		return err
	}
	db, err := views.Open(dir)
	if err != nil {
		return err
	}
	codec, err := newCodec(nil)
	if err != nil {
		return err
	}
	projector := projections.NewProjector(store, codec, telling{db}, projections.All()...)
	if _, err := projector.CatchUp(ctx); err != nil {
		return err
	}
	return nil // without closing: the exit is as sudden as a kill
}

// telling says a line in the middle of each transaction, when half of the work is done.
type telling struct{ *views.DB }

func (d telling) Write(ctx context.Context, change func(projections.Tx) error) error {
	return d.DB.Write(ctx, func(tx projections.Tx) error {
		err := change(tx)
		fmt.Println("written, not committed")
		return err
	})
}

// A process is killed (SIGKILL) before the commit of its n-th batch and once more while it goes on; what the next
// ones make of it is what one process makes that nobody disturbs.
func TestKilledProcessesLoseNothing(t *testing.T) {
	w := newWorld(t)
	month(w, 600) // seven batches
	copyLog(w)
	w.catchUp()
	whole := w.hashes()
	w.ok(w.db.Close())
	for _, name := range []string{"views.db", "views.db-wal", "views.db-shm"} {
		w.ok(os.RemoveAll(filepath.Join(w.dir, name)))
	}
	kills := 0
	for lines := 1; ; lines++ {
		if !killedAfter(t, w.dir, lines) {
			break
		}
		kills++
	}
	if kills < 3 {
		t.Fatalf("only %d processes could be killed: the test proves nothing", kills)
	}
	w.open(projections.All()...)
	w.catchUp()
	if got := w.hashes(); !reflect.DeepEqual(got, whole) {
		t.Fatalf("after %d kills %v, undisturbed %v", kills, got, whole)
	}
}

// killedAfter runs a child and kills it when it has said so many lines; false when it ended before that.
func killedAfter(t *testing.T, dir string, lines int) bool {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), childDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for n := 0; said.Scan(); {
		if n++; n == lines {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, out)
			_ = child.Wait() // it was killed: that is its error
			return true
		}
	}
	if err := child.Wait(); err != nil {
		t.Fatalf("the process ended by itself: %v", err)
	}
	return false
}

// copyLog puts the world's log into the file that the children read.
func copyLog(w *world) {
	w.t.Helper()
	store, err := sqlite.Open(w.t.Context(), filepath.Join(w.dir, "events.db"), sqlite.Options{SyncOnClose: true})
	w.ok(err)
	for entry, err := range w.store.ReadAll(w.t.Context(), domain.Position{}, domain.Filter{}) {
		w.ok(err)
		_, err = store.Append(w.t.Context(), entry.Stream, entry.Revision-1, []domain.Stored{entry.Stored})
		w.ok(err)
	}
	w.ok(store.Close())
}
