package httpapi_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/outages"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/outagedetect"
	"github.com/clickbook/clickbook/domain/window"
)

// cells returns what a detector knows after one delivered text of alpha to Germany.
func cells() (all []outagedetect.Health) {
	detector := outagedetect.New(outagedetect.Defaults())
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, kind := range []outagedetect.Kind{outagedetect.Submitted, outagedetect.Delivered} {
		detector.Observe(outagedetect.Fact{At: at, Message: "m.1", Kind: kind, Provider: "alpha", Country: "DE"})
	}
	detector.Advance(at.Add(time.Hour))
	for one := range detector.Health() {
		all = append(all, one)
	}
	return all
}

// outage detects an outage of alpha in Germany, with a proposed refund window, and returns its id.
func (w *world) outage() domain.OutageID {
	w.t.Helper()
	cell := outage.Cell{Provider: "alpha", Region: "EU", Country: "DE"}
	change := w.clock.Add(-2 * time.Hour)
	id := outage.IDOf(cell, change)
	scope, _ := outages.ScopeOf(cell)
	for _, cmd := range []domain.Command{
		outage.Detect{
			Cell: cell, ChangePoint: change, At: change.Add(5 * time.Minute), Cause: outage.Silent,
			Evidence: outage.Evidence{Messages: 14, ScoreMilli: 17_500},
		},
		window.Propose{Window: outages.WindowOf(id).String(), Outage: id, Scope: scope, From: change},
	} {
		_, err := w.engine.Do(context.Background(), commands.ForInstallation(domain.Actor{ID: "detector"}), cmd)
		w.ok(err)
	}
	return id
}

func (w *world) outages() {
	id := w.outage()
	if listed := w.must(200, w.admin, "GET", "/outages?state=confirmed&provider=alpha&after="+w.head().String(), nil).items(); len(listed) != 1 ||
		listed[0]["id"] != id.String() || listed[0]["cause"] != "silent" {
		w.t.Errorf("want one silent outage: %v", listed)
	}
	if health := w.must(200, "", "GET", "/health", nil); health.text("status") != "degraded" {
		w.t.Errorf("want the outage as a trouble: %s", health.raw)
	}
	w.console()
	day := w.clock.Format(time.DateOnly)
	report := w.must(200, w.admin, "GET", "/deliveries?from="+day+"&to="+w.clock.AddDate(0, 0, 1).Format(time.DateOnly), nil)
	if bands, ok := report.body["outages"].([]any); !ok || len(bands) != 1 {
		w.t.Errorf("want the outage in the delivery report: %s", report.raw)
	}
	forced := object{"country": "DE", "mode": "up", "reason": "the drill", "until": w.clock.Add(time.Hour)}
	w.must(200, w.admin, "POST", "/providers/alpha/overrides", forced)
	w.must(200, w.admin, "POST", "/providers/alpha/overrides", forced)
	if listed := w.must(200, w.admin, "GET", "/overrides", nil).items(); len(listed) != 1 || listed[0]["mode"] != "up" {
		w.t.Errorf("want one override: %v", listed)
	}
	story := w.must(200, w.admin, "GET", "/outages/"+id.String(), nil)
	if overrides := story.body["overrides"].([]any); len(overrides) != 1 {
		w.t.Errorf("want the override in the story: %s", story.raw)
	}
	w.must(200, w.admin, "POST", "/routes/DE/switch", object{"provider": "beta", "reason": "alpha is silent"})
	w.must(200, w.admin, "POST", "/routes/DE/restore", object{"reason": "the drill is over"})
	got := w.moments(id)
	for _, kind := range []string{"proposed", "overridden", "switched", "restored"} {
		if !slices.Contains(got, kind) {
			w.t.Errorf("want that something was %s in the story of the outage: %v", kind, got)
		}
	}
	if got[0] != "began" || got[1] != "confirmed" {
		w.t.Errorf("the story begins with %v, want the change point and the confirmation", got[:2])
	}
	health := w.must(200, w.admin, "GET", "/providers/health", nil).items()
	if len(health) != 3 || health[2]["override"] != "up" || health[2]["delivered"] != 1.0 {
		w.t.Errorf("want alpha, Europe and Germany, which is forced up: %v", health)
	}
	w.must(200, w.admin, "DELETE", "/providers/alpha/overrides?country=DE", nil)
	if listed := w.must(200, w.admin, "GET", "/overrides", nil).items(); len(listed) != 0 {
		w.t.Errorf("want no override: %v", listed)
	}
	path := "/windows/" + outages.WindowOf(id).String()
	if shown := w.must(200, w.admin, "GET", path, nil); shown.text("state") != "proposed" || shown.text("outage") != id.String() {
		w.t.Errorf("want a proposed window: %s", shown.raw)
	}
	w.must(200, w.admin, "POST", path+"/approve/preview", nil)
	w.must(200, w.admin, "POST", path+"/approve", object{"reason": "the ban"})
	if shown := w.must(200, w.admin, "GET", path, nil); shown.text("state") != "active" {
		w.t.Errorf("want an approved window: %s", shown.raw)
	}
	if got := w.moments(id); !slices.Contains(got, "declared") {
		w.t.Errorf("want the approval of the window in the story: %v", got)
	}
}

