package visiting_test

import (
	"strings"
	"testing"

	"github.com/clickbook/clickbook/commands/visiting"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/page"
)

func TestFormsThatCannotBeBookedNameTheirField(t *testing.T) {
	w := newWorld(t, page.Settings{Questions: []page.Question{
		{ID: "first", Text: "Is it your first visit?", Kind: page.YesNo, Required: true},
	}})
	held := w.hold(w.starts()[0])
	w.fillIn()
	with := func(note string) visiting.Form {
		return visiting.Form{
			Name: "Ben", Email: "ben@example.com", Responses: map[string]string{"first": page.Yes}, Note: note,
		}
	}
	long := strings.Repeat("ب", 201)
	for name, test := range map[string]struct {
		form        visiting.Form
		code, field string
	}{
		"no name":          {visiting.Form{Email: "ben@example.com"}, "text_missing", "name"},
		"a long name":      {visiting.Form{Name: long, Email: "ben@example.com"}, "text_too_long", "name"},
		"a reversed name":  {visiting.Form{Name: "Ben\u202eneB", Email: "ben@example.com"}, "text_malformed", "name"},
		"no contact":       {visiting.Form{Name: "Ben", Email: "  "}, "contact_missing", "email"},
		"a broken address": {visiting.Form{Name: "Ben", Email: "ben"}, "email_malformed", "email"},
		"a broken number":  {visiting.Form{Name: "Ben", Phone: "12"}, "phone_invalid", "phone"},
		"a long note":      {with(strings.Repeat("a", 2001)), "text_too_long", "note"},
		"a hostile note":   {with("a\x00b"), "text_malformed", "note"},
		"no response":      {visiting.Form{Name: "Ben", Email: "ben@example.com"}, page.ResponseMissing, "responses.first"},
	} {
		_, err := w.Visiting.Book(t.Context(), w.page, held.Token, test.form)
		refusal, refused := domain.AsRefusal(err)
		if !refused || refusal.Code != test.code || refusal.Field != test.field {
			t.Errorf("%s returned %v at %+v, want %s at %s", name, err, refusal, test.code, test.field)
		}
	}
	if shown, err := w.Show(t.Context(), w.page, held.Token); err != nil || shown.Booked != nil {
		t.Errorf("after the refusals the hold is %+v, %v", shown, err)
	}
}

func TestResponsesAndNoteAreOneNote(t *testing.T) {
	where := page.Question{ID: "where", Text: "Where does it hurt?", Kind: page.Long}
	w := newWorld(t, page.Settings{Questions: []page.Question{where}})
	held := w.hold(w.starts()[0])
	w.fillIn()
	form := ben
	form.Note = "Please ring twice.\r\n\r\nThank you."
	form.Responses = map[string]string{"where": "back\nneck", "other": "ignored"}
	_, err := w.Visiting.Book(t.Context(), w.page, held.Token, form)
	w.Ok(err)
	var note string
	for entry, err := range w.Log.ReadStream(t.Context(), appointment.StreamOf(w.idOf(held)), 0) {
		w.Ok(err)
		recorded, err := w.Codec.Decode(entry)
		w.Ok(err)
		if added, ok := recorded.Event.(appointment.NoteAdded); ok {
			note = added.Text.Reveal()
		}
	}
	if want := "Where does it hurt?\nback\nneck\n\nPlease ring twice.\n\nThank you."; note != want {
		t.Errorf("the note is %q, want %q", note, want)
	}
}
