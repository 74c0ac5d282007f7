package viewstest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// These tell a process that it is the one to be killed: where it works, what it does, how many appointments are in the
// log, and at which of its steps it waits for the kill.
const (
	childPlace = "CLICKBOOK_TEST_READ_MODELS_AT"
	childWork  = "CLICKBOOK_TEST_READ_MODELS_DO"
	childMonth = "CLICKBOOK_TEST_READ_MODELS_OF"
	childHalts = "CLICKBOOK_TEST_READ_MODELS_HALT"
)

// IsChild reports whether this process is one that a test of another wants to kill.
func IsChild() bool { return os.Getenv(childPlace) != "" }

// lifeOfAChild is all that a process does that is to be killed; false where this is none.
func lifeOfAChild(t *testing.T, s Suite) bool {
	if !IsChild() {
		return false
	}
	place := os.Getenv(childPlace)
	appointments, err := strconv.Atoi(os.Getenv(childMonth))
	if err != nil {
		t.Fatal(err)
	}
	halts, err := strconv.Atoi(os.Getenv(childHalts))
	if err != nil {
		t.Fatal(err)
	}
	w := worldAt(t, s, place)
	month(w, appointments) // it is the same each time
	w.projector = projector.New(w.store, w.codec, halting{w.db, &halts}, projections.All()...)
	w.catchUp()
	if os.Getenv(childWork) == "rebuild" {
		_, err := w.projector.Rebuild(t.Context(), func(int, int) { halt(&halts) })
		w.ok(err)
	}
	return true
}

// halt stops for ever at the n-th step.
func halt(left *int) {
	if *left--; *left == 0 {
		fmt.Println("kill me now")
		_, _ = os.Stdin.Read(make([]byte, 1)) // nobody ever writes to it
	}
}

// halting stops in the middle of a transaction, all of it written and nothing committed.
type halting struct {
	readmodel.Database
	left *int
}

func (d halting) Write(ctx context.Context, change func(readmodel.Tx) error) error {
	return d.Database.Write(ctx, func(tx readmodel.Tx) error {
		err := change(tx)
		if err == nil { // what is still queued is sent before a question
			_, _, err = projector.Hash(ctx, tx, readmodel.Projection{Tables: []readmodel.Table{
				{Name: "checkpoints", Key: "view"},
			}})
		}
		halt(d.left)
		return err
	})
}

// A process is killed (SIGKILL) right before its n-th commit, the next one before its (n+1)-th, and so on; what the
// last one makes of it is what one process makes that nobody disturbs.
func killedProcessesLoseNothing(t *testing.T, s Suite) {
	const appointments = 600 // seven batches
	whole := undisturbed(t, s, appointments)
	place := s.New(t)
	kills := 0
	for killedAt(t, place, "catch up", appointments, kills+1) {
		kills++
	}
	if kills < 3 {
		t.Fatalf("only %d processes could be killed: the test proves nothing", kills)
	}
	w := worldAt(t, s, place)
	if got := w.hashes(); !reflect.DeepEqual(got, whole) {
		t.Fatalf("after %d kills %v, undisturbed %v", kills, got, whole)
	}
}

// A rebuild is killed at each of its steps: while it builds, and before its transaction is kept.
func aKilledRebuildLeavesTheOldOrTheNew(t *testing.T, s Suite) {
	const appointments = 150
	whole := undisturbed(t, s, appointments)
	place := s.New(t)
	w := worldAt(t, s, place)
	month(w, appointments)
	w.catchUp()
	tables := w.tables()
	w.close()
	kills := 0
	for killedAt(t, place, "rebuild", appointments, kills+1) {
		kills++
		looker := worldAt(t, s, place)
		if got := looker.hashes(); !reflect.DeepEqual(got, whole) {
			t.Fatalf("after %d kills %v, undisturbed %v", kills, got, whole)
		}
		if left := looker.tables(); left != tables {
			t.Fatalf("kill %d left %s, before it there were %s", kills, left, tables)
		}
		looker.close()
	}
	if kills < 4 {
		t.Fatalf("only %d processes could be killed: the test proves nothing", kills)
	}
	last := worldAt(t, s, place)
	if got := last.hashes(); !reflect.DeepEqual(got, whole) || !strings.Contains(last.tables(), "calendar_v2_old") {
		t.Fatalf("in the end %v in %s, undisturbed %v", got, last.tables(), whole)
	}
}

func undisturbed(t *testing.T, s Suite, appointments int) map[string]string {
	w := newWorld(t, s)
	month(w, appointments)
	w.catchUp()
	return w.hashes()
}

// killedAt runs a process and kills it at a step; false when it ended before that one.
func killedAt(t *testing.T, place, work string, appointments, step int) bool {
	t.Helper()
	test, _, _ := strings.Cut(t.Name(), "/")
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$")
	child.Env = append(os.Environ(), childPlace+"="+place, childWork+"="+work,
		childMonth+"="+strconv.Itoa(appointments), childHalts+"="+strconv.Itoa(step))
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
	said := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if said += lines.Text() + "\n"; lines.Text() == "kill me now" {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = child.Wait() // it was killed: that is its error
			return true
		}
	}
	if err := child.Wait(); err != nil {
		t.Fatalf("the process failed: %v\n%s", err, said)
	}
	return false
}
