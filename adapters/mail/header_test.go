package mail_test

import (
	"context"
	"mime"
	stdmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/adapters/mail"
	"github.com/clickbook/clickbook/commands/messaging"
)

// written returns an email as the outbox writes it.
func written(t interface{ Fatal(...any) }, dir string, from stdmail.Address, to, subject string) string {
	box, err := mail.NewOutbox(dir, from)
	if err != nil {
		t.Fatal(err)
	}
	sent := messaging.Mail{Reference: "m", To: to, Subject: subject, Body: "x", At: time.Unix(1_462_000_000, 0)}
	if err := box.Mail(context.Background(), sent); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// checkHeader checks that no header line is longer than a reader may expect, that every encoded word is whole, and that
// the subject and the sender's name read back.
func checkHeader(t interface {
	Fatal(...any)
	Errorf(string, ...any)
}, email, subject, name string,
) {
	header, _, _ := strings.Cut(email, "\r\n\r\n")
	decoder := new(mime.WordDecoder)
	for line := range strings.SplitSeq(header, "\r\n") {
		limit := 78
		if strings.Contains(line, "=?") {
			limit = 76
		}
		if len(line) > limit || strings.TrimSpace(line) == "" {
			t.Errorf("a header line of %d octets: %q", len(line), line)
		}
		for word := range strings.FieldsSeq(line) {
			if strings.HasPrefix(word, "=?utf-8?b?") {
				if text, err := decoder.Decode(word); err != nil || strings.ContainsRune(text, '\uFFFD') {
					t.Errorf("the word %q reads %q, %v", word, text, err)
				}
			}
		}
	}
	read, err := stdmail.ReadMessage(strings.NewReader(email))
	if err != nil {
		t.Fatal(err)
	}
	got, err := decoder.DecodeHeader(read.Header.Get("Subject"))
	if want := strings.Join(strings.Fields(subject), " "); err != nil || got != want {
		t.Errorf("the subject reads %q, %v; want %q", got, err, want)
	}
	from, err := read.Header.AddressList("From")
	if want := strings.Join(strings.Fields(name), " "); err != nil || from[0].Name != want {
		t.Errorf("the sender reads %v, %v; want %q", from, err, want)
	}
}

func TestHeaderLinesAreShort(t *testing.T) {
	for _, c := range []struct{ name, subject, sender string }{
		{"kanji", "予約: " + strings.Repeat("予約", 75), "予約"},
		{"emoji of several characters", strings.Repeat("👩‍⚕️ ", 60), strings.Repeat("Praxis Dr. Müller ", 12)},
		{"many words", strings.Repeat("Haircut and shave ", 40), "Clinic"},
		{"one long word", strings.Repeat("a", 200), strings.Repeat("b", 190)},
		{"quotes and commas", `"Cut", wash & go`, `Smith, "Jo" & Sons`},
		{"what looks like an encoded word", "=?utf-8?q?hello?=", "ClickBook"},
		{"nothing", "", ""},
		{"a line break", "Hello\r\nBcc: x@example.com", "ClickBook"},
	} {
		t.Run(c.name, func(t *testing.T) {
			from := stdmail.Address{Name: c.sender, Address: "agenda@clickbook.invalid"}
			checkHeader(t, written(t, t.TempDir(), from, "ana@example.com", c.subject), c.subject, c.sender)
		})
	}
}

func TestHeaderOfAnyText(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("aZ9 .,=?_\"éß予👩́")), 0, 200, -1)
		subject, name := text.Draw(t, "subject"), text.Draw(t, "name")
		from := stdmail.Address{Name: strings.TrimSpace(name), Address: "agenda@clickbook.invalid"}
		checkHeader(t, written(t, dir, from, "ana@example.com", subject), subject, name)
	})
}
