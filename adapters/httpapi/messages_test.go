package httpapi_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// message records a text of an account with what became of it: the state, or "" for a text without a receipt.
func (w *world) message(acc fixture, name string, at time.Time, state message.Status) string {
	w.t.Helper()
	owner, err := domain.ParseID[domain.AccountID](acc.id)
	w.ok(err)
	whom, err := domain.ParseID[domain.ClientID](acc.client)
	w.ok(err)
	id := domain.DeriveID[domain.MessageID](acc.id, name)
	queue := message.QueueReminder{Message: id, Rule: "day-before", Letter: message.Letter{
		Account: owner, Client: whom, Channel: message.SMS, To: domain.Secret("+4915123456789"), Country: "DE",
		Text: domain.Secret("Tomorrow at nine"), UnitPrice: 1_000_000, ScheduledFor: at, UsefulUntil: at.Add(time.Hour),
	}}
	run := []domain.Command{queue}
	attempt := message.StartAttempt{Message: id, Attempt: 1, Provider: "alpha", Country: "DE", Reference: id.String(), At: at}
	accept := message.Accept{Message: id, Attempt: 1, ProviderID: name, At: at}
	switch state {
	case message.Queued:
	case message.Suppressed:
		run = []domain.Command{message.Suppress{Message: id, Reason: "opted_out", About: message.About{
			Account: owner, Client: whom, Rule: "day-before", Channel: message.SMS, Country: "DE",
		}}}
	case message.Failed:
		run = append(run, attempt, message.RejectAttempt{Message: id, Attempt: 1, Class: "permanent", Code: "E1", Final: true})
	case message.Sent:
		run = append(run, attempt, accept)
	default:
		run = append(run, attempt, accept, message.Report{Message: id, Attempt: 1, State: string(state), At: at})
	}
	for _, cmd := range run {
		_, err := w.engine.Do(context.Background(), commands.ForAccount(owner, domain.Actor{}), cmd)
		w.ok(err)
	}
	return id.String()
}

func TestMessagesAreFilteredByStatesAndAccounts(t *testing.T) {
	w := newWorld(t)
	acc, other := w.newAccount(), w.newAccount()
	long, short := start.Add(-message.ReceiptWait), start.Add(-message.ReceiptWait+time.Second)
	names := make(map[string]string)
	add := func(in fixture, name string, at time.Time, state message.Status) {
		names[w.message(in, name, at, state)] = name
	}
	for _, state := range []message.Status{
		message.Queued, message.Delivered, message.Undelivered, message.Expired, message.Failed, message.Suppressed,
	} {
		add(acc, string(state), start, state)
	}
	add(acc, "overdue", long, message.Sent)
	add(acc, "sent", short, message.Sent)
	add(other, "other overdue", long, message.Sent)
	add(other, "other delivered", long, message.Delivered)
	after := "after=" + w.head().String()
	for query, want := range map[string]string{
		acc.path + "/messages?state=expired":                          "expired",
		acc.path + "/messages?state=expired&state=failed":             "expired failed",
		acc.path + "/messages?state=expired,failed,delivered":         "delivered expired failed",
		acc.path + "/messages?state=queued,expired&state=sent":        "expired overdue queued sent",
		acc.path + "/messages?undelivered=true":                       "expired failed overdue undelivered",
		acc.path + "/messages?undelivered=true&state=sent":            "overdue",
		acc.path + "/messages?undelivered=false&state=sent":           "overdue sent",
		acc.path + "/messages?country=DE&state=suppressed":            "suppressed",
		"/messages?undelivered=true":                                  "expired failed other overdue overdue undelivered",
		"/messages?state=delivered":                                   "delivered other delivered",
		"/messages?undelivered=true&account=" + other.id:              "other overdue",
		"/messages?country=DE&state=delivered&account=" + acc.id:      "delivered",
		"/messages?account=" + "00000000-0000-4000-8000-000000000000": "",
	} {
		var found []string
		for _, item := range w.must(200, w.admin, "GET", query+"&"+after, nil).items() {
			found = append(found, names[item["id"].(string)])
			if account := item["account"]; account != acc.id && account != other.id {
				t.Errorf("%s: a message of account %v", query, account)
			}
		}
		slices.Sort(found)
		if got := strings.Join(found, " "); got != want {
			t.Errorf("%s found %q, want %q", query, got, want)
		}
	}
	if seen := w.pages("/messages?state=sent,delivered,queued,expired&", "id", func(string) {}); len(seen) != 7 {
		t.Errorf("the pages of all accounts have %d messages, want 7", len(seen))
	}
	for _, key := range []string{acc.owner, acc.staff, acc.billing} {
		w.refused(403, "role_forbidden", key, "GET", "/messages", nil)
	}
	for query, code := range map[string]string{
		"state=lost": "value_invalid", "state=sent,": "value_invalid", "state=": "value_invalid",
		"state=sent,sent": "value_invalid", "undelivered=maybe": "value_invalid", "undelivered": "value_invalid",
		"states=sent": "parameter_unknown", "undelivered=true&undelivered=false": "parameter_repeated",
	} {
		if got := w.call(acc.staff, "GET", acc.path+"/messages?"+query, nil); got.text("code") != code {
			t.Errorf("%s was refused with %d %q, want %q", query, got.status, got.text("code"), code)
		}
	}
}

// TestReportsHaveTheCountryOfSuppressedTexts asks for the deliveries of one country.
func TestReportsHaveTheCountryOfSuppressedTexts(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	w.message(acc, "suppressed", start, message.Suppressed)
	report := w.must(200, acc.billing, "GET",
		acc.path+"/deliveries?from=2026-03-05&to=2026-03-06&country=DE&after="+w.head().String(), nil)
	if total := report.body["total"].(object); total["suppressed"] != 1.0 {
		t.Errorf("the report of Germany is %s", report.raw)
	}
}
