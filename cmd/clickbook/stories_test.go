package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/clickbook/clickbook/adapters/sqlite"
)

// TestStories runs the transcripts of testdata/stories against the program in a separate process. They use the
// commands of testscript and those of storyCommands.
func TestStories(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	record, err := os.ReadFile(makeRecord(t).path)
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := os.ReadFile(filepath.Join("..", "..", "docs", "made-up-month.csv"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/stories", RequireExplicitExec: true, RequireUniqueNames: true,
		Cmds: storyCommands(self),
		Setup: func(env *testscript.Env) error {
			env.Setenv(asProgram, "1")
			env.Values[exitKey{}] = new(int)
			docs := filepath.Join(env.WorkDir, "docs") // the README's session runs at the root of a clone
			return errors.Join(os.Mkdir(docs, 0o700), os.WriteFile(filepath.Join(docs, "made-up-month.csv"), shipped, 0o600),
				os.WriteFile(filepath.Join(env.WorkDir, "month.csv.gz"), record, 0o600))
		},
	})
}

type exitKey struct{}

type story = func(ts *testscript.TestScript, neg bool, args []string)

func storyCommands(self string) map[string]story {
	return map[string]story{
		// clickbook ARGS: run the program. It must succeed or, after !, fail.
		"clickbook": func(ts *testscript.TestScript, neg bool, args []string) { runStory(ts, self, neg, args) },
		// readme WORDS: run the command of the README that begins with these words.
		"readme": func(ts *testscript.TestScript, neg bool, args []string) {
			runStory(ts, self, neg, readmeCommand(ts, strings.Join(args, " ")))
		},
		// served WORDS: start the server of that command, wait until it prints its address, and interrupt it.
		"served": func(ts *testscript.TestScript, _ bool, args []string) {
			ts.Check(startAndStop(ts, self, readmeCommand(ts, strings.Join(args, " "))))
		},
		// code N: the last exit code was N.
		"code": func(ts *testscript.TestScript, _ bool, args []string) {
			if got := *ts.Value(exitKey{}).(*int); strconv.Itoa(got) != args[0] {
				ts.Fatalf("clickbook exited with %d, not %s", got, args[0])
			}
		},
		// let NAME PATTERN: set NAME to what the group matches in the last output.
		"let": func(ts *testscript.TestScript, _ bool, args []string) {
			found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
			if len(found) != 2 {
				ts.Fatalf("%s is not in the output", args[1])
			}
			ts.Setenv(args[0], found[1])
		},
		// pack FILE: gzip FILE to FILE.gz.
		"pack": func(ts *testscript.TestScript, _ bool, args []string) {
			var packed bytes.Buffer
			w := gzip.NewWriter(&packed)
			_, err := w.Write([]byte(ts.ReadFile(args[0])))
			ts.Check(errors.Join(err, w.Close()))
			ts.Check(os.WriteFile(ts.MkAbs(args[0]+".gz"), packed.Bytes(), 0o600))
		},
		// halve FILE TO: copy the first half, as from an interrupted download.
		"halve": func(ts *testscript.TestScript, _ bool, args []string) {
			whole := ts.ReadFile(args[0])
			ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(whole[:len(whole)/2]), 0o600))
		},
		// appointments N FILE: write a sheet with N appointments.
		"appointments": func(ts *testscript.TestScript, _ bool, args []string) {
			n, err := strconv.Atoi(args[0])
			ts.Check(err)
			ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(manyAppointments(n)), 0o600))
		},
		// inuse DIR: keep the directory in use until the end of the story.
		"inuse": func(ts *testscript.TestScript, _ bool, args []string) {
			store, err := sqlite.Open(context.Background(), filepath.Join(ts.MkAbs(args[0]), "events.db"), sqlite.Options{})
			ts.Check(err)
			ts.Defer(func() { _ = store.Close() })
		},
		"hidden":     hidden,
		"failedtext": failedText,
	}
}

func runStory(ts *testscript.TestScript, self string, neg bool, args []string) {
	err := ts.Exec(self, args...)
	var ended *exec.ExitError
	code := 0
	if errors.As(err, &ended) {
		code = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("clickbook did not run: %v", err)
	}
	*ts.Value(exitKey{}).(*int) = code
	if (code != 0) != neg {
		ts.Fatalf("clickbook exited with %d", code)
	}
}

// readmeCommand finds a command of the README and splits it into words as a shell does.
func readmeCommand(ts *testscript.TestScript, begins string) []string {
	text, err := os.ReadFile("../../README.md")
	ts.Check(err)
	joined := strings.ReplaceAll(string(text), "\\\n", " ")
	for line := range strings.Lines(joined) {
		if command, is := strings.CutPrefix(line, "    $ clickbook "); is && strings.HasPrefix(command, begins) {
			var words []string
			for _, word := range shellWord.FindAllString(command, -1) {
				words = append(words, strings.Trim(word, `"`))
			}
			return words
		}
	}
	ts.Fatalf("the README has no command that begins with clickbook %s", begins)
	return nil
}

var shellWord = regexp.MustCompile(`"[^"]*"|[^\s"]+`)

func startAndStop(ts *testscript.TestScript, self string, args []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Dir = ts.Getenv("WORK")
	cmd.Env = append(os.Environ(), asProgram+"=1", "CLICKBOOK_LISTEN="+ts.Getenv("CLICKBOOK_LISTEN"))
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ready := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if !ready && strings.Contains(lines.Text(), "http://") {
			ready = true
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				return err
			}
		}
	}
	if err := cmd.Wait(); err != nil || !ready {
		return fmt.Errorf("the server printed its address: %t; it exited with: %w\n%s", ready, err, errs.String())
	}
	return nil
}

// hidden DIR TEXT...: no file of the directory holds any of the texts. After !, each text is in some file.
func hidden(ts *testscript.TestScript, neg bool, args []string) {
	raw := rawBytes(ts.MkAbs(args[0]))
	if len(raw) == 0 {
		ts.Fatalf("%s is empty", args[0])
	}
	for _, text := range args[1:] {
		if bytes.Contains(raw, []byte(text)) != neg {
			ts.Fatalf("%q is in the files of %s: %t", text, args[0], !neg)
		}
	}
}

// rawBytes returns the bytes of all files in a directory, or of a file.
func rawBytes(path string) (raw []byte) {
	_ = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		raw = append(raw, content...)
		return err
	})
	return raw
}

// manyAppointments returns a sheet that does not compress too well.
func manyAppointments(n int) string {
	var text strings.Builder
	text.WriteString("client,phone,service,resource,start,duration,status\n")
	for i := range n {
		fmt.Fprintf(&text, "Cliente %d,+552799%07d,Consulta,Sala %d,2016-05-%02d %02d:%02d,15,fulfilled\n",
			i*7919%n, i*104729%9999999, i%7, 1+i/7/40, 8+i/7%40/4, i/7%4*15)
	}
	return text.String()
}
