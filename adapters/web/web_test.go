package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/web"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/commands/visiting"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/service"
)

// world is a clinic with the pages of its links. Ana has booked Tuesday, with a cut-off of two hours.
type world struct {
	*commandstest.World
	links links.Links
	pages http.Handler

	visiting *visiting.Visiting
	visit    domain.AppointmentID
	path     string // of the visit's link
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: commandstest.NewWorld(t)}
	w.links = links.Links{Engine: w.Engine, Keys: w.Vault, Base: "https://example.org/book"}
	w.visiting = &visiting.Visiting{Bookings: w.Bookings, Links: w.links, Directory: w, Limits: visiting.NewLimits()}
	w.pages = web.New(web.Config{
		ByLink:     booking.ByLink{Bookings: w.Bookings, Links: w.links},
		Contacting: messaging.Contacting{Engine: w.Engine, Links: w.links}, Visiting: w.visiting,
		Log: slog.New(slog.DiscardHandler),
	})
	w.Do(service.Change{Service: w.Service, Policy: service.Policy{
		Name: "Visit", DurationMin: 60, MoveCutoffMin: 120, CancelCutoffMin: 120, Requirements: []service.Requirement{
			{AnyOf: []service.Choice{{Resource: w.Room, Units: 1}}},
		},
	}})
	w.visit = w.Book("visit", commandstest.Tuesday)
	link, err := w.links.Manage(t.Context(), w.visit)
	w.Ok(err)
	w.path = strings.TrimPrefix(link, "https://example.org/book")
	return w
}

// settings changes the language and the phone number of the clinic.
func (w *world) settings(locale, phone string) {
	w.T.Helper()
	settings, err := account.NewSettings(account.Form{
		Name: "Clinic", Email: "owner@example.com", Phone: phone, Zone: "America/Sao_Paulo", Locale: locale, Country: "BR",
	})
	w.Ok(err)
	w.Do(account.ChangeSettings{Account: w.Account, Settings: settings})
}

func (w *world) send(method, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	out := httptest.NewRecorder()
	w.pages.ServeHTTP(out, r)
	return out
}

// get returns a page, which must have a status and say something.
func (w *world) get(path string, status int, says ...string) string {
	w.T.Helper()
	out := w.send("GET", path, nil)
	text := out.Body.String()
	if out.Code != status {
		w.T.Fatalf("GET %s returned %d, want %d: %s", path, out.Code, status, body(text))
	}
	for _, want := range says {
		if !strings.Contains(text, want) {
			w.T.Errorf("GET %s does not say %q:\n%s", path, want, body(text))
		}
	}
	return text
}

// body returns a page without its style sheet.
func body(text string) string { return text[max(strings.Index(text, "<body>"), 0):] }

// post sends a form and returns the page that it leads to.
func (w *world) post(path string, form url.Values, says ...string) string {
	w.T.Helper()
	out := w.send("POST", path, form)
	to, ok := strings.CutPrefix(out.Header().Get("Location"), "/book")
	if out.Code != http.StatusSeeOther || !ok {
		w.T.Fatalf("POST %s returned %d to %q: %s", path, out.Code, out.Header().Get("Location"), body(out.Body.String()))
	}
	return w.get(to, http.StatusOK, says...)
}

func (w *world) state() appointment.State {
	w.T.Helper()
	shown, err := booking.ByLink{Bookings: w.Bookings, Links: w.links}.Show(w.T.Context(), strings.TrimPrefix(w.path, "/m/"))
	w.Ok(err)
	return shown.Appointment
}

func TestPageShowsTheVisit(t *testing.T) {
	w := newWorld(t)
	page := w.get(w.path, http.StatusOK, "Clinic", "Visit", "Tuesday, 3 May 2016", "12:00–13:00", "America/Sao Paulo",
		"Room", "Booked", "owner@example.com", "I will come", "Choose another time", "Cancel appointment")
	if strings.Contains(page, "Ana") || strings.Contains(page, "+5527") {
		t.Errorf("the page names the client:\n%s", page)
	}
}

