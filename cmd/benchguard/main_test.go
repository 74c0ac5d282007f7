package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const recorded = `goos: linux
pkg: example.com/store
BenchmarkAppend-2   	     100	  1000 ns/op	 0.80 ratio	 12 allocs/op
BenchmarkAppend-2   	     100	  1000 ns/op	 0.90 ratio	 12 allocs/op
BenchmarkAppend-2   	     100	  1000 ns/op	 0.10 ratio	 12 allocs/op
BenchmarkAlone-2    	     100	  1.2 times-sync
PASS
`

func TestWorseFiguresArePrinted(t *testing.T) {
	for _, test := range []struct{ name, results, want string }{
		{"the same", recorded, "compared 3 figures with RECORDED: 0 got worse\n"},
		{
			"a ratio that fell and slower seconds",
			"pkg: example.com/store\nBenchmarkAppend-2 100 9000 ns/op 0.60 ratio 12 allocs/op\n",
			"worse: example.com/store.BenchmarkAppend-2: 0.6 ratio, recorded 0.8\n" +
				"compared 2 figures with RECORDED: 1 got worse\n",
		},
		{
			"more allocations and syncs",
			"pkg: example.com/store\nBenchmarkAppend-2 100 1 ns/op 2 ratio 14 allocs/op\nBenchmarkAlone-2 1 1.7 times-sync\n",
			"worse: example.com/store.BenchmarkAlone-2: 1.7 times-sync, recorded 1.2\n" +
				"worse: example.com/store.BenchmarkAppend-2: 14 allocs/op, recorded 12\n" +
				"compared 3 figures with RECORDED: 2 got worse\n",
		},
		{
			"another package", "pkg: example.com/other\nBenchmarkAppend-2 100 1 ns/op 0.1 ratio\n",
			"compared 0 figures with RECORDED: 0 got worse\n",
		},
	} {
		dir := t.TempDir()
		before, after := filepath.Join(dir, "before"), filepath.Join(dir, "after")
		for path, text := range map[string]string{before: recorded, after: test.results} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var out strings.Builder
		if err := run(&out, before, after); err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(out.String(), before, "RECORDED"); got != test.want {
			t.Errorf("%s: printed\n%swant\n%s", test.name, got, test.want)
		}
	}
}

func TestUnknownMachineIsNoFailure(t *testing.T) {
	results := filepath.Join(t.TempDir(), "results")
	if err := os.WriteFile(results, []byte(recorded), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run(&out, results+".none", results); err != nil || !strings.Contains(out.String(), "no figures are recorded") {
		t.Errorf("printed %q, error %v", out.String(), err)
	}
}
