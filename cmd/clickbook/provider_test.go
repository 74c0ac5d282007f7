package main

import (
	"strings"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// TestTrialIsForGood starts a directory without providers, makes it a trial, and finds the simulated providers at the
// next start and on the command line.
func TestTrialIsForGood(t *testing.T) {
	at := installation.Location{Data: t.TempDir()}
	trial := firstStart(t, at)
	trial.stop()
	out := must(t, "provider", "list", "--data", at.Data).out
	for _, want := range []string{"alpha\tsimulated\tenabled", "beta\tsimulated\tenabled"} {
		if !strings.Contains(out, want) {
			t.Errorf("the list lacks %q: %s", want, out)
		}
	}
	if out := must(t, "provider", "kinds", "--data", at.Data).out; !strings.HasPrefix(out, "simulated:") {
		t.Errorf("a trial has other kinds than simulated: %s", out)
	}
	must(t, "provider", "disable", "alpha", "--reason", "invoice", "--data", at.Data)
	if out := must(t, "provider", "list", "--data", at.Data).out; !strings.Contains(out, "disabled: invoice") {
		t.Errorf("the provider is not disabled: %s", out)
	}
}
