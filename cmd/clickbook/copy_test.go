package main

import (
	"errors"
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/logcopy"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/domain"
)

// TestCopyThroughEveryStoreAndBack copies a log through all stores, and uses the copy in each.
func TestCopyThroughEveryStoreAndBack(t *testing.T) {
	skipIfShort(t)
	month := simulatedMonth(t)
	first := installation.Location{Data: month.dir}
	h := openManual(t, first, monthEnd)
	h.settle(t.Context())
	models := h.hashes()
	h.close()
	at, sum := first, ""
	for _, engine := range []string{"postgres", "kurrentdb", "postgres", "sqlite", "kurrentdb", "sqlite"} {
		next := newLocations[engine](t)
		next.Data = month.dir
		if next.Store == "" {
			next.Store = "sqlite:" + filepath.Join(t.TempDir(), "events.db")
		}
		report := must(t, "copy", "--from", at.LogURL(), "--to", next.Store).out
		_, hash, _ := strings.Cut(report, "SHA-256 over both logs: ")
		if sum != "" && hash != sum || len(strings.TrimSpace(hash)) != 64 {
			t.Errorf("the copy to %s has the hash %q, the previous one %q", engine, hash, sum)
		}
		sum, at = hash, next
		moved := openManual(t, at, monthEnd)
		before := moved.head()
		moved.settle(t.Context())
		if moved.head() != before {
			t.Errorf("after the copy to %s the handlers appended to the log", engine)
			moved.logEvents(before)
		}
		if got := moved.hashes(); !maps.Equal(got, models) {
			t.Errorf("after the copy to %s the read models are %v, before %v", engine, got, models)
		}
		moved.close()
	}
}

// TestKilledCopyIsFinishedByTheSameCommand kills a copy later and later after its start. No server opens the
// unfinished copy, no other log is copied into it, and the same command finishes it.
func TestKilledCopyIsFinishedByTheSameCommand(t *testing.T) {
	skipIfShort(t)
	month := simulatedMonth(t)
	another := other(t)
	onEveryStore(t, func(t *testing.T, fresh func(testing.TB) installation.Location) {
		to := fresh(t)
		to.Data, to.Views = month.dir, ""
		if to.Store == "" {
			to.Store = "sqlite:" + filepath.Join(t.TempDir(), "events.db")
		}
		copying := []string{"copy", "--from", installation.Location{Data: month.dir}.LogURL(), "--to", to.Store}
		unfinished := 0
		whole := false
		started := time.Now()
		runProcess(t, "version") // no copy begins sooner than this ends
		for wait := time.Since(started) / 2; !whole && killedAfter(t, wait, copying...); {
			if wait = wait * 9 / 8; unfinished > 0 { // small steps until a kill hits the copy itself
				wait = wait * 4 / 3
			}
			var begun bool
			if begun, whole = copied(t, to.Store); begun {
				unfinished++
				got := runProcess(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, locationArgs(to)...)...)
				wantError(t, got, exitFault, "unfinished copy", "run the same clickbook copy again")
				got = call(t, "", "copy", "--from", another.LogURL(), "--to", to.Store)
				wantError(t, got, exitFault, "another log than", "choose another store")
			}
		}
		if unfinished == 0 {
			t.Error("no copy was killed before it finished")
		}
		again := call(t, "", copying...)
		wantError(t, again, exitFault, "already holds a log")
		h := openManual(t, to, monthEnd)
		defer h.close()
		checkLog(h)
	})
}

// copied reads the marks of the destination of a copy.
func copied(t *testing.T, place string) (begun, whole bool) {
	t.Helper()
	log, err := installation.OpenLog(t.Context(), place, installation.LogOptions{Present: true})
	if errors.Is(err, installation.ErrNoLog) {
		return false, false
	}
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	unfinished, err := log.Mark(t.Context(), logcopy.CopyMark)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := log.Mark(t.Context(), logcopy.OwnerMark)
	if err != nil {
		t.Fatal(err)
	}
	return unfinished != "", unfinished == "" && owner != ""
}

