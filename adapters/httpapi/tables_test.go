package httpapi_test

import (
	"strings"
	"testing"
	"time"
)

// tables downloads the sheets of billing and of the front desk.
func (w *world) tables(acc fixture) {
	w.t.Helper()
	w.done["exportStatement"] = strings.Contains(
		w.must(200, acc.billing, "GET", acc.path+"/credits/statement.csv?month=2026-03", nil).raw, "closing balance")
	w.done["exportCalls"] = strings.HasPrefix(
		w.must(200, acc.staff, "GET", acc.path+"/call-sheet.csv", nil).raw, "start,zone,client_name,phone")
}

func TestStatementOfAMonth(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	w.clock = time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC)
	w.must(201, w.admin, "POST", acc.path+"/credits/purchases", object{"amount_micro": 5_000_000})
	w.clock = time.Date(2026, 2, 28, 23, 30, 0, 0, time.UTC) // half past midnight on March 1 in Berlin
	id := w.sent(acc).String()
	w.must(201, w.admin, "POST", acc.path+"/credits/refunds",
		object{"message": id, "amount_micro": 400_000, "reason": "kindness"})
	got := w.must(200, acc.billing, "GET", acc.path+"/credits/statement.csv?month=2026-03&after="+w.head().String(), nil)
	at := "2026-03-01T00:30:00+01:00,2026-03-01T00:30:00+01:00,"
	want := "recorded_at,effective_at,entry,what,in,out,balance,message,windows\n" +
		",,,opening balance,,,5,,\n" +
		at + "3,\"1 credit charged, because a provider accepted the text\",0,1,4," + id + ",\n" +
		at + "5,0.4 credits refunded because a person decided so,0.4,0,4.4," + id + ",\n" +
		",,,closing balance,,,4.4,,\n"
	if got.raw != want {
		t.Errorf("the statement is\n%s\nwant\n%s", got.raw, want)
	}
	w.refused(422, "month_malformed", acc.owner, "GET", acc.path+"/credits/statement.csv?month=2026-13", nil)
}

func TestCallSheetAsASheet(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	shown := w.must(200, acc.staff, "GET", acc.path+"/clients/"+acc.client, nil)
	w.must(200, acc.staff, "PUT", acc.path+"/clients/"+acc.client, object{"name": "=1+1", "phone": "0151 23456789"},
		"If-Match", shown.header.Get("ETag"))
	w.fail(acc, w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-09T10:00")).text("id"))
	got := w.must(200, acc.staff, "GET", acc.path+"/call-sheet.csv?after="+w.head().String(), nil).raw
	const want = "2026-03-09T10:00:00,Europe/Berlin,'=1+1,'+4915123456789,Lesson,Room 1,reminder,failed,permanent: E1,,\n"
	if _, row, _ := strings.Cut(got, "\n"); row != want {
		t.Errorf("the sheet has\n%s\nwant\n%s", row, want)
	}
	report := w.must(200, acc.staff, "GET", acc.path+"/deliveries.csv?from=2026-03-01&to=2026-04-01", nil)
	if !strings.Contains(report.raw, "2026-03-05,alpha,DE,0,0,1,") ||
		!strings.Contains(report.header.Get("Content-Disposition"), "deliveries-2026-03-01") {
		t.Errorf("the deliveries are\n%s", report.raw)
	}
}