// moments returns what the story of an outage tells, in order. Every moment has a sentence.
func (w *world) moments(id domain.OutageID) (kinds []string) {
	w.t.Helper()
	story := w.must(200, w.admin, "GET", "/outages/"+id.String(), nil)
	for _, one := range story.body["story"].([]any) {
		moment := one.(object)
		kinds = append(kinds, moment["kind"].(string))
		if moment["sentence"] == "" || moment["kind"] == "switched" && (moment["reason"] == nil || moment["by"] == nil) {
			w.t.Errorf("want a sentence, and who switched and why: %v", moment)
		}
	}
	return kinds
}

// console checks that each country with a route has a row, with who carries its texts.
func (w *world) console() {
	w.t.Helper()
	shown := w.must(200, w.admin, "GET", "/console", nil)
	rows := make(map[string]object)
	for _, row := range shown.items() {
		rows[row["country"].(string)] = row
	}
	germany, ok := rows["DE"]
	if !ok || shown.body["demo"] != true || germany["route"] != "DE" || germany["waiting"] != 0.0 || len(germany["trend"].([]any)) != 8 {
		w.t.Fatalf("want a row of Germany with eight parts: %s", shown.raw)
	}
	if carrier := germany["carrier"].(object); carrier["provider"] == "" || carrier["provider"] == "alpha" && carrier["down"] != true {
		w.t.Errorf("want who carries the texts to Germany while alpha is out: %v", carrier)
	}
}

func TestOverridesThatCannotBe(t *testing.T) {
	w := newWorld(t)
	w.installation()
	override := func(changes object) object {
		body := object{"mode": "down", "reason": "work", "until": w.clock.Add(time.Hour)}
		for name, value := range changes {
			body[name] = value
		}
		return body
	}
	for code, body := range map[string]object{
		"override_until_invalid":   override(object{"until": w.clock.AddDate(0, 0, 8)}),
		"override_reason_required": override(object{"reason": " "}),
	} {
		w.refused(422, code, w.admin, "POST", "/providers/alpha/overrides", body)
	}
	w.must(422, w.admin, "POST", "/providers/alpha/overrides", override(object{"network": "262-01"}))
	w.must(422, w.admin, "POST", "/providers/alpha/overrides", override(object{"country": "DE", "region": "NA"}))
	w.must(422, w.admin, "POST", "/providers/gamma/overrides", override(nil))
	w.refused(404, "outage_unknown", w.admin, "GET", "/outages/"+domain.DeriveUUID("none").String(), nil)
	w.refused(409, "window_not_proposed", w.admin, "POST", "/windows/"+domain.DeriveUUID("none").String()+"/approve", object{"reason": "r"})
}
