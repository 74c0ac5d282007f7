package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// runProcess runs the program as a separate process until it exits.
func runProcess(t *testing.T, args ...string) result {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	cmd := program(t, args...)
	bounded := exec.CommandContext(ctx, cmd.Path, args...)
	bounded.Env = cmd.Env
	var out, errs bytes.Buffer
	bounded.Stdout, bounded.Stderr = &out, &errs
	err := bounded.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("clickbook %s: %v, %v", strings.Join(args, " "), err, ctx.Err())
	}
	return result{out.String(), errs.String(), bounded.ProcessState.ExitCode()}
}

// wantError checks the exit code, and that there is one error sentence with the words.
func wantError(t *testing.T, got result, code int, words ...string) {
	t.Helper()
	sentence := ""
	for line := range strings.Lines(got.err) {
		if strings.HasPrefix(line, "clickbook: ") {
			if sentence != "" {
				t.Errorf("there are several errors: %s", got.err)
			}
			sentence = line
		}
	}
	if got.code != code || sentence == "" {
		t.Errorf("the exit code is %d, want %d: %s", got.code, code, got.err)
	}
	for _, word := range words {
		if !strings.Contains(sentence, word) {
			t.Errorf("the error lacks %q: %s", word, got.err)
		}
	}
}

func TestInvalidCommandLines(t *testing.T) {
	for _, c := range []struct {
		args  []string
		words string
	}{
		{[]string{"serve", "--frobnicate"}, "unknown flag: --frobnicate; see clickbook serve --help"},
		{[]string{"serve", "--listen", "nonsense"}, "such as 127.0.0.1:8080"},
		{[]string{"serve", "--log", "loud"}, "write debug, info, warn or error"},
		{[]string{"serve", "there"}, "see clickbook serve --help"},
		{[]string{"ledger", "export"}, "--account is required"},
		{[]string{"ledger", "export", "--account", "7"}, "--account"},
		{[]string{"serve", "--demo", "--store", "sqlite:elsewhere.db"}, "--store (or CLICKBOOK_STORE) also needs --data"},
		{[]string{"serve", "--store", "mysql://root:secret@host/db"}, "write sqlite:///path, postgres://… or esdb://…"},
		{[]string{"serve", "--views", "esdb://host"}, "write sqlite:///path or postgres://…"},
		{[]string{"serve", "--data", "d", "--store", "postgres://u:secret@h/db?wrong=1"}, `unknown parameter "wrong"`},
		{[]string{"serve", "--data", "d", "--store", "esdb://u:secret@h?wrong=1"}, `a parameter "wrong"`},
		{[]string{"serve", "--data", "d", "--views", "postgres://u:secret@h/db?wrong=1"}, `unknown parameter "wrong"`},
		{[]string{"serve", "--data", "d", "--views", "postgres://u:secret@h"}, "has no database"},
		{[]string{"simulate"}, "--appointments, --from and --to are required"},
		{[]string{"frob"}, "see clickbook --help"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			got := runProcess(t, c.args...)
			wantError(t, got, exitUsage, c.words)
			if got.out != "" || strings.Contains(got.err, "secret") {
				t.Errorf("it printed %q and %q", got.out, got.err)
			}
		})
	}
}

// TestUnreachableReadModelsLeaveNoData checks that no log and no keys are created if the read models cannot be
// reached.
func TestUnreachableReadModelsLeaveNoData(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	got := runProcess(t, "serve", "--listen", "127.0.0.1:0", "--data", dir,
		"--views", "postgres://u:secret@127.0.0.1:1/db")
	wantError(t, got, exitFault, "127.0.0.1:1")
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || strings.Contains(got.err, "secret") {
		t.Errorf("%s was created (%v), or the error has the password: %s", dir, err, got.err)
	}
}

func TestPortInUseIsReported(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := filepath.Join(t.TempDir(), "data")
	got := runProcess(t, "serve", "--data", dir, "--listen", taken.Addr().String())
	wantError(t, got, exitFault, "cannot listen on "+taken.Addr().String(), "choose another --listen")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("a server that could not listen created a data directory")
	}
}

func TestDirectoryInUseIsReported(t *testing.T) {
	dir := t.TempDir()
	first := firstStart(t, installation.Location{Data: dir})
	for _, args := range [][]string{
		{"serve", "--listen", "127.0.0.1:0", "--data", dir},
		{"rebuild", "--data", dir},
		{"ledger", "export", "--account", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "--data", dir},
	} {
		wantError(t, runProcess(t, args...), exitFault, dir, "in use by another process; stop that one")
	}
	if me := first.get("/whoami"); me.text("role") != "admin" {
		t.Errorf("the first server was disturbed: %s", me.raw)
	}
}

