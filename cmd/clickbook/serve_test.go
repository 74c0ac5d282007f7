package main

import (
	"strings"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
)

// TestSimulatedMonthIsServed starts the server on simulated data and compares the API with the report.
func TestSimulatedMonthIsServed(t *testing.T) {
	month := simulatedMonth(t)
	s := firstStart(t, installation.Location{Data: month.dir})
	account := "/accounts/" + month.report.Account

	statuses := make(map[string]int)
	for _, visit := range s.all(account + "/calendar?from=" + recordFrom + "&to=" + recordTo) {
		statuses[visit["status"].(string)]++
	}
	for status, count := range month.report.Appointments {
		if statuses[status] != count {
			t.Errorf("the calendar has %d appointments as %s, the simulation %d", statuses[status], status, count)
		}
	}
	total, _ := s.get("%s/deliveries?from=%s&to=%s", account, "2016-04-20", "2016-05-20").body()["total"].(map[string]any)
	sent, delivered := 0, 0
	for _, line := range month.report.Deliveries {
		sent, delivered = sent+line.Sent, delivered+line.Delivered
	}
	if total["sent"] != float64(sent) || total["delivered"] != float64(delivered) {
		t.Errorf("the delivery report shows %v; the simulation sent %d and delivered %d", total, sent, delivered)
	}
	owned := checkLedger(s, account)

	if code := s.stop(); code != exitOK {
		t.Errorf("the server ended with %d: %s", code, s.errs.String())
	}
	h := openManual(t, installation.Location{Data: month.dir}, monthEnd)
	books, _, err := commands.Load(t.Context(), h.Engine, credit.Decider, domain.StreamOf("credits", month.report.Account))
	if h.ok(err); books.Owned() != owned {
		t.Errorf("the API has %d owned, the log %d", owned, books.Owned())
	}
	h.close()
	second := serving(t, installation.Location{Data: month.dir})
	second.key = s.key
	if me := second.get("/whoami"); me.text("role") != "admin" {
		t.Errorf("after a restart the key is %s", me.raw)
	}
	for len(second.lines) > 0 {
		if line := <-second.lines; strings.Contains(line, "ADMIN_KEY") {
			t.Error("the second start printed another admin key")
		}
	}
}

// checkLedger waits until the lines of the API add up to its balance. First it waits for the server to expire an old
// grant, which it does in its first minute.
func checkLedger(s *server, account string) (owned int64) {
	s.t.Helper()
	waitUntil(s.t, "the old grant to expire", func() bool {
		return len(s.get("%s/credits/lines?kind=expire", account).items()) > 0
	})
	waitUntil(s.t, "lines that add up to the balance", func() bool {
		owned = s.get("%s/credits", account).number("owned_micro")
		var sum int64
		for _, line := range s.all(account + "/credits/lines?") {
			amount := int64(line["amount_micro"].(float64))
			for pocket, sign := range map[string]int64{"from": -1, "to": 1} {
				switch line[pocket] {
				case "paid", "granted", "held:paid", "held:granted":
					sum += sign * amount
				}
			}
		}
		return sum == owned
	})
	return owned
}
