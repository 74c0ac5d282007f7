package main

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// A server that is off when a reminder is due, and starts again in the night, sends it in the morning. Until then the
// reminder is listed for the morning, also by read models that are built again.
func TestNightAfterDowntime(t *testing.T) {
	at := installation.Location{Data: t.TempDir()}
	evening := time.Date(2026, 11, 24, 20, 50, 0, 0, time.FixedZone("Chicago", -6*3600))
	morning := time.Date(2026, 11, 25, 8, 0, 0, 0, evening.Location())
	p := openPractice(t, at, evening, practiceClients, 100)
	moveTo(t, at, p, "America/Chicago", evening)
	p.book(t, at, evening, 0, 1)

	h := openManual(t, at, evening.Add(14*time.Minute)) // 21:04; the reminders were due at 16:00
	h.settle(t.Context())
	if due := h.reminders(p); len(due) != practiceClients || !due[0].DueAt.Equal(morning) {
		t.Fatalf("at night %d reminders are due, the first is %+v; want all %d at 08:00", len(due), due, practiceClients)
	}
	if texts := h.texts(p); len(texts) > 0 {
		t.Fatalf("at night %d texts are queued, the first is %+v", len(texts), texts[0])
	}
	h.close()
	drop(t, at.Data, "views.db")

	h = openManual(t, at, morning.Add(-time.Minute))
	defer h.close()
	h.settle(t.Context())
	if due := h.reminders(p); len(due) != practiceClients || !due[0].DueAt.Equal(morning) {
		t.Fatalf("built again, %d reminders are due, the first is %+v", len(due), due)
	}
	h.clock.at = morning
	h.settle(t.Context())
	for _, text := range h.texts(p) {
		if text.Status != message.Sent || text.SentAt.Before(morning) {
			t.Errorf("a text is %s at %s, want sent at 08:00", text.Status, text.SentAt)
		}
	}
	if got := len(h.texts(p)); got != practiceClients {
		t.Errorf("%d texts were sent, want %d", got, practiceClients)
	}
}

// moveTo changes the zone of a practice.
func moveTo(t *testing.T, at installation.Location, p practice, zone string, now time.Time) {
	t.Helper()
	h := openManual(t, at, now.Add(-48*time.Hour))
	defer h.close()
	settings, err := account.NewSettings(account.Form{
		Name: "Practice", Email: "desk@example.com", Zone: zone, Locale: "en-GB", Country: "GB",
	})
	h.ok(err)
	_, err = h.Engine.Do(t.Context(), commands.ForAccount(p.account, installation.Operator),
		account.ChangeSettings{Account: p.account, Settings: settings})
	h.ok(err)
}

func (h *manual) reminders(p practice) []projections.Reminder {
	h.t.Helper()
	due, err := projections.Due{DB: h.Views}.Of(h.t.Context(), p.account, h.clock.at.Add(7*24*time.Hour), readmodel.Cursor{}, 100)
	h.ok(err)
	return due
}

func (h *manual) texts(p practice) []projections.Message {
	h.t.Helper()
	found, err := projections.Messages{DB: h.Views}.Find(h.t.Context(), p.account, projections.MessageFilter{
		Channel: message.SMS,
	})
	h.ok(err)
	return found
}
