package httpapi_test

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/openapi"
	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// testKinds are the kinds of providers of the tests: one that is simulated, and one that is configured.
func testKinds() []sms.Kind {
	return []sms.Kind{simulated.Kind(nil), {
		Name: "paper", Title: "a provider made of paper",
		Fields: []sms.Field{
			{Name: "desk", Help: "where the paper lies"},
			sms.BaseURL("https://paper.example"),
			{Name: "password", Help: "what opens the drawer", Secret: true},
			{Name: "token", Help: "what its calls carry", Secret: true, Generated: true},
		},
		Open: func(config sms.Config) (messaging.Provider, error) { return &paper{config}, nil },
	}}
}

// paper accepts every text but those to numbers that end with 9, and reports with its token.
type paper struct{ sms.Config }

func (p *paper) Send(_ context.Context, text messaging.Text) (messaging.Accepted, error) {
	if strings.HasSuffix(text.To, "9") {
		return messaging.Accepted{}, messaging.Reject(message.FaultNumber, "no-such-number")
	}
	return messaging.Accepted{ProviderID: "paper-1"}, nil
}

func (p *paper) Status(context.Context, messaging.Inquiry) (messaging.Standing, error) {
	return messaging.Standing{}, messaging.ErrCannotTell
}

func (p *paper) Check(context.Context) error { return nil }

func (p *paper) CheckSender(country, sender string) error { return sms.CheckSender(country, sender) }

func (p *paper) Unmapped() map[string]int { return map[string]int{"crease 4": 2} }

// Callback reads "TOKEN REFERENCE STATE" of a body.
func (p *paper) Callback(call sms.Call) (sms.Callback, error) {
	words := strings.Fields(string(call.Body))
	if len(words) != 3 {
		return sms.Callback{}, sms.ErrMalformed
	}
	for _, token := range p.Secrets["token"] {
		if subtle.ConstantTimeCompare([]byte(token), []byte(words[0])) == 1 {
			return sms.Callback{Receipts: []messaging.Receipt{{Reference: words[1], State: words[2], At: call.At}}}, nil
		}
	}
	return sms.Callback{}, sms.ErrForged
}

func paperTerms() object {
	return object{
		"provider": "clip", "kind": "paper", "settings": object{"desk": "left"}, "secrets": object{"password": "open sesame"},
	}
}

// carriers goes through the configuration of a provider.
func (w *world) carriers() {
	if kinds := w.must(200, w.admin, "GET", "/provider-kinds", nil).items(); len(kinds) != 2 {
		w.t.Errorf("there are two kinds, not %v", kinds)
	}
	w.must(201, w.admin, "POST", "/providers", paperTerms())
	w.must(200, w.admin, "POST", "/providers/clip/configure", object{"settings": object{"desk": "right"}})
	w.must(200, w.admin, "POST", "/providers/clip/secrets/password", object{"value": "open barley"})
	w.must(200, w.admin, "POST", "/providers/clip/secrets/password/drop", nil)
	check := w.must(200, w.admin, "POST", "/providers/clip/check", object{"to": "+16045550101"})
	if check.text("credentials") != "accepted" || check.text("state") != "sent" {
		w.t.Errorf("the check returned %s", check.raw)
	}
	again := w.must(200, w.admin, "GET", "/providers/clip/checks/"+check.text("reference"), nil)
	if again.text("state") != "sent" {
		w.t.Errorf("the check is read as %s", again.raw)
	}
	w.must(200, w.admin, "POST", "/providers/clip/disable", object{"reason": "out of ink"})
}

func TestSecretsAreNeverReturned(t *testing.T) {
	w := newWorld(t)
	created := w.must(201, w.admin, "POST", "/providers", paperTerms())
	listed := w.must(200, w.admin, "GET", "/providers", nil)
	for _, raw := range []string{created.raw, listed.raw, w.log.String()} {
		if strings.Contains(raw, "sesame") {
			t.Errorf("a secret is shown in %s", raw)
		}
	}
	for _, want := range []string{`"name":"password"`, `"value":"•••"`, `"valid":1`, `"desk":"left"`, "/callbacks/clip/receipts"} {
		if !strings.Contains(listed.raw, want) {
			t.Errorf("the list lacks %s: %s", want, listed.raw)
		}
	}
}

