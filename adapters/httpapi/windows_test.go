package httpapi_test

import (
	"strings"
	"testing"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
)

func TestWindowChangesSayWhatTheyMove(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	w.installation()
	w.must(201, w.admin, "POST", acc.path+"/credits/purchases", object{"amount_micro": 5_000_000})
	sent := w.sent(acc)
	terms := object{
		"bounds": object{"start_date": "2026-03-01", "days": 14, "zone": "America/Sao_Paulo"},
		"reason": "banned by the networks",
	}
	declared := w.must(201, w.admin, "POST", "/windows", terms)
	moved := func(got result) object { return object(got.body["preview"].(map[string]any)) }
	if declared.body["changed"] != true || moved(declared)["refunded_micro"] != 1_000_000.0 {
		t.Errorf("the declaration returned %s", declared.raw)
	}
	path := "/windows/" + declared.text("id")
	shown := w.must(200, w.admin, "GET", path, nil)
	if shown.text("reason") != "banned by the networks" || shown.text("changed_by") == "" {
		t.Errorf("the window does not show its reason: %s", shown.raw)
	}
	// The refund of the declaration reaches the ledger as the handler of refunds does it.
	owner, err := domain.ParseID[domain.AccountID](acc.id)
	w.ok(err)
	_, err = w.engine.Do(t.Context(), commands.ForAccount(owner, domain.Actor{}), credit.Recover{
		Because: credit.Because{Account: acc.id, Cause: "window", RecordedAt: w.clock}, Message: sent.String(),
		Window: declared.text("id"), IsCovered: true,
	})
	w.ok(err)
	windows := w.must(200, acc.billing, "GET", acc.path+"/credits/windows", nil).items()
	if len(windows) != 1 || windows[0]["eligible"] != 1.0 || windows[0]["claimed_micro"] != 1_000_000.0 ||
		windows[0]["claimed"] != 1.0 || windows[0]["eligible_micro"] != 1_000_000.0 {
		t.Errorf("the account's windows are %v", windows)
	}
	if other := w.newAccount(); len(w.must(200, w.admin, "GET", other.path+"/credits/windows", nil).items()) != 0 {
		t.Error("an account without a text in the window has it in its list")
	}
	shorter := object{
		"bounds":   object{"start": "2026-02-01T00:00:00Z", "end": "2026-02-02T00:00:00Z"},
		"clawback": true, "reason": "the wrong month",
	}
	preview := w.must(200, w.admin, "POST", path+"/preview", shorter)
	if preview.body["reversed_micro"] != 1_000_000.0 {
		t.Errorf("the preview of the amendment is %s", preview.raw)
	}
	preview = w.must(200, w.admin, "POST", path+"/revoke/preview", object{"clawback": true})
	if preview.body["reversed_micro"] != 1_000_000.0 {
		t.Errorf("the preview of the revocation is %s", preview.raw)
	}
	revoked := w.must(200, w.admin, "POST", path+"/revoke", object{"reason": "a mistake"})
	if revoked.body["changed"] != true {
		t.Errorf("the revocation returned %s", revoked.raw)
	}
	if left := w.must(200, acc.billing, "GET", acc.path+"/credits/windows", nil).items(); len(left) != 0 {
		t.Errorf("a revoked window is still in the list: %v", left)
	}
	if again := w.must(200, w.admin, "POST", path+"/revoke", object{}); again.body["changed"] != false {
		t.Errorf("a second revocation returned %s", again.raw)
	}
	w.refused(409, "refunds_kept", w.admin, "POST", path+"/revoke", object{"clawback": true})
	w.refused(409, "refunds_kept", w.admin, "POST", path+"/revoke/preview", object{"clawback": true})
	w.refused(409, "window_revoked", w.admin, "POST", path+"/preview", shorter)
	if shown = w.must(200, w.admin, "GET", path, nil); shown.text("reason") != "a mistake" {
		t.Errorf("the revoked window is %s", shown.raw)
	}
}

func TestRefundSaysWhatItMoved(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	w.must(201, w.admin, "POST", acc.path+"/credits/purchases", object{"amount_micro": 5_000_000})
	refund := object{"message": w.sent(acc).String(), "amount_micro": 600_000, "reason": "kindness"}
	for _, want := range []float64{600_000, 400_000} {
		if got := w.must(201, w.admin, "POST", acc.path+"/credits/refunds", refund); got.body["refunded_micro"] != want {
			t.Errorf("want %v refunded: %s", want, got.raw)
		}
	}
	w.refused(409, "already_refunded", w.admin, "POST", acc.path+"/credits/refunds", refund)
	if lines := w.must(200, w.admin, "GET", acc.path+"/credits/lines?kind=manual_refund", nil).items(); len(lines) != 2 {
		t.Errorf("want two manual refunds: %v", lines)
	}
}

func TestSwitchToDisabledProviderIsRefused(t *testing.T) {
	w := newWorld(t)
	w.installation()
	w.must(200, w.admin, "PUT", "/routes/ZZ", object{"providers": []string{"alpha"}})
	w.must(200, w.admin, "GET", "/routes", nil) // waits until the read models know it
	if health := w.must(200, "", "GET", "/health", nil); health.text("status") != "serving" {
		t.Errorf("every country has a provider, and the health is %s", health.raw)
	}
	w.must(200, w.admin, "POST", "/providers/beta/disable", object{"reason": "banned"})
	w.refused(409, "provider_disabled", w.admin, "POST", "/routes/DE/switch", object{"provider": "beta", "reason": "x"})
	routes := w.must(200, w.admin, "GET", "/routes", nil).items()
	if order := routes[0]["providers"].([]any); len(order) != 1 || order[0] != "alpha" {
		t.Errorf("want the order without the disabled provider: %v", routes)
	}
	w.must(200, w.admin, "POST", "/providers/alpha/disable", object{"reason": "banned too"})
	w.must(200, w.admin, "GET", "/routes", nil)
	health := w.must(200, "", "GET", "/health", nil)
	if health.text("status") != "degraded" || !strings.Contains(string(health.raw), "no provider is left for texts to DE, ZZ") {
		t.Errorf("no provider is left, and the health is %s", health.raw)
	}
}
