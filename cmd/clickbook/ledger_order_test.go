package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections"
)

// TestFactsFollowTheOrderOfTheBooks lets the ledger lag behind the log: a purchase between a text and its hold, lots
// that expire together, a manual refund, a window known before, a text cancelled in the queue, a new zone. The
// exported facts must replay to the same books.
func TestFactsFollowTheOrderOfTheBooks(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 3, 18, 20, 0, 0, 0, time.UTC) // 09:00 in Auckland, so texts may go out
	p := openPractice(t, installation.Location{Data: dir}, now, practiceClients, 5)
	p.book(t, installation.Location{Data: dir}, now, 0, 1)
	h := openManual(t, installation.Location{Data: dir}, now)
	ctx := t.Context()
	do := func(cmds ...domain.Command) {
		t.Helper()
		for _, cmd := range cmds {
			origin := commands.ForAccount(p.account, installation.Operator)
			if _, ok := cmd.(window.Command); ok {
				origin = commands.ForInstallation(installation.Operator)
			}
			_, err := h.Engine.Do(ctx, origin, cmd)
			h.ok(err)
		}
	}
	queue := func() {
		t.Helper()
		_, err := h.Projector.CatchUp(ctx)
		h.ok(err)
		_, err = h.Reminders.QueueDue(ctx)
		h.ok(err)
	}
	because := func(what string) credit.Because {
		return credit.Because{Account: p.account.String(), Cause: what, RecordedAt: now}
	}
	queue() // more than five credits can pay for
	do(credit.Purchase{Because: because("top-up"), Purchase: "top-up", Amount: 200_000_000},
		credit.Grant{Because: because("g1"), Grant: "g1", Amount: 3_000_000, ExpiresAt: now.Add(time.Hour)},
		credit.Grant{Because: because("g2"), Grant: "g2", Amount: 4_500_000, ExpiresAt: now.Add(time.Hour)})
	h.settle(ctx)
	charged := h.charged(p.account)
	do(credit.RefundManually{
		Because: because("sorry"), Message: charged[0], RefundKey: "k1", Amount: 300_000, Note: domain.Secret("Grace"),
	})
	h.close()

	p.book(t, installation.Location{Data: dir}, now, 1, 2)
	h = openManual(t, installation.Location{Data: dir}, now)
	queue() // before the window is declared
	do(appointment.Cancel{Appointment: appointment.IDOf(p.account, "before-41"), By: appointment.Staff, At: now})
	settings, err := account.NewSettings(account.Form{
		Name: "Practice", Email: "desk@example.com", Zone: "Pacific/Auckland", Locale: "en-NZ", Country: "NZ",
	})
	h.ok(err)
	do(account.ChangeSettings{Account: p.account, Settings: settings}, account.SetTextLimits{
		Account: p.account, Limits: account.TextLimits{Countries: []string{"GB"}},
	}, window.Declare{Window: "known", Terms: window.Terms{
		Bounds: window.Bounds{Kind: window.Instants, Start: now, End: now.Add(time.Minute)},
	}})
	h.settle(ctx)
	h.close()

	p.book(t, installation.Location{Data: dir}, now, 2, 3)
	h = openManual(t, installation.Location{Data: dir}, now.Add(2*time.Hour))
	h.settle(ctx) // the account has moved to a zone where the 18th is another day
	h.ok(h.Bookkeeper.ExpireGrants(ctx, p.account))
	do(window.Declare{Window: "home", Terms: window.Terms{Bounds: window.Bounds{
		Kind: window.LocalDates, ZoneMode: window.AccountHome, StartDate: "2026-03-18", Days: 1,
	}}}, credit.ClosePeriod{Because: because("close"), Period: "2026-02", Zone: "UTC"})
	h.settle(ctx)
	h.close()

	facts, books := exportAndReplay(t, dir, p.account)
	h = openManual(t, installation.Location{Data: dir}, now.Add(2*time.Hour))
	defer h.close()
	checkBooks(h, p.account, books)
	stages := make(map[string]int)
	for _, text := range books.Messages {
		stages[text.State]++
	}
	if stages["captured"] == 0 || stages["waived"] == 0 || stages["failed"] == 0 || stages["blocked"] > 0 {
		t.Errorf("the texts are %v: the test proves little", stages)
	}
	if strings.Contains(facts, "Grace") {
		t.Error("the facts hold a note")
	}
}

// charged returns the messages that were charged, the earliest first.
func (h *manual) charged(of domain.AccountID) (messages []string) {
	h.t.Helper()
	captures := projections.LineFilter{Kinds: []string{"capture"}}
	lines, err := projections.Ledger{DB: h.Views}.Find(h.t.Context(), of, captures)
	h.ok(err)
	for _, line := range slices.Backward(lines) {
		messages = append(messages, line.Message)
	}
	return messages
}