func TestPagesAreProtected(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{w.path, w.path + "/move", w.path + ".ics", "/m/nonsense", "/c/nonsense", "/m/a/b/c"} {
		header := w.send("GET", path, nil).Header()
		for name, want := range map[string]string{
			"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow",
			"X-Content-Type-Options": "nosniff", "Set-Cookie": "",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		policy := header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
	}
	if page := w.get(w.path, http.StatusOK); strings.Contains(page, "<script") || strings.Contains(page, " style=") {
		t.Errorf("the page has a script or an inline style:\n%s", page)
	}
}

// Programs that preview links send GET and HEAD to every address that they find.
func TestReadingChangesNothing(t *testing.T) {
	w := newWorld(t)
	reminder := w.Remind(w.visit)
	link, err := w.links.Contacted(t.Context(), reminder)
	w.Ok(err)
	head := func() domain.Position {
		position, err := w.Log.Head(t.Context())
		w.Ok(err)
		return position
	}
	before := head()
	paths := []string{w.path, w.path + ".ics", strings.TrimPrefix(link, "https://example.org/book")}
	for _, more := range []string{"/confirm", "/cancel", "/move", "/move?start=2016-05-03T18:00:00Z", "/move?from=2016-05-09"} {
		paths = append(paths, w.path+more)
	}
	for _, path := range paths {
		w.send("GET", path, nil)
		w.send("HEAD", path, nil)
	}
	if head() != before {
		t.Error("reading appended an event")
	}
}

func TestClientConfirmsByThePage(t *testing.T) {
	w := newWorld(t)
	for range 2 { // the button pressed twice
		page := w.post(w.path+"/confirm", nil, "Clinic knows that you will come", "Confirmed")
		if strings.Contains(page, "I will come<") {
			t.Error("the page still asks to confirm")
		}
	}
	if !w.state().Confirmed {
		t.Error("the appointment is not confirmed")
	}
}

func TestClientMovesByThePage(t *testing.T) {
	w := newWorld(t)
	w.post(w.path+"/confirm", nil)
	choose := w.get(w.path+"/move", http.StatusOK, "Choose another time", "Booked now: Tuesday, 3 May 2016, 12:00–13:00")
	found := regexp.MustCompile(`href="/book(/m/[^"]+/move\?start=2016-05-04T[^"]+)">14:00<`).FindStringSubmatch(choose)
	if found == nil {
		t.Fatalf("14:00 on Wednesday is not offered:\n%s", choose)
	}
	w.get(found[1], http.StatusOK, "Move your appointment to Wednesday, 4 May 2016, 14:00?")
	w.post(w.path+"/move", url.Values{"start": {"2016-05-04T17:00:00Z"}}, "Your appointment was moved",
		"Wednesday, 4 May 2016", "14:00–15:00", "I will come")
}

func TestTimeThatIsTakenIsOfferedNoMore(t *testing.T) {
	w := newWorld(t)
	other := w.Order("other", commandstest.Tuesday.Add(2*time.Hour))
	_, err := w.Bookings.Book(t.Context(), w.Origin(), other)
	w.Ok(err)
	for _, start := range []string{other.Start.Format(time.RFC3339), "2016-05-03T03:00:00Z", "nonsense", ""} {
		w.post(w.path+"/move", url.Values{"start": {start}}, "This time is not free any more")
	}
	if got := w.state().Latest().Visit.Start; !got.Equal(commandstest.Tuesday) {
		t.Errorf("the visit is at %s", got)
	}
}

func TestClientCancelsByThePage(t *testing.T) {
	w := newWorld(t)
	w.get(w.path+"/cancel", http.StatusOK, "Cancel this appointment?", "Yes, cancel", "No, keep it")
	page := w.post(w.path+"/cancel", nil, "Your appointment was cancelled", `class="struck"`)
	if strings.Contains(page, "<form") || strings.Contains(page, "/move") {
		t.Errorf("a cancelled appointment can be changed:\n%s", page)
	}
	if status := w.state().Status; status != appointment.StatusCancelled {
		t.Errorf("the appointment is %s", status)
	}
}

func TestPageSaysWhomToPhoneWhenItIsTooLate(t *testing.T) {
	w := newWorld(t)
	w.settings("en", "+5527900000009")
	w.Now = commandstest.Tuesday.Add(-2 * time.Hour)
	const late = "It is too late to change this appointment here. Please phone Clinic, &#43;5527900000009."
	page := w.get(w.path, http.StatusOK, late, "I will come")
	if strings.Contains(page, "/move") || strings.Contains(page, "/cancel") {
		t.Errorf("the page offers what is too late:\n%s", page)
	}
	for _, do := range []string{"/cancel", "/move"} {
		w.post(w.path+do, url.Values{"start": {"2016-05-04T17:00:00Z"}}, late)
		if out := w.send("GET", w.path+do, nil); out.Code != http.StatusSeeOther {
			t.Errorf("GET %s returned %d, want 303", do, out.Code)
		}
	}
	if got := w.state(); got.Status != appointment.StatusBooked || !got.Latest().Visit.Start.Equal(commandstest.Tuesday) {
		t.Errorf("the appointment is %s", got.Status)
	}
}

// Every way in which a link can be invalid gives the same page.
func TestInvalidLinksAreTheSame(t *testing.T) {
	w := newWorld(t)
	reminder := w.Remind(w.visit)
	row, err := w.links.Contacted(t.Context(), reminder)
	w.Ok(err)
	want := w.get("/m/nonsense", http.StatusNotFound, "This link is not valid")
	w.Do(appointment.RevokeLinks{Appointment: w.visit, Generation: 1})
	for what, path := range map[string]string{
		"revoked": w.path, "revoked row": strings.TrimPrefix(row, "https://example.org/book"), "row": "/c/nonsense",
		"long": "/m/" + strings.Repeat("A", 2000), "calendar": "/m/nonsense.ics", "move": "/m/nonsense/move",
		"cancel": w.path + "/cancel", "other": "/m/", "deep": "/m/a/b/c", "markup": "/m/%3Cscript%3E", "NUL": "/m/%00",
	} {
		if got := w.get(path, http.StatusNotFound); got != want {
			t.Errorf("%s: the page is\n%s", what, got)
		}
	}
	for _, do := range []string{"/confirm", "/cancel", "/move"} {
		out := w.send("POST", w.path+do, url.Values{"start": {"2016-05-04T17:00:00Z"}})
		if out.Code != http.StatusNotFound || out.Body.String() != want {
			t.Errorf("POST %s returned %d: %s", do, out.Code, out.Body)
		}
	}
	w.Now = w.Now.AddDate(0, 0, 9)
	if got := w.get(w.path, http.StatusNotFound); got != want {
		t.Errorf("expired: the page is\n%s", got)
	}
}

func TestPagesSpeakTheLanguageOfTheBrowserOrTheAccount(t *testing.T) {
	w := newWorld(t)
	for locale, want := range map[string][]string{
		"de-AT": {`lang="de"`, "Ihr Termin", "Dienstag, 3. Mai 2016", "12:00–13:00 Uhr", "Ich komme", "Termin absagen"},
		"es":    {`lang="es"`, "Su cita", "martes, 3 de mayo de 2016", "Voy a ir", "Cancelar la cita"},
		"fr-CA": {`lang="fr"`, "Votre rendez-vous", "mardi 3 mai 2016", "Je viendrai", "Annuler le rendez-vous"},
		"pt-BR": {`lang="pt"`, "O seu compromisso", "terça-feira, 3 de maio de 2016", "Eu vou", "Cancelar o compromisso"},
		"ja":    {`lang="en"`, "Your appointment", "Tuesday, 3 May 2016"},
	} {
		w.settings(locale, "")
		w.get(w.path, http.StatusOK, want...)
	}
	out := w.send("GET", w.path, nil, "Accept-Language", "fr-CA, en;q=0.8")
	if !strings.Contains(out.Body.String(), "mardi 3 mai 2016") {
		t.Errorf("the browser asks for French and gets %s", body(out.Body.String()))
	}
	out = w.send("GET", "/m/nonsense", nil, "Accept-Language", "tlh, de;q=0.9, en;q=0.8")
	if !strings.Contains(out.Body.String(), "Dieser Link ist nicht gültig") {
		t.Errorf("the browser asks for German and gets %s", out.Body)
	}
}

func TestCalendarOfALink(t *testing.T) {
	w := newWorld(t)
	out := w.send("GET", w.path+".ics", nil)
	if out.Code != http.StatusOK || out.Header().Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Fatalf("the calendar is %d, %s", out.Code, out.Header())
	}
	for _, want := range []string{"DTSTART:20160503T150000Z", "SUMMARY:Visit\\, Clinic", "UID:" + w.visit.String()} {
		if !strings.Contains(out.Body.String(), want) {
			t.Errorf("the calendar lacks %s:\n%s", want, out.Body)
		}
	}
}

func TestRowOfACallSheetIsMarkedOnce(t *testing.T) {
	w := newWorld(t)
	reminder := w.Remind(w.visit)
	link, err := w.links.Contacted(t.Context(), reminder)
	w.Ok(err)
	path := strings.TrimPrefix(link, "https://example.org/book")
	w.get(path, http.StatusOK, "Mark Ana, Tuesday, 3 May 2016, 12:00 as contacted?")
	for range 2 {
		w.post(path, nil, "Ana, Tuesday, 3 May 2016, 12:00: contacted.")
	}
	if at := w.Message(reminder).Contacted; !at.Equal(w.Now) {
		t.Errorf("contacted at %s, want %s", at, w.Now)
	}
}

func TestAddressesAreBounded(t *testing.T) {
	w := newWorld(t)
	for range 60 {
		w.send("GET", "/m/nonsense", nil)
	}
	out := w.send("GET", w.path, nil)
	if out.Code != http.StatusTooManyRequests || out.Header().Get("Retry-After") != "60" {
		t.Errorf("the 61st request returned %d", out.Code)
	}
}
