package main

import (
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
)

// outcome counts the events of one text.
type outcome struct {
	queued, attempted, accepted, gaveUp int
	captured                            int
}

// checkTexts compares the texts with the ledger: every reminder ended, none was sent twice unless an attempt was
// given up in doubt, none was charged twice, and nothing is held for a text that has ended.
func checkTexts(h *manual, p practice, wanted int) {
	h.t.Helper()
	outcomes := outcomesOf(h)
	for id, text := range outcomes {
		if text.queued > 1 || text.captured > 1 || text.accepted > 1+text.gaveUp {
			h.t.Errorf("message %s: %+v", id, text)
		}
		if text.accepted > 0 && text.captured != 1 {
			h.t.Errorf("message %s was accepted, and was charged %d times", id, text.captured)
		}
	}
	texts := projections.MessageFilter{Channel: "sms"}
	found, err := projections.Messages{DB: h.Views}.Find(h.t.Context(), p.account, texts)
	h.ok(err)
	for _, text := range found {
		if text.Status == message.Queued || text.Status == message.Attempted {
			h.t.Errorf("message %s has not ended: %s after %d attempts", text.ID, text.Status, text.Attempts)
		}
	}
	if len(outcomes) != wanted {
		h.t.Errorf("the log has %d texts, want %d", len(outcomes), wanted)
	}
	doubted := 0
	for _, text := range outcomes {
		doubted += text.gaveUp
	}
	h.t.Logf("%d attempts of %d texts were given up in doubt", doubted, len(outcomes))
	checkBalance(h, p.account)
}

// outcomesOf reads the outcomes from the log by message.
func outcomesOf(h *manual) map[string]outcome {
	h.t.Helper()
	outcomes := make(map[string]outcome)
	change := func(id string, with func(*outcome)) {
		f := outcomes[id]
		with(&f)
		outcomes[id] = f
	}
	for entry, err := range h.Events.ReadAll(h.t.Context(), domain.Position{}, domain.Filter{}) {
		h.ok(err)
		recorded, err := h.Codec.Decode(entry)
		h.ok(err)
		switch e := recorded.Event.(type) {
		case message.ReminderQueued:
			change(e.Message.String(), func(f *outcome) { f.queued++ })
		case message.SmsAttempted:
			change(e.Message.String(), func(f *outcome) { f.attempted++ })
		case message.SmsSent:
			change(e.Message.String(), func(f *outcome) { f.accepted++ })
		case message.SmsAttemptFailed:
			if e.Code == "doubt_ran_out" {
				change(e.Message.String(), func(f *outcome) { f.gaveUp++ })
			}
		case credit.CreditsCharged:
			change(e.Message, func(f *outcome) { f.captured++ })
		}
	}
	return outcomes
}

// checkBalance checks that the credits held are those of open holds, and that the read model agrees with the log.
func checkBalance(h *manual, account domain.AccountID) {
	h.t.Helper()
	books, _, err := commands.Load(h.t.Context(), h.Engine, credit.Decider, domain.StreamOf("credits", account.String()))
	h.ok(err)
	var open int64
	for _, charge := range books.Charges() {
		if charge.Stage == credit.Held {
			open += charge.Price
		}
	}
	balance, err := projections.Ledger{DB: h.Views}.Balance(h.t.Context(), account)
	h.ok(err)
	proof, err := projections.Ledger{DB: h.Views}.Prove(h.t.Context(), account)
	h.ok(err)
	if books.Held() != open || balance.Held() != open || balance.Owned() != books.Owned() || !proof.Holds() {
		h.t.Errorf("open holds sum to %d; the log has %d held of %d owned, the read model %d of %d; proof: %+v",
			open, books.Held(), books.Owned(), balance.Held(), balance.Owned(), proof)
	}
}

// checkLog checks that no stream has a gap, the poison queue is empty, and a rebuild changes no read model.
func checkLog(h *manual) {
	h.t.Helper()
	ends := make(map[domain.Stream]domain.Revision)
	for entry, err := range h.Events.ReadAll(h.t.Context(), domain.Position{}, domain.Filter{}) {
		if h.ok(err); entry.Revision != ends[entry.Stream] {
			h.t.Errorf("%s has revision %d, want %d", entry.Stream, entry.Revision, ends[entry.Stream])
		}
		ends[entry.Stream]++
	}
	h.ok(h.Events.Verify(h.t.Context()))
	poisoned, err := h.State.Poisoned(h.t.Context(), 10)
	if h.ok(err); len(poisoned) > 0 {
		h.t.Errorf("the poison queue has %+v", poisoned)
	}
	rebuilt, err := h.Projector.Rebuild(h.t.Context(), nil)
	h.ok(err)
	for _, one := range rebuilt {
		if !one.Same() {
			h.t.Errorf("a rebuild changed the read model %s", one.Name)
		}
	}
}