func TestConfigurationIsRefusedWithAllItsProblems(t *testing.T) {
	w := newWorld(t)
	refused := w.refused(422, "value_invalid", w.admin, "POST", "/providers", object{
		"provider": "clip", "kind": "paper", "settings": object{"base_url": "http://paper.example", "colour": "white"},
	})
	for _, want := range []string{"desk is missing", "invalid base_url", "password is missing", "colour"} {
		if !strings.Contains(refused.text("detail"), want) {
			t.Errorf("the refusal does not say %q: %s", want, refused.text("detail"))
		}
	}
	w.refused(422, "value_invalid", w.admin, "POST", "/providers", object{"provider": "clip", "kind": "stone"})
	terms := paperTerms()
	terms["settings"] = object{"desk": "left", "password": "open sesame"}
	refused = w.refused(422, "value_invalid", w.admin, "POST", "/providers", terms)
	if !strings.Contains(refused.text("detail"), "password is a secret") {
		t.Errorf("a secret among the settings is refused with %s", refused.text("detail"))
	}
	w.refused(404, "provider_unknown", w.admin, "POST", "/providers/clip/configure", object{"settings": object{}})
	w.refused(404, "provider_unknown", w.admin, "POST", "/providers/clip/check", object{})
}

// call sends what a provider sends.
func (w *world) callback(path, body string) int {
	w.t.Helper()
	out := httptest.NewRecorder()
	w.handler.ServeHTTP(out, httptest.NewRequest("POST", openapi.Base+path, strings.NewReader(body)))
	return out.Code
}

func TestCallsOfProvidersAreVerified(t *testing.T) {
	w := newWorld(t)
	terms := paperTerms()
	terms["secrets"] = object{"password": "open sesame", "token": "first-token-of-the-paper"}
	w.must(201, w.admin, "POST", "/providers", terms)
	w.must(201, w.admin, "POST", "/providers", object{"provider": "alpha", "kind": "simulated"})
	acc := w.newAccount()
	id := w.attempted(acc, "clip")
	reference := messaging.ReferenceOf(id, 1)
	w.must(200, w.admin, "POST", "/providers/clip/secrets/token", object{"value": "second-token-of-the-paper"})
	for _, one := range []struct {
		name, path, body string
		want             int
	}{
		{"a wrong token", "/callbacks/clip/receipts", "third " + reference + " delivered", 401},
		{"what cannot be read", "/callbacks/clip/receipts", "hello", 400},
		{"64 KiB and more", "/callbacks/clip/receipts", strings.Repeat("x", sms.MaxBody+1), 413},
		{"an unknown provider", "/callbacks/nobody/receipts", "hello", 404},
		{"a provider that does not call", "/callbacks/alpha/receipts", "hello", 404},
		{"an unknown kind", "/callbacks/clip/invoices", "hello", 404},
		{"an unknown reference", "/callbacks/clip/receipts", "first-token-of-the-paper deadbeef delivered", 200},
		{"the older token", "/callbacks/clip/receipts", "first-token-of-the-paper " + reference + " delivered", 200},
		{"a repeated receipt", "/callbacks/clip/receipts", "second-token-of-the-paper " + reference + " delivered", 200},
	} {
		if got := w.callback(one.path, one.body); got != one.want {
			t.Errorf("%s returned %d, want %d", one.name, got, one.want)
		}
	}
	state, _, err := commands.Load(t.Context(), w.engine, message.Decider, message.Stream(id))
	w.ok(err)
	if state.Status() != message.Delivered {
		t.Errorf("the text is %s, want delivered", state.Status())
	}
	listed := w.must(200, w.admin, "GET", "/providers", nil)
	want := `"calls":{"forged":1,"inbound":0,"malformed":1,"receipts":3,"unknown":1,"unmapped":{"crease4":2},"unmatched":0}`
	if !strings.Contains(strings.ReplaceAll(listed.raw, " ", ""), want) {
		t.Errorf("the calls are not counted as %s: %s", want, listed.raw)
	}
}

// A provider that calls for a text of another one is not believed.
func TestProviderReportsOnItsOwnAttemptsOnly(t *testing.T) {
	w := newWorld(t)
	terms := paperTerms()
	terms["secrets"] = object{"password": "open sesame", "token": "first-token-of-the-paper"}
	w.must(201, w.admin, "POST", "/providers", terms)
	acc := w.newAccount()
	id := w.attempted(acc, "alpha")
	for _, said := range []string{"sent", "delivered"} {
		body := "first-token-of-the-paper " + messaging.ReferenceOf(id, 1) + " " + said
		if got := w.callback("/callbacks/clip/receipts", body); got != 200 {
			t.Fatalf("the call returned %d", got)
		}
	}
	state, _, err := commands.Load(t.Context(), w.engine, message.Decider, message.Stream(id))
	w.ok(err)
	if state.Status() != message.Attempted {
		t.Errorf("the text is %s, want attempted", state.Status())
	}
}

