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

// fail records that a reminder of an appointment failed.
func (w *world) fail(acc fixture, visit string) domain.MessageID {
	w.t.Helper()
	owner, err := domain.ParseID[domain.AccountID](acc.id)
	w.ok(err)
	whom, err := domain.ParseID[domain.ClientID](acc.client)
	w.ok(err)
	about, err := domain.ParseID[domain.AppointmentID](visit)
	w.ok(err)
	id := domain.DeriveID[domain.MessageID](visit)
	for _, cmd := range []domain.Command{
		message.QueueReminder{Message: id, Rule: "day-before", Letter: message.Letter{
			Account: owner, Client: whom, Appointment: about, Channel: message.SMS, To: domain.Secret("+4915123456789"),
			Country: "DE", Text: domain.Secret("Tomorrow"), ScheduledFor: start, UsefulUntil: start.Add(time.Hour),
		}},
		message.StartAttempt{Message: id, Attempt: 1, Provider: "alpha", Country: "DE", Reference: id.String(), At: start},
		message.RejectAttempt{Message: id, Attempt: 1, Class: message.Permanent, Code: "E1", Final: true},
	} {
		_, err := w.engine.Do(context.Background(), commands.ForAccount(owner, domain.Actor{}), cmd)
		w.ok(err)
	}
	return id
}

func TestCallSheet(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	var messages []domain.MessageID
	for _, local := range []string{"2026-03-09T10:00", "2026-03-06T10:00", "2026-03-06T11:00"} {
		visit := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking(local)).text("id")
		messages = append(messages, w.fail(acc, visit))
	}
	origin := commands.ForInstallation(domain.Actor{})
	_, err := w.engine.Do(t.Context(), origin, message.MarkContacted{Message: messages[2], By: message.ByStaff, At: start})
	w.ok(err)
	list := func(query string) string {
		t.Helper()
		var lines []string
		got := w.must(200, acc.staff, "GET", acc.path+"/call-sheet?after="+w.head().String()+query, nil)
		for _, item := range got.items() {
			line := item["local"].(string) + " " + item["client_phone"].(string) + " " + item["reason"].(string)
			if by, is := item["contacted_by"].(string); is {
				line += " " + by
			}
			lines = append(lines, line)
		}
		return strings.Join(lines, "\n")
	}
	rows := []string{
		"2026-03-06T10:00:00 +4915123456789 permanent: E1", "2026-03-06T11:00:00 +4915123456789 permanent: E1 staff",
		"2026-03-09T10:00:00 +4915123456789 permanent: E1",
	}
	const nothing = "00000000-0000-4000-8000-000000000000"
	for query, want := range map[string][]string{
		"": rows, "&limit=1": rows[:1], "&open=true": {rows[0], rows[2]}, "&resource=" + acc.resource: rows,
		"&resource=" + nothing: nil, "&outage=" + nothing: nil,
	} {
		if got := list(query); got != strings.Join(want, "\n") {
			t.Errorf("%q lists\n%s\nwant\n%s", query, got, strings.Join(want, "\n"))
		}
	}
	seen := w.pages(acc.path+"/call-sheet?", "local", func(string) {})
	if !slices.Equal(seen, []string{"2026-03-06T10:00:00", "2026-03-06T11:00:00", "2026-03-09T10:00:00"}) {
		t.Errorf("the pages have %q", seen)
	}
	w.refused(403, "role_forbidden", acc.billing, "GET", acc.path+"/call-sheet", nil)
}

func TestAlertsOfAnAccount(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	visit := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-09T10:00")).text("id")
	lost := w.fail(acc, visit)
	owner, err := domain.ParseID[domain.AccountID](acc.id)
	w.ok(err)
	within := commands.ForAccount(owner, domain.Actor{})
	told := domain.DeriveID[domain.MessageID]("told")
	_, err = w.engine.Do(t.Context(), within, message.QueueNotice{
		Message: told, Kind: "alert", Letter: message.Letter{
			Account: owner, Channel: message.Email, To: domain.Secret("ann@example.com"), Text: domain.Secret("Call them"),
			ScheduledFor: start, UsefulUntil: start.Add(time.Hour),
		},
		Alert: message.Alert{About: message.AboutUndelivered, Round: 1, Through: start.Add(time.Second), Last: true},
	})
	w.ok(err)
	for _, resolved := range []bool{false, true} {
		items := w.must(200, acc.owner, "GET", acc.path+"/alerts?after="+w.head().String(), nil).items()
		if len(items) != 1 || items[0]["kind"] != "undelivered" || items[0]["message"] != told.String() ||
			items[0]["resolved"] != resolved {
			t.Errorf("the alerts are %v, want one that is resolved: %v", items, resolved)
		}
		_, err = w.engine.Do(t.Context(), within, message.MarkContacted{Message: lost, By: message.ByStaff, At: start})
		w.ok(err)
	}
	w.refused(403, "role_forbidden", acc.billing, "GET", acc.path+"/alerts", nil)
}
