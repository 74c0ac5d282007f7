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

// asProgram makes the test binary run as the program, so tests can start and kill a real process.
const asProgram = "CLICKBOOK_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		if dir := os.Getenv(profiles); dir != "" {
			profiledMain(dir)
		}
		main()
	}
	var err error
	if sharedDir, err = os.MkdirTemp("", "clickbook-test-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(sharedDir)
	os.Exit(code)
}

// sharedDir holds what several tests use.
var sharedDir string

// program returns the program as a separate process that has not been started.
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

// result is the output of a finished command.
type result struct {
	out, err string
	code     int
}

// call runs a command in this process, which is faster than starting one.
func call(t testing.TB, stdin string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(context.Background(), args, cli.Streams{
		In: strings.NewReader(stdin), Out: &out, Err: &errs,
	}, func(string) string { return "" })
	return result{out.String(), errs.String(), code}
}

// must is call for a command that must succeed.
func must(t testing.TB, args ...string) result {
	t.Helper()
	got := call(t, "", args...)
	if got.code != exitOK {
		t.Fatalf("clickbook %s ended with %d: %s", strings.Join(args, " "), got.code, got.err)
	}
	return got
}

// skipIfShort skips a test that takes long.
func skipIfShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("slow; run without -short")
	}
}
