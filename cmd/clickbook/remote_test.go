package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// callWith is call with environment variables, given as name=value.
func callWith(t testing.TB, env []string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(context.Background(), args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs},
		func(name string) string {
			for _, one := range env {
				if value, ok := strings.CutPrefix(one, name+"="); ok {
					return value
				}
			}
			return ""
		})
	return result{out.String(), errs.String(), code}
}

// TestCommandsWorkBesideARunningServer finds, erases and rebuilds through the API of a server that holds the data
// directory.
func TestCommandsWorkBesideARunningServer(t *testing.T) {
	start := time.Now().Add(96 * time.Hour).UTC().Format(time.RFC3339)
	studio := newStudio(t, "client,phone,email,start,duration\n"+
		"Grace Hopper,27 99999-0001,grace@example.com,"+start+",30\n")
	s := firstStart(t, installation.Location{Data: studio.dir})
	env := []string{"CLICKBOOK_SERVER=" + strings.TrimSuffix(s.url, "/api/v1"), "CLICKBOOK_KEY=" + s.key}

	found := callWith(t, env, "client", "find", "--account", studio.account, "hopper")
	id, _, _ := strings.Cut(found.out, "\t")
	if found.code != exitOK || !strings.HasSuffix(found.out, "\tGrace Hopper\t+5527999990001\tgrace@example.com\n") {
		t.Fatalf("find ended with %d, printed %q and %q", found.code, found.out, found.err)
	}
	day := time.Now().Add(96 * time.Hour)
	exported := callWith(t, env, "export", "appointments", "--account", studio.account, "--from",
		day.AddDate(0, 0, -2).Format(time.DateOnly), "--to", day.AddDate(0, 0, 2).Format(time.DateOnly))
	if exported.code != exitOK || strings.Count(exported.out, "Grace Hopper,") != 1 {
		t.Errorf("export ended with %d, printed %q and %q", exported.code, exported.out, exported.err)
	}
	rebuilt := callWith(t, env, "rebuild", "clients", "calendar")
	if rebuilt.code != exitOK || strings.Count(rebuilt.out, "the same rows as before") != 2 {
		t.Errorf("rebuild ended with %d, printed %q and %q", rebuilt.code, rebuilt.out, rebuilt.err)
	}
	back := callWith(t, env, "rebuild", "--rollback", "clients")
	if back.code != exitOK || !strings.Contains(back.out, "clients\tback to the old rows\t0 events behind") {
		t.Errorf("the rollback ended with %d, printed %q and %q", back.code, back.out, back.err)
	}
	erased := callWith(t, env, "client", "erase", "--account", studio.account, id)
	if erased.code != exitOK || !strings.Contains(erased.out, "client "+id+" is erased") {
		t.Errorf("erase ended with %d, printed %q and %q", erased.code, erased.out, erased.err)
	}
	if found = callWith(t, env, "client", "find", "--account", studio.account, "hopper"); found.out != "" {
		t.Errorf("after the erasure, find prints %q", found.out)
	}
	sheet := filepath.Join(t.TempDir(), "more.csv")
	if err := os.WriteFile(sheet, []byte("client,start,duration\nAlan Turing,"+start+",30\nAda,soon,30\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	imported := callWith(t, env, "import", "csv", "--account", studio.account, "--units", "2", sheet)
	if imported.code != exitRefused || !strings.Contains(imported.out, "booked        1\n") {
		t.Errorf("import ended with %d, printed %q and %q", imported.code, imported.out, imported.err)
	}
	if refused, err := os.ReadFile(sheet + ".refused.csv"); err != nil || !strings.Contains(string(refused), "Ada,soon,30") {
		t.Errorf("the refused rows are %q, %v", refused, err)
	}
	for _, c := range []struct {
		env   []string
		args  []string
		code  int
		words string
	}{
		{env, []string{"rebuild", "colours"}, exitRefused, `there is no read model "colours"; choose one of `},
		{env, []string{"client", "find", "hopper"}, exitUsage, "--account is required"},
		{env, []string{"import", "csv", "--new-account", "New", sheet}, exitUsage, "--new-account needs --data"},
		{env, []string{"export", "appointments", "--account", studio.account}, exitUsage, "--from and --to are required"},
		{env[:1], []string{"rebuild"}, exitUsage, "set CLICKBOOK_KEY"},
		{[]string{env[0], "CLICKBOOK_KEY=cbk_wrong"}, []string{"rebuild"}, exitRefused, "this API key is unknown"},
		{append([]string{"CLICKBOOK_SERVER=studio"}, env[1]), []string{"rebuild"}, exitUsage, `invalid --server "studio"`},
		{append([]string{"CLICKBOOK_SERVER=http://127.0.0.1:1"}, env[1]), []string{"rebuild"}, exitFault, "check --server"},
	} {
		if got := callWith(t, c.env, c.args...); got.code != c.code || !strings.Contains(got.err, c.words) {
			t.Errorf("%v ended with %d and %q, want %d and %q", c.args, got.code, got.err, c.code, c.words)
		}
	}
}