// killedAfter kills a command after a while, and reports whether it was still running.
func killedAfter(t *testing.T, wait time.Duration, args ...string) bool {
	t.Helper()
	cmd := program(t, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.Exited()) {
		t.Fatalf("the copy failed: %v", err)
	}
	return err != nil
}

func TestCopyRefusesInvalidStores(t *testing.T) {
	dir := t.TempDir()
	full := other(t)
	nowhere, somewhere := "sqlite:"+filepath.Join(dir, "nowhere.db"), "sqlite:"+filepath.Join(dir, "to.db")
	for name, c := range map[string]struct {
		from, to string
		code     int
		words    []string
	}{
		"no flags":     {"", "", exitUsage, []string{"--from and --to are required"}},
		"onto itself":  {full.LogURL(), full.LogURL(), exitUsage, []string{"are the same store"}},
		"from nowhere": {nowhere, somewhere, exitFault, []string{"holds no log", "--from"}},
		"an unknown store": {
			full.LogURL(), "mysql://root:secret@127.0.0.1/db", exitUsage, []string{"mysql", "write sqlite:///path"},
		},
		"a file with a host": {full.LogURL(), "sqlite://host/path", exitUsage, []string{"names a host"}},
		"a parameter":        {full.LogURL(), nowhere + "?mode=ro", exitUsage, []string{"takes none"}},
		"over another log":   {full.LogURL(), "sqlite:" + other(t).Data, exitFault, []string{"already holds a log"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := call(t, "", "copy", "--from", c.from, "--to", c.to)
			wantError(t, got, c.code, c.words...)
			if strings.Contains(got.err, "secret") || got.out != "" {
				t.Errorf("it printed %q and %q", got.out, got.err)
			}
		})
	}
}

// other returns a location with another log.
func other(t testing.TB) installation.Location {
	at := installation.Location{Data: t.TempDir()}
	begin(t, at)
	return at
}

// begin writes the first events to a log.
func begin(t testing.TB, at installation.Location) {
	h := openManual(t, at, monthEnd)
	defer h.close()
	_, err := h.Projector.CatchUp(t.Context())
	h.ok(err)
	h.ok(h.AddSimulatedProviders(t.Context()))
}

// TestStoreOfAnotherInstallationIsRefused checks on every store that a data directory opens its own log only.
func TestStoreOfAnotherInstallationIsRefused(t *testing.T) {
	onEveryStore(t, func(t *testing.T, fresh func(testing.TB) installation.Location) {
		at := fresh(t)
		if at.Store == "" {
			at.Store = "sqlite:" + filepath.Join(t.TempDir(), "events.db")
		}
		begin(t, at)
		h := openManual(t, at, monthEnd)
		_, err := h.Keys.Seal("client-1", "ClientRegistered", []byte("a name"))
		h.ok(err)
		before := h.head()
		h.close()

		stranger := at
		stranger.Data = t.TempDir()
		serve := []string{"serve", "--listen", "127.0.0.1:0"}
		wantError(t, runProcess(t, append(serve, locationArgs(stranger)...)...), exitFault, "another installation", "--data")
		stranger = other(t)
		stranger.Store = at.Store
		wantError(t, runProcess(t, append(serve, locationArgs(stranger)...)...), exitFault, "another installation", "--data")
		lost := fresh(t)
		lost.Data = at.Data
		if lost.Store == "" {
			lost.Store = "sqlite:" + filepath.Join(t.TempDir(), "events.db")
		}
		got := runProcess(t, append(serve, locationArgs(lost)...)...)
		wantError(t, got, exitFault, "there is no log in", "has the keys of one")

		again := openManual(t, at, monthEnd)
		defer again.close()
		if again.head() != before {
			t.Error("another installation wrote to the log")
		}
		for entry, err := range again.Events.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
			again.ok(err)
			_, err = again.Codec.Decode(entry)
			again.ok(err)
		}
	})
}
