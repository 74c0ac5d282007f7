package viewstest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// These variables are set in a process that is to be killed: where its read models are, what it does, how many
// appointments its log has, and at which step it waits for the kill.
const (
	childPlace = "CLICKBOOK_TEST_READ_MODELS_AT"
	childWork  = "CLICKBOOK_TEST_READ_MODELS_DO"
	childMonth = "CLICKBOOK_TEST_READ_MODELS_OF"
	childHalts = "CLICKBOOK_TEST_READ_MODELS_HALT"
)

// What a process that is to be killed does.
const (
	workCatchUp = "catch up"
	workRebuild = "rebuild"
)

// IsChild reports whether another test started this process to kill it.
func IsChild() bool { return os.Getenv(childPlace) != "" }

// runChild does the work of a process that is to be killed. It returns false in any other process.
func runChild(t *testing.T, s Suite) bool {
	if !IsChild() {
		return false
	}
	appointments, err := strconv.Atoi(os.Getenv(childMonth))
	if err != nil {
		t.Fatal(err)
	}
	halts, err := strconv.Atoi(os.Getenv(childHalts))
	if err != nil {
		t.Fatal(err)
	}
	w := worldAt(t, s, os.Getenv(childPlace))
	w.month(appointments)
	w.projector = projector.New(w.Store, w.Codec, halting{w.db, &halts}, projections.All()...)
	w.catchUp()
	if os.Getenv(childWork) == workRebuild {
		_, err := w.projector.Rebuild(t.Context(), func(int, int) { halt(&halts) })
		w.ok(err)
	}
	return true
}

// halt counts down the steps and waits for the kill at the last.
func halt(left *int) {
	if *left--; *left == 0 {
		fmt.Println("kill me now")
		_, _ = os.Stdin.Read(make([]byte, 1)) // nobody writes to it
	}
}

// halting halts in each transaction, when everything is written and nothing is committed.
type halting struct {
	readmodel.Database
	left *int
}

func (d halting) Write(ctx context.Context, change func(readmodel.Tx) error) error {
	return d.Database.Write(ctx, func(tx readmodel.Tx) error {
		err := change(tx)
		if err == nil { // a query makes the database send delayed statements
			_, _, err = projector.Hash(ctx, tx, readmodel.Projection{Tables: []readmodel.Table{
				{Name: "checkpoints", Key: "view"},
			}})
		}
		halt(d.left)
		return err
	})
}

// killedProcessesLoseNothing kills a process (SIGKILL) right before its n-th commit, the next one before its
// (n+1)-th, and so on. In the end the rows are those of a process that nobody killed.
func killedProcessesLoseNothing(t *testing.T, s Suite) {
	const appointments = 600 // seven batches
	want := hashesOfMonth(t, s, appointments)
	place := s.New(t)
	kills := 0
	for killedAt(t, place, workCatchUp, appointments, kills+1) {
		kills++
	}
	if kills < 3 {
		t.Fatalf("only %d processes could be killed: the test proves nothing", kills)
	}
	worldAt(t, s, place).checkHashes(fmt.Sprintf("after %d kills", kills), want)
}

// killedRebuildLeavesOldOrNew kills a rebuild at each of its steps: while it builds, and before it commits.
func killedRebuildLeavesOldOrNew(t *testing.T, s Suite) {
	const appointments = 150
	want := hashesOfMonth(t, s, appointments)
	place := s.New(t)
	w := worldAt(t, s, place)
	w.month(appointments)
	w.catchUp()
	tables := w.tables()
	w.close()
	kills := 0
	for killedAt(t, place, workRebuild, appointments, kills+1) {
		kills++
		after := worldAt(t, s, place)
		after.checkHashes(fmt.Sprintf("after kill %d", kills), want)
		if left := after.tables(); left != tables {
			t.Fatalf("kill %d left the tables %s, before it there were %s", kills, left, tables)
		}
		after.close()
	}
	if kills < 4 {
		t.Fatalf("only %d processes could be killed: the test proves nothing", kills)
	}
	last := worldAt(t, s, place)
	last.checkHashes("after the last rebuild", want)
	if tables := last.tables(); !strings.Contains(tables, "calendar_v3_old") {
		t.Fatalf("the last rebuild kept no old rows, only %s", tables)
	}
}

// hashesOfMonth returns the hashes of a process that nobody kills.
func hashesOfMonth(t *testing.T, s Suite, appointments int) map[string]string {
	w := newWorld(t, s)
	w.month(appointments)
	w.catchUp()
	return w.hashes()
}

// killedAt starts a process and kills it at a step. It returns false when the process ended before that step.
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
	printed := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if printed += lines.Text() + "\n"; lines.Text() == "kill me now" {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = child.Wait() // it was killed, which is an error
			return true
		}
	}
	if err := child.Wait(); err != nil {
		t.Fatalf("the process failed: %v\n%s", err, printed)
	}
	return false
}
