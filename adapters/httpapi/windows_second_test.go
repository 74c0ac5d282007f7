package httpapi_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi"
)

// TestLargeWindowNeedsASecondPerson declares a window that moves more than one person may.
func TestLargeWindowNeedsASecondPerson(t *testing.T) {
	w := newWorld(t, func(config *httpapi.Config) { config.SecondPerson = 999_999 })
	acc := w.newAccount()
	w.installation()
	w.must(201, w.admin, "POST", acc.path+"/credits/purchases", object{"amount_micro": 5_000_000})
	w.sent(acc)
	terms := func(days int) object {
		return object{"bounds": object{"start_date": "2026-03-01", "days": days, "zone": "America/Sao_Paulo"}}
	}
	first, second := w.signIn("", "admin"), w.signIn("", "admin")
	w.must(200, first, "POST", "/windows/preview", terms(14)) // a preview is no request
	for range 2 {                                             // the same person twice is one person
		w.refused(409, "approval_required", first, "POST", "/windows", terms(14))
	}
	w.refused(409, "approval_required", second, "POST", "/windows", terms(15)) // another window
	declared := w.must(201, second, "POST", "/windows", terms(14))
	shown := w.must(200, w.admin, "GET", "/windows/"+declared.text("id"), nil)
	if want := "member:" + w.must(200, first, "GET", "/whoami", nil).text("member"); shown.text("changed_by") != want {
		t.Errorf("the window was changed by %s, want %s", shown.text("changed_by"), want)
	}

	w.refused(409, "approval_required", first, "POST", "/windows", terms(16))
	w.clock = w.clock.Add(24*time.Hour + time.Second)
	second, first = w.signIn("", "admin"), w.signIn("", "admin")
	w.refused(409, "approval_required", second, "POST", "/windows", terms(16)) // the first one's request is too old
	w.must(201, first, "POST", "/windows", terms(16))
}
