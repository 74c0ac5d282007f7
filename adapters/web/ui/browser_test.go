package ui

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestScreens runs the tests of the staff app, each as a test of its own: those of functions, and those that drive
// Chromium against the real server.
func TestScreens(t *testing.T) {
	if testing.Short() {
		t.Skip("the tests of the staff app take minutes")
	}
	if os.Getenv("CLICKBOOK_SCREENS") == "apart" { // CI drives the browser while nothing else runs
		t.Skip("the tests of the staff app run apart")
	}
	t.Run("unit", func(t *testing.T) { vitest(t, "unit") })
	t.Run("browser", func(t *testing.T) { vitest(t, "browser") })
}

// vitest runs one kind of tests. It skips, or in CI fails, where something is missing that they need.
func vitest(t *testing.T, kind string) {
	need := map[string]string{
		"node_modules/.test": "run make uitools (needs Node 20)",
		"dist/index.html":    "run make ui",
	}
	if kind == "browser" {
		chromium := os.Getenv("CHROMIUM")
		if chromium == "" {
			chromium = "/usr/bin/chromium"
		}
		need[chromium] = "install Debian's chromium, or set CHROMIUM"
	}
	for path, advice := range need {
		if _, err := os.Stat(path); err != nil {
			missing(t, "the tests of the staff app were skipped: "+path+" is missing; "+advice)
		}
	}
	results := filepath.Join(t.TempDir(), "results.json")
	run := exec.CommandContext(t.Context(),
		"npx", "vitest", "run", "--project", kind, "--reporter=json", "--outputFile="+results)
	run.Env = append(os.Environ(), "NO_COLOR=1")
	output, failed := run.CombinedOutput()
	data, err := os.ReadFile(results)
	if err != nil {
		t.Fatalf("vitest wrote no results: %v\n%s", failed, output)
	}
	var report struct {
		TestResults []struct {
			Name             string
			Status, Message  string
			AssertionResults []struct {
				FullName, Status string
				FailureMessages  []string
			}
		}
	}
	if err := json.Unmarshal(data, &report); err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, file := range report.TestResults {
		name := strings.TrimSuffix(filepath.Base(file.Name), ".test.ts")
		if file.Status == "failed" && len(file.AssertionResults) == 0 {
			t.Errorf("%s: %s", name, file.Message)
		}
		for _, test := range file.AssertionResults {
			count++
			t.Run(name+"/"+test.FullName, func(t *testing.T) {
				switch test.Status {
				case "passed":
				case "failed":
					t.Error(strings.Join(test.FailureMessages, "\n"))
				default:
					t.Errorf("it did not run: %s\n%s", test.Status, file.Message)
				}
			})
		}
	}
	if count == 0 || failed != nil && !t.Failed() {
		t.Errorf("vitest: %v, %d tests\n%s", failed, count, output)
	}
}

func missing(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CLICKBOOK_CI") != "" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}
