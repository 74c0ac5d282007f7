package main

import (
	"strings"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// TestAdminNewKey makes admin keys beside a running server through its API, and in the directory of a stopped one.
// Each must work, and the older keys too.
func TestAdminNewKey(t *testing.T) {
	at := installation.Location{Data: t.TempDir()}
	s := firstStart(t, at)
	env := []string{"CLICKBOOK_SERVER=" + strings.TrimSuffix(s.url, "/api/v1"), "CLICKBOOK_KEY=" + s.key}
	keys := []string{s.key, printedKey(t, callWith(t, env, "admin", "new-key"))}

	held := call(t, "", "admin", "new-key", "--data", at.Data)
	if held.code != exitFault || !strings.Contains(held.err, "is in use by another process") ||
		!strings.Contains(held.err, "stop it for a moment") || !strings.Contains(held.err, "--server") {
		t.Errorf("beside a server it ended with %d and %q", held.code, held.err)
	}
	s.kill()
	keys = append(keys, printedKey(t, call(t, "", "admin", "new-key", "--data", at.Data, "--label", "found again")))
	s = serving(t, at)
	for _, s.key = range keys {
		if listed := s.get("/keys"); !strings.Contains(listed.raw, `"found again"`) {
			t.Errorf("the keys are %s", listed.raw)
		}
	}
}

func printedKey(t *testing.T, got result) string {
	t.Helper()
	_, key, found := strings.Cut(strings.TrimSpace(got.out), "ADMIN_KEY=")
	if got.code != exitOK || !found {
		t.Fatalf("new-key ended with %d, printed %q and %q", got.code, got.out, got.err)
	}
	return key
}
