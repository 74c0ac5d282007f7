package httpapi_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
)

// told returns the sentences of a timeline.
func told(items []any) (lines []string) {
	for _, item := range items {
		lines = append(lines, item.(object)["what"].(string))
	}
	return lines
}

func TestHistoryOfAnAppointment(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	key := w.must(201, acc.owner, "POST", acc.path+"/keys", object{"role": "staff", "label": "Front desk"}).text("key")
	path := acc.path + "/appointments/" + w.must(201, key, "POST", acc.path+"/appointments",
		acc.booking("2026-03-09T10:00")).text("id")
	w.clock = w.clock.Add(90 * time.Second)
	w.must(200, key, "POST", path+"/move", object{"local": "2026-03-09T11:00", "notify": false})
	w.must(200, key, "POST", path+"/cancel", object{"by": "client", "reason": "ill"})
	items := w.must(200, acc.staff, "GET", path+"/history", nil).body["items"].([]any)
	want := []string{
		"Requested for Mon 9 Mar 2026, 10:00", "Booked for Mon 9 Mar 2026, 10:00",
		"A move to Mon 9 Mar 2026, 11:00 was requested",
		"Moved from Mon 9 Mar 2026, 10:00 to Mon 9 Mar 2026, 11:00. Nobody was told", "Cancelled by the client: ill",
	}
	if got := told(items); !slices.Equal(got, want) {
		t.Fatalf("the history is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if first := items[0].(object); first["number"] != 1.0 || first["gap_s"] != nil ||
		first["who"].(object)["name"] != "Front desk" || first["who"].(object)["kind"] != "key" {
		t.Errorf("the first is %v", first)
	}
	if third := items[2].(object); third["gap_s"] != 90.0 {
		t.Errorf("the move was requested 90 seconds later: %v", third)
	}
	nothing := acc.path + "/appointments/" + uuid.NewString() + "/history"
	w.refused(404, "appointment_unknown", acc.staff, "GET", nothing, nil)
}

// TestTimelineOfAMessage sends a text that one provider refuses and another accepts.
func TestTimelineOfAMessage(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	owner, err := domain.ParseID[domain.AccountID](acc.id)
	w.ok(err)
	whom, err := domain.ParseID[domain.ClientID](acc.client)
	w.ok(err)
	visit := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-09T10:00"))
	about, err := domain.ParseID[domain.AppointmentID](visit.text("id"))
	w.ok(err)
	booked := w.must(200, acc.staff, "GET", acc.path+"/appointments/"+about.String()+"/history", nil)
	cause, err := uuid.Parse(booked.body["items"].([]any)[1].(object)["id"].(string))
	w.ok(err)
	w.must(201, w.admin, "POST", acc.path+"/credits/purchases", object{"amount_micro": 5_000_000})
	id := domain.DeriveID[domain.MessageID]("timeline")
	within := commands.ForAccount(owner, domain.Actor{ID: "noticing", Channel: "policy"})
	why := func(cause string) credit.Because {
		return credit.Because{Account: acc.id, Cause: cause, RecordedAt: w.clock}
	}
	run := func(origin commands.Origin, cmd domain.Command) string {
		t.Helper()
		w.clock = w.clock.Add(time.Second)
		outcome, err := w.engine.Run(t.Context(), origin, cmd)
		w.ok(err)
		return outcome.Events[0].ID.String()
	}
	queued := run(within.WithID(domain.DeriveUUID("q")).WithCause(cause, cause), message.QueueNotice{
		Message: id, Kind: "confirmation", Letter: message.Letter{
			Account: owner, Client: whom, Appointment: about, Channel: message.SMS, To: domain.Secret("+4915123456789"),
			Country: "DE", Text: domain.Secret("Booked"), Segments: 1, UnitPrice: 1_000_000, PriceList: 1, ScheduledFor: start,
			UsefulUntil: start.Add(time.Hour),
		},
	})
	run(within, credit.Hold{
		Because: why(queued), Message: id.String(), Segments: 1, UnitPrice: 1_000_000, Country: "DE", Home: "Europe/Berlin",
	})
	attempt := message.StartAttempt{
		Message: id, Attempt: 1, Provider: "alpha", Country: "DE", Reference: "a", At: w.clock,
	}
	run(within, attempt)
	run(within, message.RejectAttempt{
		Message: id, Attempt: 1, Class: message.ByProvider, Fault: message.FaultContent, Code: "30007",
	})
	attempt.Attempt, attempt.Provider, attempt.Reference, attempt.At = 2, "beta", "b", w.clock
	run(within, attempt)
	sent := run(commands.ForAccount(owner, domain.Actor{ID: "receipts", Channel: "carrier"}), message.Accept{
		Message: id, Attempt: 2, At: w.clock,
	})
	run(within, credit.Accept{
		Because: why(sent), Message: id.String(), Attempt: 2, Provider: "beta", SentAt: w.clock,
	})
	path := acc.path + "/messages/" + id.String() + "?after=" + w.head().String()
	items := w.must(200, acc.owner, "GET", path, nil).body["timeline"].([]any)
	for _, item := range w.must(200, acc.staff, "GET", path, nil).body["timeline"].([]any) {
		if item.(object)["thread"] == "credits" {
			t.Errorf("the staff see the ledger: %v", item)
		}
	}
	want := []string{
		"Booked for Mon 9 Mar 2026, 10:00",
		"A message (confirmation) was queued as a text to DE, 1 segment at 1 credit each",
		"1 credit set aside until the text is sent",
		"Handed to the provider: attempt 1 through alpha",
		"Not accepted: attempt 1 through alpha, the text or its sender was filtered (30007)",
		"Handed to the provider: attempt 2 through beta", "Accepted: attempt 2 through beta",
		"1 credit charged, because a provider accepted the text",
	}
	if got := told(items); !slices.Equal(got, want) {
		t.Fatalf("the timeline is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for i, is := range map[int][2]any{1: {1.0, "main"}, 2: {2.0, "credits"}, 4: {nil, "attempt"}, 7: {7.0, "credits"}} {
		if item := items[i].(object); item["because"] != is[0] || item["thread"] != is[1] {
			t.Errorf("number %d is because of %v in %v, want %v", i+1, item["because"], item["thread"], is)
		}
	}
}
