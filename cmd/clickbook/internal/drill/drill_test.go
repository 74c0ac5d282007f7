package drill_test

import (
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/drill"
)

// play plays a scenario and returns its figures and its story.
func play(t *testing.T, name string, perHour int) (drill.Figures, string) {
	t.Helper()
	scenario, err := drill.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	var story strings.Builder
	figures, err := drill.Run(t.Context(), drill.Options{Scenario: scenario, PerHour: perHour, Seed: 1}, &story)
	if err != nil {
		t.Fatal(err)
	}
	return figures, story.String()
}

// An outage is found, texts go by the other provider, accounts are told within a minute, and credits come back.
func TestOutageIsDetectedAndAccountsAreTold(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: a drill takes some seconds; run without -short")
	}
	got, story := play(t, "total", 120)
	switch {
	case !got.Detected || got.Cause != "silent" || got.DelayMinutes > 12 || got.FalseAlarms > 0:
		t.Errorf("the outage was found as %+v\n%s", got, story)
	case got.Lost*3 > got.LostWithout:
		t.Errorf("%d texts were lost, and %d without another provider", got.Lost, got.LostWithout)
	case got.Alerts == 0 || got.FirstAlertAfter > 60:
		t.Errorf("%d accounts were told, the first after %.0f s", got.Alerts, got.FirstAlertAfter)
	case got.Calls == 0 || got.RefundedMicro == 0:
		t.Errorf("%d appointments are on call sheets, %d was refunded", got.Calls, got.RefundedMicro)
	}
}

// Lost receipts alone switch nothing and tell nobody.
func TestLostReceiptsSwitchNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: a drill takes some seconds; run without -short")
	}
	got, story := play(t, "receipts-only", 120)
	if !got.Detected || got.Cause != "receipts-only" || got.Alerts > 0 || strings.Contains(story, "other provider") {
		t.Errorf("lost receipts were taken for %+v\n%s", got, story)
	}
}

// The same seed plays the same drill.
func TestDrillCanBeRepeated(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: a drill takes some seconds; run without -short")
	}
	scenario, err := drill.Find("one-network")
	if err != nil {
		t.Fatal(err)
	}
	options := drill.Options{Scenario: scenario, PerHour: 30, Seed: 7}
	first, err := drill.Run(t.Context(), options, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	again, err := drill.Run(t.Context(), options, io.Discard)
	if err != nil || first != again {
		t.Errorf("the second run gave %+v (%v), want %+v", again, err, first)
	}
}

func TestUnknownScenarioIsRefused(t *testing.T) {
	if _, err := drill.Find("meteor"); err == nil || !strings.Contains(err.Error(), "na-ban") {
		t.Errorf("an unknown scenario returned %v, want the list", err)
	}
}

var golden = flag.Bool("golden", false, "write the transcript into docs/drill.md")

// The transcript in the documentation is what the drill prints.
func TestTranscriptInTheDocumentation(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: a drill takes some seconds; run without -short")
	}
	const path, fence = "../../../../docs/drill.md", "```"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	figures, story := play(t, "na-ban", 200)
	var printed strings.Builder
	printed.WriteString(story)
	figures.Print(&printed)
	before, rest, _ := strings.Cut(string(data), fence+"text\n")
	shown, after, ok := strings.Cut(rest, fence+"\n")
	if !ok {
		t.Fatal("docs/drill.md has no transcript")
	}
	if *golden {
		text := before + fence + "text\n" + printed.String() + fence + "\n" + after
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if shown != printed.String() {
		t.Errorf("docs/drill.md differs from what the drill prints: run go test -golden in this folder\n%s", printed.String())
	}
}
