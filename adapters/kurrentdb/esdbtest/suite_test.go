package esdbtest_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
)

// clientModule is the official client. Its test files are the suite.
const clientModule = "github.com/EventStore/EventStore-Client-Go/v4"

//go:embed testdata/suite/containers_test.go
var containers []byte

// unsupported matches the client's tests of what the server does not support, see the package comment: persistent
// subscriptions (some of the authentication tests create them), projections and plugins.
const unsupported = `^TestPersistentSubscriptions$|^TestProjections$|^TestPlugins$|^TestStreams$/^AuthenticationTests$`

// How many of the client's tests must pass.
const (
	minPassed            = 52
	minPassedWithoutData = 40 // without a server that has data
)

// maySkip lists tests of users and passwords, which a server without encryption does not have.
var maySkip = []string{
	"TestStreams/AppendTests/appendToSystemStreamWithIncorrectCredentials",
	"TestStreams/ReadStreamTests/readStreamWithCredentialsOverride",
}

// TestClientSuite runs the client's own tests against this package's server.
func TestClientSuite(t *testing.T) {
	module := moduleFolder(t)
	events := populated(t, module)
	empty := esdbtest.Start(t)
	first := esdbtest.Start(t, esdbtest.WithEvents(events...))
	second := esdbtest.Start(t, esdbtest.WithEvents(events...))
	results := runSuite(t, module, unsupported,
		"SUITE_CONNECTION=esdb://HOST?tls=false",
		"SUITE_EMPTY="+empty.Addr(),
		"SUITE_POPULATED="+first.Addr()+","+second.Addr())
	for _, name := range results["skip"] {
		if !slices.Contains(maySkip, name) {
			t.Errorf("the client's test %s was skipped", name)
		}
	}
	if passed := len(results["pass"]); passed < minPassed {
		t.Errorf("%d of the client's tests passed, want at least %d: %v", passed, minPassed, results["pass"])
	}
}

// TestClientSuiteOnRealNode runs the same tests against the node that CLICKBOOK_TEST_ESDB names. Without one it is
// skipped, even in CI. The tests that need the data of the client's container image are skipped too.
func TestClientSuiteOnRealNode(t *testing.T) {
	connection := os.Getenv("CLICKBOOK_TEST_ESDB")
	if connection == "" {
		t.Skip("set CLICKBOOK_TEST_ESDB to the connection string of an EventStoreDB or KurrentDB node")
	}
	results := runSuite(t, moduleFolder(t), unsupported+"|^TestExpectations$",
		"SUITE_CONNECTION="+connection, "SUITE_EMPTY=as the connection string says")
	if passed := len(results["pass"]); passed < minPassedWithoutData {
		t.Errorf("%d of the client's tests passed, want at least %d: %v", passed, minPassedWithoutData, results["pass"])
	}
}

// moduleFolder returns the client's folder in the module cache.
func moduleFolder(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", clientModule).Output()
	folder := strings.TrimSpace(string(out))
	if err != nil || folder == "" {
		skip(t, "the client's module is not in the module cache (go list: %v): run go mod download", err)
	}
	return folder
}

// skip skips a test because something is missing. In CI it fails the test.
func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CLICKBOOK_CI") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// runSuite runs a temporary copy of the client's test files. It returns the names of the tests without subtests by
// their result: pass, fail or skip. A failure fails the test.
func runSuite(t *testing.T, module, without string, environment ...string) map[string][]string {
	t.Helper()
	folder := t.TempDir()
	copyTests(t, module, folder)
	environment = append(os.Environ(), append(environment, "GOFLAGS=-mod=mod", "GOWORK=off", "EVENTSTORE_INSECURE=true", "CLUSTER=false")...)
	goRun := func(environment []string, args ...string) (string, string, error) {
		var out, errs bytes.Buffer
		command := exec.Command("go", args...)
		command.Dir, command.Env, command.Stdout, command.Stderr = folder, environment, &out, &errs
		err := command.Run()
		return out.String(), errs.String(), err
	}
	offline := append(slices.Clone(environment), "GOPROXY=off")
	if _, _, err := goRun(offline, "list", "-deps", "-test", "./esdb"); err != nil {
		if _, errs, err := goRun(environment, "list", "-deps", "-test", "./esdb"); err != nil {
			skip(t, "the modules that the client's tests need are not in the module cache and cannot be downloaded: %v\n%s", err, errs)
		}
	}
	out, errs, err := goRun(offline, "test", "-json", "-count=1", "-timeout=5m", "-skip", without, "./esdb")
	results, failures := parseResults(out)
	t.Logf("the client's tests: %d passed, %d failed, %d skipped: %v",
		len(results["pass"]), len(results["fail"]), len(results["skip"]), results["skip"])
	if err != nil {
		t.Errorf("go test: %v; failed: %v\n%s%s", err, results["fail"], failures, errs)
	}
	return results
}

// copyTests makes a module of the client's test files and fixtures. It has our requirements, so that the suite runs
// with the versions of this module.
func copyTests(t *testing.T, module, folder string) {
	t.Helper()
	for from, to := range map[string]string{"esdb": "esdb", "resources/test": "resources/test"} {
		entries, err := os.ReadDir(filepath.Join(module, from))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if from == "esdb" && !strings.HasSuffix(entry.Name(), "_test.go") || entry.IsDir() {
				continue
			}
			text, err := os.ReadFile(filepath.Join(module, from, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(folder, to, entry.Name()), text)
		}
	}
	write(t, filepath.Join(folder, "esdb", "containers_test.go"), containers)
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatal(err)
	}
	goMod := strings.TrimSpace(string(out))
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(goMod), name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, name), bytes.Replace(text, []byte("module github.com/clickbook/clickbook\n"), []byte("module clientsuite\n"), 1))
	}
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// parseResults reads the output of go test -json. It returns the tests that have no subtests, by their result, and
// the output of the failed ones.
func parseResults(out string) (map[string][]string, string) {
	type line struct{ Action, Test, Output string }
	ended, printed := map[string]string{}, map[string]string{}
	var outside strings.Builder
	for text := range strings.Lines(out) {
		var l line
		if json.Unmarshal([]byte(text), &l) != nil || l.Test == "" {
			outside.WriteString(l.Output)
			continue
		}
		switch l.Action {
		case "pass", "fail", "skip":
			ended[l.Test] = l.Action
		case "output":
			printed[l.Test] += l.Output
		}
	}
	results, failures := map[string][]string{}, ""
	for name, result := range ended {
		if result == "fail" {
			failures += printed[name]
		}
		isParent := false
		for other := range ended {
			isParent = isParent || strings.HasPrefix(other, name+"/")
		}
		if !isParent {
			results[result] = append(results[result], name)
		}
	}
	for _, names := range results {
		slices.Sort(names)
	}
	if len(ended) == 0 {
		failures += outside.String()
	}
	return results, failures
}
