package httpapi_test

import (
	"context"
	"encoding/base64"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/mail"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/message"
)

// mailed queues and sends an email to the account's client.
func (w *world) mailed(acc fixture, name string) domain.MessageID {
	w.t.Helper()
	owner, err := domain.ParseID[domain.AccountID](acc.id)
	w.ok(err)
	whom, err := domain.ParseID[domain.ClientID](acc.client)
	w.ok(err)
	id := domain.DeriveID[domain.MessageID](acc.id, name)
	for _, cmd := range []domain.Command{
		message.QueueNotice{Message: id, Kind: "confirmation", Letter: message.Letter{
			Account: owner, Client: whom, Channel: message.Email, To: domain.Secret("ana@example.com"),
			Title: domain.Secret("Booked"), Text: domain.Secret("Hello"), ScheduledFor: start, UsefulUntil: start.Add(time.Hour),
		}},
		message.Mailed{Message: id, At: start},
	} {
		_, err := w.engine.Do(context.Background(), commands.ForAccount(owner, domain.Actor{}), cmd)
		w.ok(err)
	}
	return id
}

// bounceOf returns the body of a report on the email with a return path. Recipient is what the report says of the
// recipient (RFC 3464, 2.3).
func bounceOf(path, recipient string) object {
	return object{"report": base64.StdEncoding.EncodeToString([]byte("To: <" + path + ">\r\n" +
		"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" +
		"Reporting-MTA: dns; mx.example.com\r\n\r\n" + recipient + "\r\n--b--\r\n"))}
}

// bounce sends an email that comes back.
func (w *world) bounce(acc fixture) {
	w.t.Helper()
	id := w.mailed(acc, "came back")
	path := mail.ReturnPaths{MAC: domaintest.NewVault().Fingerprint}.For("bounces@example.org", id.String())
	got := w.must(200, w.admin, "POST", "/mail/bounces", bounceOf(path, "Action: failed\r\nStatus: 5.1.1\r\n"))
	if got.text("message") != id.String() {
		w.t.Errorf("the bounce is of %s", got.raw)
	}
}

func TestBounces(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	id := w.mailed(acc, "one")
	paths := mail.ReturnPaths{MAC: domaintest.NewVault().Fingerprint}
	path := paths.For("bounces@example.org", id.String())
	failed := bounceOf(path, "Action: failed\r\nStatus: 5.1.1\r\n")
	state := func() string {
		t.Helper()
		got := w.must(200, acc.staff, "GET", acc.path+"/messages/"+id.String()+"?after="+w.head().String(), nil)
		one := got.body["message"].(map[string]any)
		reason, _ := one["reason"].(string)
		return one["state"].(string) + " " + reason
	}
	late := w.must(200, w.admin, "POST", "/mail/bounces", bounceOf(path, "Action: delayed\r\nStatus: 4.4.1\r\n"))
	if late.body["arrives"] != true || state() != "sent " {
		t.Errorf("a delay: %v, %s", late.body, state())
	}
	for range 2 { // once more by another server
		got := w.must(200, w.admin, "POST", "/mail/bounces", failed)
		if got.body["arrives"] != false || got.body["permanent"] != true || got.body["code"] != "5.1.1" ||
			got.body["message"] != id.String() || state() != "failed bounced: 5.1.1" {
			t.Errorf("%v, %s", got.body, state())
		}
	}
	for name, c := range map[string]struct {
		key    string
		body   object
		status int
		code   string
	}{
		"an owner":        {acc.owner, failed, 403, "role_forbidden"},
		"no report":       {w.admin, object{"report": "SGVsbG8="}, 422, "bounce_invalid"},
		"no Base64":       {w.admin, object{"report": "%"}, 422, "value_invalid"},
		"a forged one":    {w.admin, bounceOf("bounces+x-y@example.org", "Action: failed\r\n"), 422, "bounce_forged"},
		"unknown message": {w.admin, bounceOf(paths.For("b@c", acc.id), "Action: failed\r\n"), 404, "message_unknown"},
	} {
		if got := w.call(c.key, "POST", "/mail/bounces", c.body); got.status != c.status || got.body["code"] != c.code {
			t.Errorf("%s: %d %v, want %d %s", name, got.status, got.body, c.status, c.code)
		}
	}
}
