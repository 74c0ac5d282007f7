package mail_test

import (
	"io"
	"mime"
	"mime/quotedprintable"
	stdmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/mail"
	"github.com/clickbook/clickbook/commands/messaging"
)

func outbox(t *testing.T) (*mail.Outbox, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "mail")
	box, err := mail.NewOutbox(dir, stdmail.Address{Name: "ClickBook", Address: "agenda@clickbook.invalid"})
	if err != nil {
		t.Fatal(err)
	}
	return box, dir
}

func TestMailReadsBackEqual(t *testing.T) {
	box, dir := outbox(t)
	sent := messaging.Mail{
		Reference: "m-1", To: "dona@example.com", Subject: "Agenda — segunda\r\nBcc: x@example.com",
		Body: "08:00 João Ávila\n" + strings.Repeat("x", 200) + "\n", At: time.Date(2016, 5, 2, 9, 0, 0, 0, time.UTC),
	}
	for range 2 { // a repetition replaces the file
		if err := box.Mail(t.Context(), sent); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || files[0].Name() != "2016-05-02-m-1.eml" {
		t.Fatalf("the outbox holds %v, %v", files, err)
	}
	file, err := os.Open(filepath.Join(dir, files[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	read, err := stdmail.ReadMessage(file)
	if err != nil {
		t.Fatal(err)
	}
	if read.Header.Get("Bcc") != "" {
		t.Error("a line break in the subject started another header")
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
	if err != nil || subject != "Agenda — segunda Bcc: x@example.com" {
		t.Errorf("subject is %q, %v", subject, err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(read.Body))
	if err != nil || strings.ReplaceAll(string(body), "\r\n", "\n") != sent.Body {
		t.Errorf("body is %q, %v", body, err)
	}
}

func TestMailRefusesAnInvalidAddress(t *testing.T) {
	box, dir := outbox(t)
	if err := box.Mail(t.Context(), messaging.Mail{Reference: "m-1", To: "nobody"}); err == nil {
		t.Fatal("an invalid address was accepted")
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Fatalf("the refused mail left %v", files)
	}
}
