package main

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
)

// TestRefundWindowRefundsEveryTextOfItsDays checks the ledger of the month line by line.
func TestRefundWindowRefundsEveryTextOfItsDays(t *testing.T) {
	month := simulatedMonth(t)
	h := openManual(t, installation.Location{Data: month.dir}, monthEnd)
	defer h.close()
	account, err := domain.ParseID[domain.AccountID](month.report.Account)
	h.ok(err)
	days := windowOf(h)
	charged, returned := chargesOf(h, account)
	inside, outside := 0, 0
	for id, capture := range charged {
		text, ok, err := projections.Messages{DB: h.Views}.One(t.Context(), account, id)
		if h.ok(err); !ok || text.Price != capture.Amount {
			t.Fatalf("message %s was charged %d; its price is %d", id, capture.Amount, text.Price)
		}
		lost := text.Status == message.Undelivered || text.Status == message.Expired
		switch covered := within(days, capture.EffectiveAt) && text.Country == "BR"; {
		case covered:
			inside++
			if returned[id] != text.Price {
				t.Errorf("message %s, sent %s in the window, cost %d, and %d was refunded",
					id, capture.EffectiveAt, text.Price, returned[id])
			}
		case lost && returned[id] != text.Price, !lost && returned[id] != 0:
			t.Errorf("message %s, sent %s outside the window and now %s, cost %d, and %d was refunded",
				id, capture.EffectiveAt, text.Status, text.Price, returned[id])
		default:
			outside++
		}
	}
	if inside < 20 || outside < 20 {
		t.Errorf("only %d texts were charged in the window and %d outside: the test proves little", inside, outside)
	}
	windows := month.report.Windows
	if len(windows) != 1 || windows[0].Posted == 0 || windows[0].Posted != windows[0].Previewed ||
		windows[0].Amount != windows[0].Expected {
		t.Errorf("the preview and the posted refunds differ: %+v", windows)
	}
}

func windowOf(h *manual) domain.Interval {
	h.t.Helper()
	all, err := projections.Windows{DB: h.Views}.All(h.t.Context())
	h.ok(err)
	if len(all) != 1 {
		h.t.Fatalf("%d windows were declared", len(all))
	}
	days, err := all[0].Terms.Bounds.Interval("")
	h.ok(err)
	return days
}

// chargesOf sums the lines of each message: what was charged and what was refunded.
func chargesOf(h *manual, account domain.AccountID) (
	charged map[domain.MessageID]projections.Line, returned map[domain.MessageID]int64,
) {
	h.t.Helper()
	lines, err := projections.Ledger{DB: h.Views}.Find(h.t.Context(), account, projections.LineFilter{})
	h.ok(err)
	charged, returned = make(map[domain.MessageID]projections.Line), make(map[domain.MessageID]int64)
	txs := make(map[domain.MessageID]string)
	for _, line := range lines {
		if line.Amount == 0 || line.Message == "" {
			continue
		}
		id, err := domain.ParseID[domain.MessageID](line.Message)
		h.ok(err)
		switch line.Kind {
		case "capture":
			if before, twice := txs[id]; twice && before != line.Tx {
				h.t.Errorf("message %s was charged twice: %s and %s", id, before, line.Tx)
			}
			line.Amount += charged[id].Amount // granted and paid credits are two lines of one charge
			txs[id], charged[id] = line.Tx, line
		case "refund":
			returned[id] += line.Amount
		case "reversal":
			returned[id] -= line.Amount
		}
	}
	return charged, returned
}

func within(days domain.Interval, at time.Time) bool {
	return !at.Before(days.Start) && at.Before(days.End)
}
