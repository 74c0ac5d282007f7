package httpapi_test

import (
	"context"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/domain"
)

func TestPreviewOfATemplate(t *testing.T) {
	w := newWorld(t, func(c *httpapi.Config) {
		c.Links = func(context.Context, domain.AppointmentID) (string, error) { return "https://x.example/m/1", nil }
	})
	acc := w.newAccount()
	path := acc.path + "/templates/"
	w.refused(404, "no_appointment_ahead", acc.owner, "POST", path+"reminder/sms/preview", object{})
	first := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T09:00")).text("id")
	later := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T11:00")).text("id")
	preview := func(kind, channel string, draft object) result {
		return w.must(200, acc.owner, "POST", path+kind+"/"+channel+"/preview", draft)
	}
	got := preview("reminder", "sms", object{"text": "{client} {time} ç. Change: {manage}"})
	if got.text("appointment") != first || got.text("text") != "Clara Wieck 09:00 ç. Change: https://x.example/m/1" ||
		got.text("encoding") != "ucs2" || got.body["segments"] != 1.0 || got.body["max_segments"] != 10.0 {
		t.Errorf("the text is %s", got.raw)
	}
	if price, _ := got.body["price_micro"].(float64); price <= 0 {
		t.Errorf("the text costs %s", got.raw)
	}
	got = preview("confirmation", "email", object{"appointment": later, "subject": "See you at {time}"})
	if got.text("subject") != "See you at 11:00" || got.text("language") != "de" || got.body["segments"] != nil ||
		got.text("text") == "" {
		t.Errorf("the email is %s", got.raw)
	}
	for text, code := range map[string]string{"Hi {name}": "template_unknown_place", "Hi {": "template_malformed"} {
		w.refused(422, code, acc.owner, "POST", path+"move/sms/preview", object{"text": text})
	}
	w.refused(422, "template_subject_invalid", acc.owner, "POST", path+"move/sms/preview", object{"subject": "Hi"})
	w.refused(422, "template_unknown_place", acc.owner, "POST", path+"move/email/preview", object{"subject": "{manage}"})
	long := object{"text": strings.Repeat("ç", 671)}
	w.refused(422, "template_too_long", acc.owner, "PUT", path+"move/sms", long, "If-Match", "*")
	w.must(200, acc.owner, "PUT", path+"move/email", long, "If-Match", "*")
	w.must(200, acc.owner, "PUT", path+"move/sms", object{"text": strings.Repeat("ç", 670)}, "If-Match", "*")
	other := w.newAccount()
	w.refused(404, "appointment_unknown", other.owner, "POST", other.path+"/templates/move/sms/preview",
		object{"appointment": first})
}
