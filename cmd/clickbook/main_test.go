package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
)

// asProgram makes the test binary be the program itself: what the tests start, kill and limit is a real process.
const asProgram = "CLICKBOOK_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	var err error
	if shelf, err = os.MkdirTemp("", "clickbook-test-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(shelf)
	os.Exit(code)
}

// shelf is a directory for what several tests use, made once.
var shelf string

// program is the program as a process of its own, not yet started.
func program(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// said is what a finished command left.
type said struct {
	out, err string
	code     int
}

// call runs a command within this process, which is the same program without the start of a process.
func call(t testing.TB, stdin string, args ...string) said {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(context.Background(), args, cli.Streams{In: strings.NewReader(stdin), Out: &out, Err: &errs}, func(string) string { return "" })
	return said{out.String(), errs.String(), code}
}

// must is call, where nothing but success will do.
func must(t testing.TB, args ...string) said {
	t.Helper()
	got := call(t, "", args...)
	if got.code != exitOK {
		t.Fatalf("clickbook %s ended with %d: %s", strings.Join(args, " "), got.code, got.err)
	}
	return got
}

// unlessShort leaves out what takes long and runs one thing after another, where the race detector looks on.
func unlessShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("this takes long; run without -short")
	}
}
