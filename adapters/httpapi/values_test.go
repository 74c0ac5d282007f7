package httpapi_test

import (
	"strings"
	"testing"
)

// TestWrongValuesAreRefusedWithOneSentence sends mistakes that people make. Each is refused with one sentence, and has
// no effect.
func TestWrongValuesAreRefusedWithOneSentence(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	booked := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T15:00"))
	unknown := "00000000-0000-4000-8000-000000000000"
	hours := func(from, to string) object {
		return object{"zone": "Europe/Berlin", "hours": []object{{"days": []int{1}, "from": from, "to": to}}}
	}
	account := func(member, value string) object {
		settings := object{"name": "A", "zone": "Europe/Berlin", "locale": "de-DE", "country": "DE"}
		settings[member] = value
		return settings
	}
	client := func(member string, value any) object {
		contact := object{"name": "Ann"}
		contact[member] = value
		return contact
	}
	before := w.head()
	for _, wrong := range []struct {
		method, path string
		body         any
		status       int
		code, says   string
	}{
		{"POST", "/accounts", account("zone", "Mars/Olympus"), 422, "unknown_zone", "is not a time zone"},
		{"POST", "/accounts", account("zone", "Local"), 422, "unknown_zone", "is not a time zone"},
		{"POST", "/accounts", account("country", "UK"), 422, "unknown_country", "GB"},
		{"POST", "/accounts", account("email", "ann"), 422, "email_malformed", "ann@example.com"},
		{"POST", "/accounts", account("colour", "red"), 422, "value_invalid", "colour is unknown"},
		{"POST", "/accounts", object{"name": "A"}, 422, "value_invalid", "is missing"},
		{"POST", "/accounts", account("name", ""), 422, "value_invalid", "name must have at least 1 characters"},
		{"POST", acc.path + "/clients", client("phone", "+49123"), 422, "phone_invalid", "check the digits"},
		{"POST", acc.path + "/clients", client("name", 7), 422, "value_invalid", "name must be text"},
		{"POST", acc.path + "/clients", `{"name":`, 400, "body_malformed", "check its syntax"},
		{"POST", acc.path + "/clients", nil, 400, "body_missing", "send JSON"},
		{"POST", acc.path + "/credits/purchases", object{"amount_micro": 1.5}, 422, "value_invalid", "a whole number"},
		{"POST", acc.path + "/credits/purchases", object{"amount_micro": 0}, 422, "value_invalid", "at least 1"},
		{"POST", acc.path + "/credits/purchases", object{"amount_micro": -1}, 422, "value_invalid", "at least 1"},
		{
			"POST", acc.path + "/credits/grants",
			object{"amount_micro": 1, "expires_at": "tomorrow"},
			422, "value_invalid",
			"expires_at must be an instant with its offset",
		},
		{
			"POST", acc.path + "/credits/grants",
			object{"amount_micro": 1, "expires_at": "2026-02-30T00:00:00Z"},
			422,
			"value_invalid", "expires_at must be an instant with its offset that exists",
		},
		{
			"POST", acc.path + "/credits/grants",
			object{"amount_micro": 1, "expires_at": "2020-01-01T00:00:00Z"},
			422, "grant_expired", "not in the future",
		},
		{"PUT", "/routes/FR", object{"providers": []string{"gamma"}}, 422, "value_invalid", `no provider is called "gamma"`},
		{
			"POST", "/windows", object{
				"bounds": object{"start_date": "2026-03-01", "days": 14, "zone": "UTC"},
				"scope":  object{"providers": []string{"gamma"}},
			}, 422, "value_invalid", `no provider is called "gamma"`,
		},
		{
			"POST", "/windows/preview", object{
				"bounds": object{"start_date": "2026-03-01", "days": 14, "zone": "UTC"},
				"scope":  object{"accounts": []string{unknown}},
			}, 422, "value_invalid", "there is no account " + unknown,
		},
		{
			"POST", acc.path + "/credits/refunds",
			object{"message": unknown, "amount_micro": 1, "reason": "x"},
			409,
			"nothing_charged", "nothing to refund",
		},
		{
			"PUT", acc.path + "/resources/" + acc.resource + "/hours", hours("17:00", "09:00"), 422, "hours_invalid",
			"22:00 to 26:00",
		},
		{
			"PUT", acc.path + "/resources/" + acc.resource + "/hours", hours("9:00", "17:00"), 422, "value_invalid",
			"hours.0.from must be text like 09:00",
		},
		{"POST", acc.path + "/resources/" + acc.resource + "/blocks", object{
			"start": "2026-03-07T00:00:00Z",
			"end":   "2026-03-06T00:00:00Z", "available": false,
		}, 422, "time_block_invalid", "give a later end"},
		{"POST", acc.path + "/appointments", acc.booking("2026-03-06T25:00"), 422, "value_invalid", "that exist"},
		{"POST", acc.path + "/appointments", acc.booking("tomorrow"), 422, "value_invalid", "2016-04-29T08:30"},
		{
			"POST", acc.path + "/appointments",
			object{"client": acc.client, "service": acc.service},
			422, "value_invalid",
			"give either local",
		},
		{
			"POST", acc.path + "/appointments",
			object{"client": "Ann", "service": acc.service},
			422, "value_invalid",
			"client must be an id of 36 characters",
		},
		{"POST", acc.path + "/appointments", object{
			"client": unknown, "service": acc.service,
			"local": "2026-03-06T09:00",
		}, 404, "client_unknown", "check its id"},
		{"POST", acc.path + "/appointments", object{
			"client": acc.client, "service": unknown,
			"local": "2026-03-06T09:00",
		}, 404, "service_unknown", "check its id"},
		{"POST", acc.path + "/appointments", acc.booking("2026-03-06T15:30"), 409, "slot_taken", "choose another start"},
		{"POST", acc.path + "/appointments", acc.booking("2026-03-06T20:00"), 409, "outside_hours", "free starts"},
		{"POST", acc.path + "/appointments", acc.booking("2026-03-05T08:00"), 409, "in_the_past", "free starts"},
		{
			"POST", acc.path + "/appointments/" + unknown + "/cancel",
			object{"by": "staff"},
			404, "appointment_unknown",
			"check its id",
		},
		{
			"POST", acc.path + "/appointments/" + booked.text("id") + "/mark",
			object{"mark": "late"},
			422, "value_invalid",
			"mark must be one of confirmed, arrived, fulfilled, noshow, booked, unconfirmed",
		},
		{
			"POST", acc.path + "/appointments/" + booked.text("id") + "/mark",
			object{"mark": "noshow"},
			409, "not_yet",
			"after its start",
		},
		{"GET", acc.path + "/clients/" + unknown, nil, 404, "client_unknown", "check its id"},
		{"GET", acc.path + "/clients/7", nil, 422, "value_invalid", "client must be an id of 36 characters"},
		{"GET", acc.path + "/calendar?from=2026-03-06", nil, 422, "value_invalid", "to is missing"},
		{"GET", acc.path + "/calendar?from=2026-03-07&to=2026-03-06", nil, 422, "window_invalid", "end after it starts"},
		{"GET", acc.path + "/calendar?from=2026-03-07&to=2027-03-06", nil, 422, "window_invalid", "at most 92 days"},
		{"GET", acc.path + "/calendar?from=2026-02-30&to=2026-03-06", nil, 422, "value_invalid", "from"},
		{
			"GET", acc.path + "/services/" + acc.service + "/starts?from=2026-03-07&to=2027-03-06", nil, 422,
			"window_invalid", "at most 92 days",
		},
		{"GET", acc.path + "/messages?state=lost", nil, 422, "value_invalid", "state must be one of queued"},
		{"GET", "/accounts/" + unknown + "/clients", nil, 404, "account_unknown", "check its id"},
		{
			"POST", "/windows",
			object{"bounds": object{"start_date": "2026-03-18", "days": 14}},
			422, "zone_required",
			"name the time zone",
		},
		{"POST", "/windows/preview", object{"bounds": object{}}, 422, "bounds_incomplete", "say from when to when"},
		{
			"POST", "/windows",
			object{"bounds": object{"start": "2026-03-18T00:00:00Z", "end": "2026-03-17T00:00:00Z"}},
			422,
			"empty_window", "let it end after it starts",
		},
		{"POST", "/providers", object{"provider": "Alpha", "kind": "simulated"}, 422, "value_invalid", "like alpha"},
		{"POST", "/providers/gamma/disable", object{"reason": "x"}, 404, "provider_unknown", "check its name"},
		{"POST", "/routes/FR/switch", object{"provider": "alpha", "reason": "x"}, 404, "route_unknown", "set one"},
		{"POST", acc.path + "/keys", object{"role": "admin"}, 422, "key_role_invalid", "owner, staff or billing"},
	} {
		got := w.refused(wrong.status, wrong.code, w.admin, wrong.method, wrong.path, wrong.body, "If-Match", "*")
		sentence := got.text("detail")
		if !strings.Contains(sentence, wrong.says) {
			t.Errorf("%s %s: the sentence lacks %q: %s", wrong.method, wrong.path, wrong.says, sentence)
		}
		if strings.Count(sentence, "\n") > 0 || len(sentence) < 15 || len(sentence) > 250 {
			t.Errorf("%s %s: the detail is not one sentence: %s", wrong.method, wrong.path, sentence)
		}
		if got.header.Get("Content-Type") != "application/problem+json" || got.text("request") == "" {
			t.Errorf("%s %s: the response is not a problem of RFC 9457: %v", wrong.method, wrong.path, got.header)
		}
	}
	if w.head() != before {
		t.Error("a refused value had an effect")
	}
}
