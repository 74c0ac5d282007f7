package httpapi_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCreditsAreExplained(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	w.must(201, w.admin, "POST", acc.path+"/credits/purchases", object{"amount_micro": 5_000_000})
	id := w.sent(acc).String()
	explain := func(query string) object {
		t.Helper()
		return w.must(200, acc.billing, "GET", acc.path+"/credits/explain?after="+w.head().String()+"&"+query, nil).body
	}
	says := func(got object, want ...string) {
		t.Helper()
		var lines []string
		for _, line := range got["sentences"].([]any) {
			lines = append(lines, line.(string))
		}
		if !slices.Equal(lines, want) {
			t.Errorf("the explanation is\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
	}
	cost := "It costs 1 credit: 1 segment to DE at 1 credit each, by price list 1."
	accepted := "alpha accepted it on 5 Mar 2026 08:00 UTC, so the price was charged."
	got := explain("message=" + id)
	says(got, cost, accepted, "No rule gives anything back.",
		"Entitled 0 credits − refunded 0 credits = due 0 credits. It cost 1 credit in the end.")
	if got["stage"] != "captured" || got["charged_micro"] != 1_000_000.0 || len(got["lines"].([]any)) != 2 {
		t.Errorf("the figures are %v", got)
	}
	w.must(201, w.admin, "POST", acc.path+"/credits/refunds",
		object{"message": id, "amount_micro": 400_000, "reason": "kindness"})
	says(explain("entry=3"), cost, accepted, "A person decided to refund 0.4 credits.",
		"Entitled 0.4 credits − refunded 0.4 credits = due 0 credits. It cost 0.6 credits in the end.")
	window := w.must(201, w.admin, "POST", "/windows", object{
		"bounds": object{"start": start.Add(-time.Hour), "end": start.Add(time.Hour)}, "scope": object{},
	}).text("id")
	got = explain("message=" + id)
	says(got, cost, accepted,
		"All of it is to be refunded, because the refund window "+window+" covers that time.",
		"Entitled 1 credit − refunded 0.4 credits = due 0.6 credits. It cost 0.6 credits in the end.")
	if covers := got["windows"].([]any)[0].(object); covers["window"] != window || covers["covers"] != true ||
		got["due_micro"] != 600_000.0 {
		t.Errorf("with a window over it the explanation is %v", got)
	}
	lines := got["lines"].([]any)
	last := lines[len(lines)-1].(object)
	if why := last["why"]; why != "0.4 credits refunded because a person decided so" {
		t.Errorf("the last line is explained as %q", why)
	}
	says(explain("entry=1"), "5 credits bought")
	w.refused(404, "credit_lines_unknown", acc.billing, "GET", acc.path+"/credits/explain?entry=99", nil)
	w.refused(422, "value_invalid", acc.billing, "GET", acc.path+"/credits/explain", nil)
	w.refused(403, "role_forbidden", acc.staff, "GET", acc.path+"/credits/explain?entry=1", nil)
}
