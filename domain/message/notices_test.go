package message_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/message"
)

// TestTexts compares every default text with the file of its language. Who changes one reads the file. The flag
// -golden writes them.
func TestTexts(t *testing.T) {
	at := time.Date(2026, 12, 7, 13, 30, 0, 0, time.UTC) // a Monday
	zone := time.FixedZone("", 3600)
	for _, locale := range []string{"en", "de", "es", "fr", "pt"} {
		words := func(channel string) domain.Words {
			return domain.Words{
				Client: "Ana", Service: "Massage", Resource: "Jo", Account: "Salon", Manage: "https://salon.example/m/x",
				Date: message.WriteDate(at, zone, locale, channel), Time: message.WriteTime(at, zone),
			}
		}
		var page strings.Builder
		for _, kind := range []string{"reminder", "confirmation", "move", "cancellation", "approval", "decline"} {
			_, text, err := message.Compose(kind, message.SMS, locale, message.Own{}, words(message.SMS))
			title, mail, failed := message.Compose(kind, message.Email, locale, message.Own{}, words(message.Email))
			if err != nil || failed != nil {
				t.Fatal(kind, err, failed)
			}
			fmt.Fprintf(&page, "=== %s by text\n%s\n=== %s by email\n%s\n\n%s", kind, text, kind, title, mail)
			if kind == "reminder" {
				continue
			}
			title, mail, err = message.ComposeForStaff(kind, locale, words(message.Email), "+4930123456")
			if err != nil {
				t.Fatal(kind, err)
			}
			fmt.Fprintf(&page, "=== %s to the staff\n%s\n\n%s", kind, title, mail)
		}
		compareText(t, filepath.Join("testdata", "texts", locale+".txt"), page.String())
	}
}

func compareText(t *testing.T, path, got string) {
	t.Helper()
	if golden := flag.Lookup("golden"); golden != nil && golden.Value.String() == "true" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs. Read the texts below, and write the file with -golden if they are right:\n%s", path, got)
	}
}

func TestNoTextForTheStaff(t *testing.T) {
	if _, _, err := message.ComposeForStaff("poem", "en", plain, ""); err == nil {
		t.Error("an email of an unknown kind was composed")
	}
	_, text, err := message.ComposeForStaff("move", "en", plain, "")
	if err != nil || !strings.Contains(text, "\n\nAna\nCheck-up, Centro\n") {
		t.Errorf("about a client without a phone it says %q, %v", text, err)
	}
}

func notices() []example {
	mail := message.Letter{
		Account: account, Client: ana, Staff: domain.DeriveID[domain.ResourceID]("bia"), Appointment: appointment,
		Sequence: 1, Channel: message.Email, To: domain.Secret("bia@example.com"), Title: domain.Secret("Moved"),
		Text: domain.Secret("Ana"), ScheduledFor: due, UsefulUntil: due.Add(time.Hour),
	}
	about := message.About{
		Account: account, Client: ana, Staff: mail.Staff, Appointment: appointment, Sequence: 1, Kind: "move",
		Channel: message.Email,
	}
	return []example{
		{
			Name: "a notice to the staff is about a client",
			When: message.QueueNotice{Message: id, Letter: mail, Kind: "move"},
			Then: given(message.NoticeQueued{Message: id, Letter: mail, Kind: "move"}),
		},
		{
			Name: "a notice that was never queued keeps its kind",
			When: message.Suppress{Message: id, About: about, Reason: "letter_refused"}, Then: given(unqueued),
		},
	}
}

// unqueued is a notice to the staff that was never queued.
var unqueued = message.MessageSuppressed{
	Message: id, Account: account, Client: ana, Staff: domain.DeriveID[domain.ResourceID]("bia"),
	Appointment: appointment, Sequence: 1, Kind: "move", Channel: message.Email, Reason: "letter_refused",
}

func TestStoredNotices(t *testing.T) {
	domaintest.GoldenForm(t, message.Types, unqueued, "notice")
	domaintest.GoldenForm(t, message.Types, message.NoticeQueued{Message: id, Kind: "approval", Letter: message.Letter{
		Account: account, Client: ana, Staff: unqueued.Staff, Appointment: appointment, Channel: message.Email,
		To: domain.Secret("bia@example.com"), Text: domain.Secret("Ana"), ScheduledFor: due, UsefulUntil: due.Add(time.Hour),
	}}, "staff")
}