// The reply of the provider was lost, so the attempt is in doubt. A call that only says that the text is on its way
// settles it.
func TestACallSettlesAnAttemptInDoubt(t *testing.T) {
	w := newWorld(t)
	terms := paperTerms()
	terms["secrets"] = object{"password": "open sesame", "token": "first-token-of-the-paper"}
	w.must(201, w.admin, "POST", "/providers", terms)
	id := w.attempted(w.newAccount(), "clip")
	for range 3 {
		body := "first-token-of-the-paper " + messaging.ReferenceOf(id, 1) + " sent"
		if got := w.callback("/callbacks/clip/receipts", body); got != 200 {
			t.Fatalf("the call returned %d", got)
		}
	}
	state, revision, err := commands.Load(t.Context(), w.engine, message.Decider, message.Stream(id))
	w.ok(err)
	if state.Status() != message.Sent || revision != 2 {
		t.Errorf("the text is %s at revision %d, want sent at 2", state.Status(), revision)
	}
}

// attempted queues a text and starts an attempt by a provider.
func (w *world) attempted(acc fixture, by string) domain.MessageID {
	w.t.Helper()
	account, err := domain.ParseID[domain.AccountID](acc.id)
	w.ok(err)
	id := domain.DeriveID[domain.MessageID]("attempted", by)
	letter := message.Letter{
		Account: account, Channel: message.SMS, To: domain.Secret("+4915112345678"), Country: "DE",
		Text: domain.Secret("Hello"), ScheduledFor: w.clock, UsefulUntil: w.clock.AddDate(0, 0, 1),
	}
	for _, cmd := range []domain.Command{
		message.QueueReminder{Message: id, Letter: letter, Rule: "day-before"},
		message.StartAttempt{
			Message: id, Attempt: 1, Provider: by, Country: "DE", Reference: messaging.ReferenceOf(id, 1), At: w.clock,
		},
	} {
		_, err := w.engine.Do(context.Background(), commands.ForAccount(account, domain.Actor{}), cmd)
		w.ok(err)
	}
	return id
}

// A route has weights and senders, a switch that expires, and only senders that the country allows.
func TestTermsOfARoute(t *testing.T) {
	w := newWorld(t)
	w.must(201, w.admin, "POST", "/providers", paperTerms())
	w.must(201, w.admin, "POST", "/providers", object{"provider": "alpha", "kind": "simulated"})
	both := []string{"clip", "alpha"}
	set := func(sender string) object {
		return object{"providers": both, "terms": []object{
			{"provider": "clip", "weight": 950, "sender": sender}, {"provider": "alpha", "weight": 50},
		}}
	}
	w.must(200, w.admin, "PUT", "/routes/GB", set("Clinic"))
	refused := w.refused(422, "value_invalid", w.admin, "PUT", "/routes/US", set("Clinic"))
	if refused.text("field") != "terms.0.sender" || !strings.Contains(refused.text("detail"), "no sender of letters") {
		t.Errorf("a sender of letters is refused for the United States with %s", refused.raw)
	}
	w.must(200, w.admin, "PUT", "/routes/US", set("+15005550006"))
	w.must(200, w.admin, "PUT", "/routes/BR", object{"providers": both})
	w.must(200, w.admin, "POST", "/routes/GB/switch", object{
		"provider": "alpha", "reason": "ban", "until": w.clock.Add(time.Hour).Format(time.RFC3339),
	})
	shown := func(country string) map[string]any {
		t.Helper()
		for _, one := range w.must(200, w.admin, "GET", "/routes", nil).items() {
			if one["country"] == country {
				return one
			}
		}
		return nil
	}
	if gb := shown("GB"); fmt.Sprint(gb["providers"]) != "[alpha clip]" || gb["switched_to"] != "alpha" {
		t.Errorf("the switched route is shown as %v", gb)
	}
	if br := shown("BR"); !strings.Contains(fmt.Sprint(br["terms"]), "weight:990") {
		t.Errorf("a route without terms is shown as %v", br)
	}
	w.clock = w.clock.Add(time.Hour)
	if gb := shown("GB"); fmt.Sprint(gb["providers"]) != "[clip alpha]" || gb["switched_to"] != nil {
		t.Errorf("after the switch has expired the route is shown as %v", gb)
	}
}
