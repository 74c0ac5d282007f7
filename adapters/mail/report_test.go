package mail_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/mail"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
)

// report returns a delivery status report as mail servers write it.
func report(to, status string) string {
	return strings.ReplaceAll(`Return-Path: <>
Date: Wed, 2 Dec 2026 09:00:00 +0000
From: Mail Delivery System <mailer-daemon@mx.example.com>
To: `+to+`
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="A8B1.1480/mx.example.com"

This is a MIME-encapsulated message.

--A8B1.1480/mx.example.com
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--A8B1.1480/mx.example.com
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
X-Queue-ID: A8B1
Arrival-Date: Wed,  2 Dec 2026 08:59:58 +0000 (UTC)

`+status+`

--A8B1.1480/mx.example.com
Content-Type: text/rfc822-headers

Subject: Booked

--A8B1.1480/mx.example.com--
`, "\n", "\r\n")
}

func TestReadBounce(t *testing.T) {
	at := time.Date(2026, 12, 2, 9, 0, 0, 0, time.UTC)
	path := returns.For("bounces@example.org", reference)
	id, err := domain.ParseID[domain.MessageID](reference)
	if err != nil {
		t.Fatal(err)
	}
	bounce := func(permanent bool, code string) messaging.Bounce {
		return messaging.Bounce{Message: id, Permanent: permanent, Code: code, At: at}
	}
	const recipient = "Final-Recipient: rfc822; ana@example.com\n"
	failed := recipient + "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user"
	other := strings.Replace(path, "bounces+", "bounces+0", 1)
	for _, c := range []struct {
		name, report string
		want         messaging.Bounce
		ok           bool
		refused      error
	}{
		{"no such user", report("<"+path+">", failed), bounce(true, "5.1.1"), true, nil},
		{"line feeds only", strings.ReplaceAll(report(path, failed), "\r\n", "\n"), bounce(true, "5.1.1"), true, nil},
		{"in capitals", report(strings.ToUpper(path), strings.ToUpper(failed)), bounce(true, "5.1.1"), true, nil},
		{
			"the mailbox is full", report(path, recipient+"Action: failed\nStatus: 4.2.2 (mailbox full)"),
			bounce(false, "4.2.2"), true, nil,
		},
		{"without a status", report(path, recipient+"Action: failed"), bounce(true, ""), true, nil},
		{
			"of several recipients the one who failed",
			report(path, recipient+"Action: relayed\nStatus: 2.0.0\n\n"+failed), bounce(true, "5.1.1"), true, nil,
		},
		{"delayed", report(path, recipient+"Action: delayed\nStatus: 4.4.1"), bounce(false, "4.4.1"), false, nil},
		{"arrived", report(path, recipient+"Action: delivered\nStatus: 2.0.0"), bounce(true, "2.0.0"), false, nil},
		{
			"sent on by another server", strings.Replace(report("postmaster@example.org", failed), "Subject",
				"Delivered-To: "+path+"\r\nSubject", 1), bounce(true, "5.1.1"), true, nil,
		},
		{"cut off after what matters", strings.SplitAfter(report(path, failed), "no such user")[0], bounce(true, "5.1.1"), true, nil},
		{"forged", report(other, failed), messaging.Bounce{}, false, mail.ErrNotOurs},
		{"to nobody", report("bounces@example.org", failed), messaging.Bounce{}, false, mail.ErrNotOurs},
		{"no status", report(path, "Hello: you"), messaging.Bounce{}, false, mail.ErrNoReport},
		{
			"a reply of a person", "To: " + path + "\r\nSubject: Re: Booked\r\n\r\nI am ill",
			messaging.Bounce{},
			false,
			mail.ErrNoReport,
		},
		{"nothing", "", messaging.Bounce{}, false, mail.ErrNoReport},
		{
			"no boundary", "To: " + path + "\r\nContent-Type: multipart/report\r\n\r\nAction: failed",
			messaging.Bounce{},
			false,
			mail.ErrNoReport,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok, err := returns.ReadBounce([]byte(c.report), at)
			if !errors.Is(err, c.refused) || err == nil && (got != c.want || ok != c.ok) {
				t.Errorf("%+v, %t, %v, want %+v, %t, %v", got, ok, err, c.want, c.ok, c.refused)
			}
		})
	}
}

func FuzzReadBounce(f *testing.F) {
	path := returns.For("bounces@example.org", reference)
	f.Add([]byte(report(path, "Action: failed\nStatus: 5.1.1")))
	f.Add([]byte("Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n\n\n\n--x--"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		_, _, _ = returns.ReadBounce(text, time.Unix(0, 0)) // it must end, without a panic
	})
}
