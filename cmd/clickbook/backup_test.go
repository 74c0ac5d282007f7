package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// TestBackupBesideABusyServer backs up while clients book, and serves the copy. Every booking that was acknowledged
// before the backup began is there, and a rebuild of the copy finds the same rows.
func TestBackupBesideABusyServer(t *testing.T) {
	at := installation.Location{Data: t.TempDir()}
	p := openPractice(t, at, time.Now(), practiceClients, 1000)
	s := serving(t, at)
	s.key = p.key
	acknowledged := make(map[string]bool)
	for n := range 30 {
		if got := p.send(s, p.request(time.Now(), n)); got.status == http.StatusCreated {
			acknowledged[got.text("id")] = true
		} else {
			t.Fatalf("booking %d: %d %s", n, got.status, got.raw)
		}
	}
	ended := make(chan struct{})
	var writers, meanwhile sync.WaitGroup
	meanwhile.Add(1)
	writers.Go(func() {
		for n := 30; ; n++ {
			select {
			case <-ended:
				return
			default:
				p.send(s, p.request(time.Now(), n))
			}
			if n == 40 {
				meanwhile.Done()
			}
		}
	})
	meanwhile.Wait()
	to := filepath.Join(t.TempDir(), "copies", "monday")
	got := call(t, "", "backup", "--data", at.Data, to)
	close(ended)
	writers.Wait()
	if got.code != exitOK || !strings.Contains(got.out, "events\t") || !strings.Contains(got.out, "keys\t") {
		t.Fatalf("backup ended with %d, printed %q and %q", got.code, got.out, got.err)
	}
	if got := s.get("/health"); got.text("status") != "serving" {
		t.Errorf("after the backup: %s", got.raw)
	}
	s.kill()
	wantPrivate(t, to)
	if got := call(t, "", "backup", "--data", at.Data, "--to", to); got.code != exitFault ||
		!strings.Contains(got.err, "is not empty") {
		t.Errorf("into a full directory it ended with %d and %q", got.code, got.err)
	}

	copied := serving(t, installation.Location{Data: to})
	copied.key = p.key
	for id := range acknowledged {
		copied.get("/accounts/%s/appointments/%s", p.account, id)
	}
	if got := p.send(copied, p.request(time.Now(), 20_000)); got.status != http.StatusCreated {
		t.Errorf("booking in the copy: %d %s", got.status, got.raw)
	}
	copied.kill()
	if rebuilt := must(t, "rebuild", "--data", to); strings.Contains(rebuilt.out, "other rows than before") ||
		!strings.Contains(rebuilt.out, "the same rows as before") {
		t.Errorf("the rebuild of the copy printed %s", rebuilt.out)
	}
}

// wantPrivate checks that a directory holds exactly the files of a backup, and that only their owner may read them.
func wantPrivate(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
		if info, err := entry.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", entry.Name(), info.Mode(), err)
		}
	}
	if got := strings.Join(names, " "); got != "events.db installation.key keys.db state.db" {
		t.Errorf("the backup holds %s", got)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%s has mode %v, %v", dir, info.Mode(), err)
	}
}

// TestFailedBackupLeavesNothing backs up an installation whose key file is missing.
func TestFailedBackupLeavesNothing(t *testing.T) {
	at := installation.Location{Data: t.TempDir()}
	openPractice(t, at, time.Now(), 1, 1)
	if err := os.Remove(filepath.Join(at.Data, "installation.key")); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "copy")
	got := call(t, "", "backup", "--data", at.Data, to)
	if _, err := os.Stat(to); got.code != exitFault || !os.IsNotExist(err) {
		t.Errorf("it ended with %d and %q; the directory: %v", got.code, got.err, err)
	}
}

// TestBackupWithoutTheLog backs up an installation whose log is in a server, and says that the log is not copied.
func TestBackupWithoutTheLog(t *testing.T) {
	at := installation.Location{Data: t.TempDir()}
	openPractice(t, at, time.Now(), 1, 1)
	to := filepath.Join(t.TempDir(), "copy")
	got := call(t, "", "backup", "--data", at.Data, "--store", "postgres://me:secret@db.example.com/main", to)
	if got.code != exitOK || !strings.Contains(got.out, "not copied\tthe log in postgres://db.example.com/main: ") ||
		!strings.Contains(got.out, "keys\t") {
		t.Errorf("it ended with %d, printed %q and %q", got.code, got.out, got.err)
	}
	if _, err := os.Stat(filepath.Join(to, "keys.db")); err != nil {
		t.Error(err)
	}
}
