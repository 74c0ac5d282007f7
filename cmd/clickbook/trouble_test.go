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

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// ended runs the program to its end, as a process of its own.
func ended(t *testing.T, args ...string) said {
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
	return said{out.String(), errs.String(), bounded.ProcessState.ExitCode()}
}

// wantTrouble holds an end to its code and to one sentence that holds the words and says what to do.
func wantTrouble(t *testing.T, got said, code int, words ...string) {
	t.Helper()
	sentence := ""
	for line := range strings.Lines(got.err) {
		if strings.HasPrefix(line, "clickbook: ") {
			if sentence != "" {
				t.Errorf("there are several sentences: %s", got.err)
			}
			sentence = line
		}
	}
	if got.code != code || sentence == "" {
		t.Errorf("it ended with %d instead of %d: %s", got.code, code, got.err)
	}
	for _, word := range words {
		if !strings.Contains(sentence, word) {
			t.Errorf("the sentence lacks %q: %s", word, got.err)
		}
	}
}

func TestACommandLineThatMakesNoSense(t *testing.T) {
	for _, c := range []struct {
		args  []string
		words string
	}{
		{[]string{"serve", "--frobnicate"}, "unknown flag: --frobnicate; see clickbook serve --help"},
		{[]string{"serve", "--listen", "nonsense"}, "write it like 127.0.0.1:8080"},
		{[]string{"serve", "--log", "loud"}, "write debug, info, warn or error"},
		{[]string{"serve", "there"}, "see clickbook serve --help"},
		{[]string{"ledger", "export"}, "--account is required"},
		{[]string{"ledger", "export", "--account", "7"}, "--account"},
		{[]string{"serve", "--demo", "--store", "sqlite:elsewhere.db"}, "give --data beside --store"},
		{[]string{"serve", "--store", "mysql://root:secret@host/db"}, "write sqlite:///path, postgres://… or esdb://…"},
		{[]string{"serve", "--views", "esdb://host"}, "write sqlite:///path or postgres://…"},
		{[]string{"serve", "--data", "d", "--store", "postgres://u:secret@h/db?wrong=1"}, `a parameter "wrong"`},
		{[]string{"serve", "--data", "d", "--store", "esdb://u:secret@h?wrong=1"}, `a parameter "wrong"`},
		{[]string{"serve", "--data", "d", "--views", "postgres://u:secret@h/db?wrong=1"}, `a parameter "wrong"`},
		{[]string{"serve", "--data", "d", "--views", "postgres://u:secret@h"}, "names no database"},
		{[]string{"simulate"}, "say with --appointments, --from and --to"},
		{[]string{"frob"}, "see clickbook --help"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			got := ended(t, c.args...)
			wantTrouble(t, got, exitUsage, c.words)
			if got.out != "" || strings.Contains(got.err, "secret") {
				t.Errorf("it told %q and %q", got.out, got.err)
			}
		})
	}
}

// TestReadModelsOutOfReach: a log and keys are not begun beside read models that cannot be had.
func TestReadModelsOutOfReach(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	got := ended(t, "serve", "--listen", "127.0.0.1:0", "--data", dir, "--views", "postgres://u:secret@127.0.0.1:1/db")
	wantTrouble(t, got, exitFault, "127.0.0.1:1")
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || strings.Contains(got.err, "secret") {
		t.Errorf("%s was made (%v), or told: %s", dir, err, got.err)
	}
}

func TestAPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := filepath.Join(t.TempDir(), "data")
	got := ended(t, "serve", "--data", dir, "--listen", taken.Addr().String())
	wantTrouble(t, got, exitFault, "cannot listen on "+taken.Addr().String(), "give another --listen")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("a server that could not listen made a data directory")
	}
}

func TestADirectoryInUse(t *testing.T) {
	dir := t.TempDir()
	first := firstStart(t, installation.Home{Data: dir})
	for _, args := range [][]string{
		{"serve", "--listen", "127.0.0.1:0", "--data", dir},
		{"rebuild", "--data", dir},
		{"ledger", "export", "--account", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "--data", dir},
	} {
		wantTrouble(t, ended(t, args...), exitFault, dir, "in use by another process; stop that one")
	}
	if me := first.get("/whoami"); me.text("role") != "admin" {
		t.Errorf("the first server was disturbed: %s", me.raw)
	}
}

// TestADamagedDirectory damages each file in turn. The log and the keys cannot be replaced, so the server says what to
// do and ends; what is put back is whole.
func TestADamagedDirectory(t *testing.T) {
	unlessShort(t)
	month := livedThrough(t)
	for name, c := range map[string]struct {
		file   string
		damage func(t *testing.T, path string)
		words  []string
	}{
		"the log's pages":     {"events.db", flip, []string{"events.db is damaged", "restore the last backup"}},
		"half of the log":     {"events.db", cut, []string{"events.db is damaged", "restore the last backup"}},
		"no log at all":       {"events.db", scribble, []string{"events.db is no database", "restore the last backup"}},
		"a newer log":         {"events.db", age, []string{"event log", "has format 99", "run a newer version"}},
		"newer keys":          {"keys.db", age, []string{"keyring", "has format 99", "run a newer version"}},
		"newer read models":   {"views.db", age, []string{"read-model database", "has format 99", "run a newer version"}},
		"no keys":             {"keys.db", lose, []string{"keys.db is missing", "put it back"}},
		"no installation key": {"installation.key", lose, []string{"is missing", "put it back"}},
		"no state":            {"state.db", scribble, []string{"state.db is no database", "no data is lost"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t, month.dir)
			path := filepath.Join(dir, c.file)
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			c.damage(t, path)
			wantTrouble(t, ended(t, "serve", "--data", dir, "--listen", "127.0.0.1:0"), exitFault, c.words...)
			drop(t, dir, c.file+"-")
			if err := os.WriteFile(path, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			h := byHand(t, installation.Home{Data: dir}, monthEnd)
			defer h.close()
			h.settle(t.Context())
			examineLog(h)
		})
	}
}

// TestLostReadModelsAreMadeAnew: deleted or damaged, the log makes them again, the same as before.
func TestLostReadModelsAreMadeAnew(t *testing.T) {
	unlessShort(t)
	month := livedThrough(t)
	h := byHand(t, installation.Home{Data: month.dir}, monthEnd)
	h.settle(t.Context())
	want := h.hashes()
	h.close()
	for name, damage := range map[string]func(t *testing.T, path string){
		"deleted": lose, "no database": scribble, "damaged": flip, "cut": cut, "emptied": func(t *testing.T, path string) {
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t, month.dir)
			damage(t, filepath.Join(dir, "views.db"))
			again := byHand(t, installation.Home{Data: dir}, monthEnd)
			defer again.close()
			again.settle(t.Context())
			for name, hash := range again.hashes() {
				if hash != want[name] {
					t.Errorf("the read model %s is another than before", name)
				}
			}
		})
	}
}

func lose(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func scribble(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, bytes.Repeat([]byte("scribble"), 10_000), 0o600); err != nil {
		t.Fatal(err)
	}
}

// flip turns a byte here and there, as a failing disk does, and leaves the first page alone.
func flip(t *testing.T, path string) {
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

func cut(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()/2)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// age makes the file one of a version to come: the number stands at byte 60 of the first page (user_version).
func age(t *testing.T, path string) {
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
