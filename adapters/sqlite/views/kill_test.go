package views_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"

	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
)

// These tell the test binary that it is the process to be killed, where it works, and when to wait for the kill.
const (
	childDir   = "CLICKBOOK_TEST_CATCHES_UP_IN"
	childHalts = "CLICKBOOK_TEST_HALTS_IN_TRANSACTION"
)

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
	left, err := strconv.Atoi(os.Getenv(childHalts))
	if err != nil {
		return err
	}
	_, err = projections.NewProjector(store, codec, halting{db, &left}, projections.All()...).CatchUp(ctx)
	return err // without closing: the exit is as sudden as a kill
}

// halting stops for ever in the middle of the n-th transaction, all of it written and nothing committed.
type halting struct {
	*views.DB
	left *int
}

func (d halting) Write(ctx context.Context, change func(projections.Tx) error) error {
	return d.DB.Write(ctx, func(tx projections.Tx) error {
		err := change(tx)
		if *d.left--; *d.left == 0 {
			fmt.Println("kill me now")
			_, _ = os.Stdin.Read(make([]byte, 1)) // nobody ever writes to it
		}
		return err
	})
}

// A process is killed (SIGKILL) right before its n-th commit, the next one before its (n+1)-th, and so on; what the
// last one makes of it is what one process makes that nobody disturbs.
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
	for killedIn(t, w.dir, kills+1) {
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

// killedIn runs a child and kills it in the middle of a transaction; false when it ended before that one.
func killedIn(t *testing.T, dir string, transaction int) bool {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), childDir+"="+dir, childHalts+"="+strconv.Itoa(transaction))
	child.Stderr = os.Stderr
	_, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if halted := bufio.NewScanner(out).Scan(); !halted {
		if err := child.Wait(); err != nil {
			t.Fatalf("the process failed: %v", err)
		}
		return false
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed: that is its error
	return true
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