// TestDamagedFilesAreReported damages each file in turn. The server says what to do and exits. After the file is
// restored, everything works.
func TestDamagedFilesAreReported(t *testing.T) {
	skipIfShort(t)
	month := simulatedMonth(t)
	for name, c := range map[string]struct {
		file   string
		damage func(t *testing.T, path string)
		words  []string
	}{
		"the log's pages": {"events.db", flipBytes, []string{"events.db is damaged", "restore the last backup"}},
		"half of the log": {"events.db", truncate, []string{"events.db is damaged", "restore the last backup"}},
		"no log at all":   {"events.db", overwrite, []string{"events.db is not a database", "restore the last backup"}},
		"a newer log":     {"events.db", makeNewer, []string{"event log", "has format 99", "run a newer version"}},
		"newer keys":      {"keys.db", makeNewer, []string{"keyring", "has format 99", "run a newer version"}},
		"newer read models": {
			"views.db", makeNewer, []string{"read-model database", "has format 99", "run a newer version"},
		},
		"no keys":             {"keys.db", removeFile, []string{"keys.db is missing", "put it back"}},
		"empty keys":          {"keys.db", empty, []string{"keys.db is damaged: it is empty", "put it back"}},
		"keys without tables": {"keys.db", withoutTables, []string{"keys.db is damaged: it is empty", "put it back"}},
		"no installation key": {"installation.key", removeFile, []string{"is missing", "put it back"}},
		"the keys' pages":     {"keys.db", breakPages, []string{"keys.db is damaged", "restore"}},
		"the state's pages":   {"state.db", breakPages, []string{"state.db is damaged", "no data is lost"}},
		"no state":            {"state.db", overwrite, []string{"state.db is not a database", "no data is lost"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t, month.dir)
			path := filepath.Join(dir, c.file)
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			c.damage(t, path)
			wantError(t, runProcess(t, "serve", "--data", dir, "--listen", "127.0.0.1:0"), exitFault, c.words...)
			drop(t, dir, c.file+"-")
			if err := os.WriteFile(path, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			h := openManual(t, installation.Location{Data: dir}, monthEnd)
			defer h.close()
			h.settle(t.Context())
			checkLog(h)
		})
	}
}

// TestLostReadModelsAreRebuilt deletes or damages the read models. They are rebuilt and the same.
func TestLostReadModelsAreRebuilt(t *testing.T) {
	skipIfShort(t)
	month := simulatedMonth(t)
	h := openManual(t, installation.Location{Data: month.dir}, monthEnd)
	h.settle(t.Context())
	want := h.hashes()
	h.close()
	for name, damage := range map[string]func(t *testing.T, path string){
		"deleted": removeFile, "no database": overwrite, "damaged": flipBytes, "truncated": truncate,
		"emptied": func(t *testing.T, path string) {
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t, month.dir)
			damage(t, filepath.Join(dir, "views.db"))
			again := openManual(t, installation.Location{Data: dir}, monthEnd)
			defer again.close()
			again.settle(t.Context())
			for name, hash := range again.hashes() {
				if hash != want[name] {
					t.Errorf("the read model %s differs", name)
				}
			}
		})
	}
}

func removeFile(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func overwrite(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, bytes.Repeat([]byte("scribble"), 10_000), 0o600); err != nil {
		t.Fatal(err)
	}
}

// flipBytes damages bytes after the first pages, as a failing disk does.
func flipBytes(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 20_000; i < len(data); i += 997 {
		data[i] ^= 0xff
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// breakPages overwrites the beginning of each page after the first, whatever the size of the file.
func breakPages(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for page := 4096; page+8 < len(data); page += 4096 {
		copy(data[page:], "damaged!")
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()/2)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// makeNewer gives the file the format of a future version. The format is user_version, at byte 60 of the first page.
func makeNewer(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	binary.BigEndian.PutUint32(data[60:], 99)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func empty(t *testing.T, path string) {
	t.Helper()
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
}

// withoutTables replaces a file by a database that has nothing in it.
func withoutTables(t *testing.T, path string) {
	t.Helper()
	empty(t, path)
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(sqlitex.ExecuteScript(conn, "CREATE TABLE t (x); DROP TABLE t", nil), conn.Close()); err != nil {
		t.Fatal(err)
	}
}
