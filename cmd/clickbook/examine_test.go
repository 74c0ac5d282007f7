package main

import (
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
)

// fate is what the log says of one text.
type fate struct {
	queued, attempted, accepted, gaveUp int
	captured                            int
}

// examineTexts holds the outbox and the books to each other: every reminder came to an end, none was sent twice
// unless a doubt ran out, none was charged twice, and nothing is held for what has ended.
func examineTexts(h *hands, p practice, wanted int) {
	h.t.Helper()
	fates := fatesOf(h)
	for id, text := range fates {
		if text.queued > 1 || text.captured > 1 || text.accepted > 1+text.gaveUp {
			h.t.Errorf("message %s: %+v", id, text)
		}
		if text.accepted > 0 && text.captured != 1 {
			h.t.Errorf("message %s was accepted and charged %d times", id, text.captured)
		}
	}
	found, err := projections.Messages{DB: h.Views}.Find(h.t.Context(), p.account, projections.MessageFilter{Channel: "sms"})
	h.ok(err)
	for _, text := range found {
		if text.Status == message.Queued || text.Status == message.Attempted {
			h.t.Errorf("message %s never came to an end: %s after %d attempts", text.ID, text.Status, text.Attempts)
		}
	}
	if len(fates) != wanted {
		h.t.Errorf("%d texts are in the log for %d reminders that were due", len(fates), wanted)
	}
	doubted := 0
	for _, text := range fates {
		doubted += text.gaveUp
	}
	h.t.Logf("%d of %d texts were in doubt until it ran out", doubted, len(fates))
	examineBooks(h, p.account)
}

// fatesOf reads the log, by message.
func fatesOf(h *hands) map[string]fate {
	h.t.Helper()
	fates := make(map[string]fate)
	change := func(id string, with func(*fate)) {
		f := fates[id]
		with(&f)
		fates[id] = f
	}
	for entry, err := range h.Events.ReadAll(h.t.Context(), domain.Position{}, domain.Filter{}) {
		h.ok(err)
		recorded, err := h.Codec.Decode(entry)
		h.ok(err)
		switch e := recorded.Event.(type) {
		case message.ReminderQueued:
			change(e.Message.String(), func(f *fate) { f.queued++ })
		case message.SmsAttempted:
			change(e.Message.String(), func(f *fate) { f.attempted++ })
		case message.SmsSent:
			change(e.Message.String(), func(f *fate) { f.accepted++ })
		case message.SmsAttemptFailed:
			if e.Code == "doubt_ran_out" {
				change(e.Message.String(), func(f *fate) { f.gaveUp++ })
			}
		case credit.CreditsCharged:
			change(e.Message, func(f *fate) { f.captured++ })
		}
	}
	return fates
}

// examineBooks: what is held is what open holds hold, and the read model says the same as the log.
func examineBooks(h *hands, account domain.AccountID) {
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
		h.t.Errorf("open holds are %d; the books hold %d of %d, the read model %d of %d; proof: %+v",
			open, books.Held(), books.Owned(), balance.Held(), balance.Owned(), proof)
	}
}

// examineLog: no stream has a gap, no event was put aside, and every read model is what the log makes it.
func examineLog(h *hands) {
	h.t.Helper()
	ends := make(map[domain.Stream]domain.Revision)
	for entry, err := range h.Events.ReadAll(h.t.Context(), domain.Position{}, domain.Filter{}) {
		if h.ok(err); entry.Revision != ends[entry.Stream] {
			h.t.Errorf("%s has revision %d where %d is due", entry.Stream, entry.Revision, ends[entry.Stream])
		}
		ends[entry.Stream]++
	}
	h.ok(h.Events.Verify(h.t.Context()))
	aside, err := h.State.Poisoned(h.t.Context(), 10)
	if h.ok(err); len(aside) > 0 {
		h.t.Errorf("events were put aside: %+v", aside)
	}
	rebuilt, err := h.Projector.Rebuild(h.t.Context(), nil)
	h.ok(err)
	for _, one := range rebuilt {
		if !one.Same() {
			h.t.Errorf("the read model %s was not what the log makes it", one.Name)
		}
	}
}
