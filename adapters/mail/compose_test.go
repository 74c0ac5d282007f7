package mail_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	stdmail "net/mail"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
)

// leaf is a part of an email that is no multipart, decoded.
type leaf struct{ within, kind, disposition, body string }

// leaves returns the parts of an email, decoded by the standard library.
func leaves(t *testing.T, within string, header map[string][]string, body io.Reader) (found []leaf) {
	t.Helper()
	get := func(name string) string { return strings.Join(header[name], "") }
	kind, params, err := mime.ParseMediaType(get("Content-Type"))
	if err != nil {
		t.Fatal(get("Content-Type"), err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		for reader := multipart.NewReader(body, params["boundary"]); ; {
			part, err := reader.NextRawPart()
			if err == io.EOF {
				return found
			}
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, leaves(t, within+"/"+strings.TrimPrefix(kind, "multipart/"), part.Header, part)...)
		}
	}
	switch get("Content-Transfer-Encoding") {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return []leaf{{within, get("Content-Type"), get("Content-Disposition"), string(text)}}
}

// composed returns an email as the outbox writes it.
func composed(t *testing.T, sent messaging.Mail) []byte {
	t.Helper()
	box, dir := outbox(t)
	if err := box.Mail(t.Context(), sent); err != nil {
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
	return text
}

func full() messaging.Mail {
	return messaging.Mail{
		Reference: "m-1", To: "dona@example.com", Subject: "Booked", At: time.Date(2026, 12, 2, 9, 0, 0, 0, time.UTC),
		Body: "João, 08:30\n=_not a boundary\n", HTML: "<p>João, 08:30</p>\n", FromName: "Clínica São João", ReplyTo: "dona@example.com",
		Attachments: []messaging.Attachment{
			{Name: "appointment.ics", ContentType: "text/calendar; method=REQUEST; charset=utf-8", Body: ics()},
			{Name: "préçis.pdf", ContentType: "application/pdf", Body: []byte("%PDF")},
		},
		ListUnsubscribe: "https://example.com/u/abc?x=1", Urgent: true,
	}
}

func ics() []byte {
	return []byte("BEGIN:VCALENDAR\r\n" + strings.Repeat("X-A:1\r\n", 30) + "END:VCALENDAR\r\n")
}

func TestPartsOfAMail(t *testing.T) {
	written := composed(t, full())
	read, err := stdmail.ReadMessage(bytes.NewReader(written))
	if err != nil {
		t.Fatal(err)
	}
	got := leaves(t, "", read.Header, read.Body)
	calendar := "text/calendar; charset=utf-8; method=REQUEST"
	want := []leaf{
		{"/mixed/alternative", "text/plain; charset=utf-8", "", "João, 08:30\r\n=_not a boundary\r\n"},
		{"/mixed/alternative", "text/html; charset=utf-8", "", "<p>João, 08:30</p>\r\n"},
		{"/mixed/alternative", calendar, "", string(ics())},
		{"/mixed", calendar, "attachment; filename=appointment.ics", string(ics())},
		{"/mixed", "application/pdf", "attachment; filename*=utf-8''pr%C3%A9%C3%A7is.pdf", "%PDF"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the parts are\n%q\nwant\n%q", got, want)
	}
	for name, want := range map[string]string{
		"Reply-To": "<dona@example.com>", "Message-Id": "<m-1@clickbook.invalid>", "Importance": "high", "Auto-Submitted": "auto-generated",
		"List-Unsubscribe":      "<https://example.com/u/abc?x=1>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
	} {
		if got := read.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if from, err := read.Header.AddressList("From"); err != nil || from[0].Name != "Clínica São João" {
		t.Errorf("From is %v, %v", from, err)
	}
	for line := range strings.SplitSeq(string(written), "\r\n") {
		if len(line) > 78 {
			t.Errorf("a line of %d octets: %s", len(line), line)
		}
	}
	if again := composed(t, full()); !bytes.Equal(again, written) {
		t.Error("the same email was composed to other bytes")
	}
}

func TestAlternativesWithoutAttachments(t *testing.T) {
	sent := full()
	sent.Attachments, sent.ListUnsubscribe, sent.Urgent = nil, "http://example.com/u", false
	read, err := stdmail.ReadMessage(bytes.NewReader(composed(t, sent)))
	if err != nil {
		t.Fatal(err)
	}
	if got := leaves(t, "", read.Header, read.Body); len(got) != 2 || got[1].within != "/alternative" {
		t.Errorf("the parts are %q", got)
	}
	for _, absent := range []string{"List-Unsubscribe-Post", "Importance"} { // one click needs https
		if got := read.Header.Get(absent); got != "" {
			t.Errorf("%s is %q", absent, got)
		}
	}
}

func TestUnsubscribeURLCannotStartAHeader(t *testing.T) {
	box, _ := outbox(t)
	sent := full()
	sent.ListUnsubscribe = "https://example.com/\r\nBcc: x@example.com"
	if err := box.Mail(t.Context(), sent); err == nil {
		t.Error("a line break in the URL was accepted")
	}
}
