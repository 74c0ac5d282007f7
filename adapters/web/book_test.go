package web_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"html"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/picture"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/page"
	"github.com/clickbook/clickbook/domain/pageaddress"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

func (w *world) ServicesOf(context.Context, domain.AccountID) ([]domain.ServiceID, error) {
	return []domain.ServiceID{w.Service}, nil
}

func (*world) ClientsWith(context.Context, domain.AccountID, string) ([]domain.ClientID, error) {
	return nil, nil
}

// newBookable is a world whose clinic has a booking page at /book/clinic.
func newBookable(t *testing.T, change ...func(*page.Settings)) *world {
	t.Helper()
	w := newWorld(t)
	settings := page.Settings{
		On: true, Address: "clinic", Greeting: domain.Secret("Welcome, friends."),
		Policy: domain.Secret("Please cancel a day before."),
		Questions: []page.Question{
			{ID: "reason", Text: "What brings you here?", Kind: page.Long},
			{ID: "first", Text: "First visit?", Kind: page.YesNo, Required: true},
			{ID: "side", Text: "Which side?", Kind: page.Choice, Choices: []string{"Left", "Right"}},
			{ID: "doctor", Text: "Who sent you?", Kind: page.Short},
		},
	}
	for _, one := range change {
		one(&settings)
	}
	w.Do(pageaddress.Claim{Name: "clinic", Account: w.Account}, page.Set{Account: w.Account, Settings: settings})
	return w
}

// times is the path of the free times of the service.
func (w *world) times() string { return "/book/clinic/" + w.Service.String() }

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// fieldsOf returns the hidden fields of a page.
func fieldsOf(text string) url.Values {
	values := url.Values{}
	for _, found := range hiddenField.FindAllStringSubmatch(text, -1) {
		values.Set(found[1], html.UnescapeString(found[2]))
	}
	return values
}

// start is a free start on Wednesday, 14:00 in São Paulo.
const start = "2016-05-04T17:00:00Z"

// holdStart holds a start by the page and returns the path of the form.
func (w *world) holdStart(start string) string {
	w.T.Helper()
	form := fieldsOf(w.get(w.times()+"?staff=any&from=2016-05-04", http.StatusOK, `value="`+start+`"`))
	form.Set("start", start)
	return w.see(w.times(), form)
}

// tokenOf returns the token in the path of a form.
func tokenOf(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// end ends a hold, as the sweeper does when its time is over.
func (w *world) end(path string) {
	w.T.Helper()
	opened, err := w.visiting.Open(w.T.Context(), "clinic")
	w.Ok(err)
	w.Ok(w.visiting.Release(w.T.Context(), opened, tokenOf(path)))
}

// see sends a form that must be accepted and returns where it leads.
func (w *world) see(path string, form url.Values) string {
	w.T.Helper()
	out := w.send("POST", path, form)
	to, ok := strings.CutPrefix(out.Header().Get("Location"), "/book")
	if out.Code != http.StatusSeeOther || !ok {
		w.T.Fatalf("POST %s returned %d to %q: %s", path, out.Code, out.Header().Get("Location"), body(out.Body.String()))
	}
	return to
}

// filled returns what a visitor types.
func filled() url.Values {
	return url.Values{
		"typed": {"1"}, "name": {"Zoé 👧 O'Brien"}, "email": {"zoe@example.com"}, "phone": {""}, "note": {"Two\nlines"},
		"q-first": {"yes"}, "q-reason": {"My <b>back</b>"}, "q-side": {"Left"}, "q-doctor": {"Dr. Who"},
	}
}

// keeps fails if a page has lost what filled types.
func (w *world) keeps(text string) {
	w.T.Helper()
	for _, want := range []string{
		`value="Zoé 👧 O&#39;Brien"`, `value="zoe@example.com"`, "Two\nlines</textarea>", `value="yes" required checked`,
		"My &lt;b&gt;back&lt;/b&gt;</textarea>", "<option selected>Left</option>", `value="Dr. Who"`,
	} {
		if !strings.Contains(text, want) {
			w.T.Errorf("the page has lost %s:\n%s", want, body(text))
		}
	}
}

func (w *world) appointments() (found []appointment.State) {
	w.T.Helper()
	seen := map[domain.Stream]bool{}
	for entry, err := range w.Log.ReadAll(w.T.Context(), domain.Position{}, domain.Filter{}) {
		w.Ok(err)
		if entry.Stream.Category() != "appointment" || seen[entry.Stream] {
			continue
		}
		seen[entry.Stream] = true
		state, _, err := commands.Load(w.T.Context(), w.Engine, appointment.Decider, entry.Stream)
		w.Ok(err)
		if state.Status == appointment.StatusBooked || state.Status == appointment.StatusPending {
			found = append(found, state)
		}
	}
	return found
}

func TestVisitorBooks(t *testing.T) {
	w := newBookable(t)
	text := w.get("/book/clinic", http.StatusOK, "Book an appointment", "Welcome, friends.", "Visit", "60 minutes")
	if !strings.Contains(text, `href="/book`+w.times()+`"`) {
		t.Fatalf("the page does not lead to the times:\n%s", body(text))
	}
	w.get(w.times(), http.StatusOK, "Choose a time", "Afternoon and evening", "All times are in Sao Paulo (GMT−3)",
		"You then have 10 minutes", "free</span>")
	form := w.holdStart(start)
	w.get(form, http.StatusOK, "Your details", "Held for you until", "Wednesday, 4 May 2016", "14:00–15:00", "Room",
		"What brings you here?", "First visit?", "Please cancel a day before.", `data-left="600"`, "I need more time")
	w.Now = w.Now.Add(time.Minute)
	booked := w.see(form, filled())
	text = w.get(booked, http.StatusOK, "Your appointment is booked", "Wednesday, 4 May 2016", "See, move or cancel")
	manage := regexp.MustCompile(`href="/book(/m/[^"]+)\.ics"`).FindStringSubmatch(text)
	if manage == nil {
		t.Fatalf("the page has no calendar:\n%s", body(text))
	}
	if out := w.send("GET", manage[1]+".ics", nil); !strings.Contains(out.Body.String(), "DTSTART:20160504T170000Z") {
		t.Errorf("the calendar is %s", out.Body)
	}
	w.get(manage[1], http.StatusOK, "Wednesday, 4 May 2016", "Please cancel a day before.", "Moving and cancelling")
	if got := len(w.appointments()); got != 2 {
		t.Errorf("there are %d appointments, want Ana's and Zoé's", got)
	}
}

func TestButtonsPressedTwiceBookOnce(t *testing.T) {
	w := newBookable(t)
	form := fieldsOf(w.get(w.times()+"?from=2016-05-04", http.StatusOK))
	form.Set("start", start)
	first, second := w.see(w.times(), form), w.see(w.times(), form)
	if first != second {
		t.Fatalf("the same button held two starts: %s and %s", first, second)
	}
	w.Now = w.Now.Add(time.Minute)
	for range 2 {
		w.get(w.see(first, filled()), http.StatusOK, "Your appointment is booked")
	}
	w.get(first, http.StatusOK, "Your appointment is booked") // the back button
	if got := len(w.appointments()); got != 2 {
		t.Errorf("there are %d appointments, want 2", got)
	}
	// The page of times is older than the booking: its start is taken now.
	out := w.send("POST", w.times(), form)
	if out.Code != http.StatusSeeOther && out.Code != http.StatusConflict {
		t.Errorf("the old page returned %d: %s", out.Code, body(out.Body.String()))
	}
}

func TestBadFormsKeepWhatWasTyped(t *testing.T) {
	w := newBookable(t)
	path := w.holdStart(start)
	if text := w.send("POST", path, filled()).Body.String(); !strings.Contains(text, "came back very quickly") {
		t.Errorf("a form filled in at once returned %s", body(text))
	} else {
		w.keeps(body(text))
	}
	w.Now = w.Now.Add(time.Minute)
	for name, c := range map[string]struct{ field, value, says string }{
		"no name":         {"name", " ", `Please fill this in.`},
		"300 characters":  {"name", strings.Repeat("نور👩‍👩‍👧", 60), "This is too long."},
		"a turned name":   {"name", "a\u202eb", "characters that cannot be used"},
		"a wrong email":   {"email", "zoe@", "This is not an email address."},
		"no contact":      {"email", "", "an email address or a phone number"},
		"a wrong phone":   {"phone", "12", "This is not a phone number."},
		"no reply":        {"q-first", "", "Please reply to this question."},
		"another choice":  {"q-side", "Middle", "Please choose or write"},
		"a reply of text": {"q-doctor", strings.Repeat("a", 201), "Please choose or write"},
		"a long note":     {"note", strings.Repeat("a", 2001), "This is too long."},
		"a program":       {"website", "http://spam.example", "leave the hidden field empty"},
	} {
		t.Run(name, func(t *testing.T) {
			form := filled()
			form.Set(c.field, c.value)
			out := w.send("POST", path, form)
			text := out.Body.String()
			if out.Code != http.StatusUnprocessableEntity || !strings.Contains(text, c.says) {
				t.Fatalf("returned %d without %q: %s", out.Code, c.says, body(text))
			}
			if c.field != "website" && !strings.Contains(text, `id="`+c.field+`-wrong"`) {
				t.Errorf("the field is not marked:\n%s", body(text))
			}
			again := filled()
			for field, values := range again {
				if field != c.field && field != "typed" && values[0] != "" &&
					!strings.Contains(html.UnescapeString(text), values[0]) {
					t.Errorf("the page has lost %s", values[0])
				}
			}
		})
	}
	if got := len(w.appointments()); got != 1 {
		t.Errorf("a bad form booked something: there are %d appointments", got)
	}
	w.get(w.see(path, filled()), http.StatusOK, "Your appointment is booked")
}

func TestSlotTakenWhileTyping(t *testing.T) {
	w := newBookable(t)
	path := w.holdStart(start)
	at, err := time.Parse(time.RFC3339, start)
	w.Ok(err)
	w.Now = w.Now.Add(11 * time.Minute)
	w.end(path)
	order := w.Order("other", at)
	_, err = w.Bookings.Book(t.Context(), w.Origin(), order)
	w.Ok(err)
	form := filled()
	form.Set("service", w.Service.String())
	out := w.send("POST", path, form)
	text := out.Body.String()
	if out.Code != http.StatusConflict || strings.Count(text, `<button name="start"`) != 3 {
		t.Fatalf("returned %d without three other times: %s", out.Code, body(text))
	}
	w.keeps(text)
	other := regexp.MustCompile(`<button name="start" value="([^"]+)"`).FindStringSubmatch(text)
	form = filled()
	for name, values := range fieldsOf(text) {
		form[name] = values
	}
	form.Set("start", other[1])
	action := regexp.MustCompile(`<form method="post" action="/book([^"]+)"`).FindStringSubmatch(text)
	out = w.send("POST", html.UnescapeString(action[1]), form)
	text = out.Body.String()
	if out.Code != http.StatusOK || !strings.Contains(text, "Held for you until") {
		t.Fatalf("another time returned %d: %s", out.Code, body(text))
	}
	w.keeps(text)
	action = regexp.MustCompile(`<form method="post" action="/book([^"]+)"`).FindStringSubmatch(text)
	w.Now = w.Now.Add(time.Minute)
	w.get(w.see(html.UnescapeString(action[1]), form), http.StatusOK, "Your appointment is booked")
}

func TestTimeTakenBeforeTheHold(t *testing.T) {
	w := newBookable(t)
	form := fieldsOf(w.get(w.times()+"?from=2016-05-04", http.StatusOK))
	form.Set("start", start)
	w.holdStart(start) // somebody else
	out := w.send("POST", w.times(), form)
	if text := out.Body.String(); out.Code != http.StatusConflict || !strings.Contains(text, "has just been taken") ||
		strings.Count(text, `<button name="start"`) != 3 {
		t.Errorf("returned %d: %s", out.Code, body(text))
	}
	for name, start := range map[string]string{"none": "", "nonsense": "x"} {
		form.Set("start", start)
		if out := w.send("POST", w.times(), form); !strings.Contains(out.Body.String(), "Please choose a time first.") {
			t.Errorf("%s returned %d: %s", name, out.Code, body(out.Body.String()))
		}
	}
	for _, start := range []string{"2016-05-04T03:00:00Z", "1016-05-04T17:00:00Z", "2199-05-04T17:00:00Z"} {
		form.Set("start", start)
		if out := w.send("POST", w.times(), form); out.Code >= 500 {
			t.Errorf("%s returned %d: %s", start, out.Code, body(out.Body.String()))
		}
	}
}

func TestExpiredHoldIsHeldAgainIfItIsFree(t *testing.T) {
	w := newBookable(t)
	path := w.holdStart(start)
	w.Now = w.Now.Add(11 * time.Minute)
	w.end(path)
	w.get(path, http.StatusGone, "The time that was held for you is free for others again.")
	out := w.send("POST", path, filled())
	text := out.Body.String()
	if !strings.Contains(text, "still free and is held for you again") {
		t.Fatalf("returned %d: %s", out.Code, body(text))
	}
	w.keeps(text)
	action := regexp.MustCompile(`<form method="post" action="/book([^"]+)"`).FindStringSubmatch(text)
	w.Now = w.Now.Add(time.Minute)
	w.get(w.see(html.UnescapeString(action[1]), filled()), http.StatusOK, "Your appointment is booked")
}

func TestHoldIsExtendedOnce(t *testing.T) {
	w := newBookable(t)
	path := w.holdStart(start)
	w.Now = w.Now.Add(5 * time.Minute)
	out := w.send("POST", "/book/clinic/hold/"+tokenOf(path)+"/extend", filled())
	text := out.Body.String()
	if out.Code != http.StatusOK || !strings.Contains(text, "10 more minutes") ||
		!strings.Contains(text, `data-left="900"`) || strings.Contains(text, "I need more time") {
		t.Errorf("returned %d: %s", out.Code, body(text))
	}
	w.keeps(text)
}

func TestForeignAndMalformedAddresses(t *testing.T) {
	w := newBookable(t)
	path := w.holdStart(start)
	token := tokenOf(path)
	other := domain.DeriveID[domain.ServiceID]("other")
	for name, path := range map[string]string{
		"no such page": "/book/nobody", "a reserved name": "/book/admin", "an id of nobody": "/book/" + other.String(),
		"no such service": "/book/clinic/" + other.String(), "nonsense": "/book/clinic/x", "deep": "/book/clinic/a/b/c",
		"a manage token": "/book/clinic/hold/" + strings.TrimPrefix(w.path, "/m/"),
		"a cut token":    "/book/clinic/hold/" + token[:9],
		"a stranger":     w.times() + "?staff=" + other.String(), "no logo": "/book/clinic/logo/abc",
		"a hold as a link": "/k/" + token, "markup": "/book/%3Cscript%3E", "NUL": "/book/%00", "the root": "/book/",
		"a zone of nothing": "/book/clinic/zone?service=x",
	} {
		out := w.send("GET", path, nil)
		if text := out.Body.String(); out.Code != http.StatusNotFound || !strings.Contains(text, "<h1>") ||
			strings.Contains(text, "Clinic") {
			t.Errorf("%s: %s returned %d: %s", name, path, out.Code, body(text))
		}
	}
	w.Do(page.Set{Account: w.Account, Settings: page.Settings{Address: "clinic"}})
	for _, path := range []string{"/book/clinic", "/book/" + w.Account.String(), path} {
		w.get(path, http.StatusNotFound, "There is no booking page here")
	}
}

func TestReadingHoldsNothing(t *testing.T) {
	w := newBookable(t)
	form := w.holdStart(start)
	head := func() domain.Position {
		position, err := w.Log.Head(t.Context())
		w.Ok(err)
		return position
	}
	before := head()
	for _, path := range []string{
		"/book/clinic", w.times(), form, "/book/clinic/zone?service=" + w.Service.String(),
		w.times() + "?start=" + start, "/book/embed.js", "/book/icon.svg", "/robots.txt",
	} {
		if out := w.send("GET", path, nil); out.Code != http.StatusOK {
			t.Errorf("GET %s returned %d", path, out.Code)
		}
		w.send("HEAD", path, nil)
	}
	if head() != before {
		t.Error("reading appended an event")
	}
}

func TestVisitorChoosesZoneAndLanguage(t *testing.T) {
	w := newBookable(t)
	w.get(w.times()+"?lang=de&zone=Europe%2FBerlin&from=2016-05-04", http.StatusOK, `lang="de"`, "Zeit wählen",
		"Alle Zeiten gelten für Berlin (GMT&#43;2).", "Mittwoch, 4. Mai 2016", `value="`+start+`" required><span>19:00`,
		`name="zone" value="Europe/Berlin"`, `name="lang" value="de"`)
	w.get("/book/clinic/zone?lang=fr&zone=Asia%2FKathmandu&service="+w.Service.String(), http.StatusOK,
		"Fuseau horaire", "<option selected>Asia/Kathmandu</option>")
	w.get(w.times()+"?zone=Mars%2FOlympus", http.StatusOK, "Sao Paulo")
	for accepted, want := range map[string]string{
		"es-MX,es;q=0.9": "¿Qué desea reservar?", "fr": "Que souhaitez-vous", "pt-BR": "O que deseja marcar?",
		"tlh": "What would you like to book?",
	} {
		out := w.send("GET", "/book/clinic", nil, "Accept-Language", accepted)
		if !strings.Contains(out.Body.String(), want) {
			t.Errorf("%s is served %s", accepted, body(out.Body.String()))
		}
	}
	w.settings("de-AT", "")
	w.get("/book/clinic", http.StatusOK, "Was möchten Sie buchen?")
	w.get("/book/clinic?lang=en", http.StatusOK, "What would you like to book?")
}

func TestVisitorChoosesWhomToSee(t *testing.T) {
	w := newBookable(t)
	var choices []service.Choice
	for _, name := range []string{"Bea", "Carl"} {
		id := domain.DeriveID[domain.ResourceID](name)
		profile := resource.Profile{Name: domain.Secret(name), Kind: "staff", Units: 1}
		w.Do(resource.Add{Resource: id, Account: w.Account, Profile: profile})
		choices = append(choices, service.Choice{Resource: id, Units: 1})
	}
	w.Do(service.Change{Service: w.Service, Policy: service.Policy{
		Name: "Visit", DurationMin: 120, Requirements: []service.Requirement{{AnyOf: choices}},
	}})
	w.get(w.times(), http.StatusOK, "Who would you like to see?", "Anyone", "Bea", "Carl", "2 h", "?staff=any",
		"?staff="+choices[0].Resource.String())
	w.get(w.times()+"?staff=any", http.StatusOK, "No time is free on these days.") // they have no hours
}

func TestPageForSearchEnginesAndPreviews(t *testing.T) {
	w := newBookable(t)
	out := w.send("GET", "/book/clinic", nil)
	if out.Header().Get("X-Robots-Tag") != "" {
		t.Error("search engines may not list the page")
	}
	for _, want := range []string{
		`<meta name="description" content="Book an appointment with Clinic online.">`,
		`<link rel="canonical" href="https://example.org/book/book/clinic">`, `<meta property="og:title"`,
		`<link rel="alternate" hreflang="pt" href="https://example.org/book/book/clinic?lang=pt">`,
	} {
		if !strings.Contains(out.Body.String(), want) {
			t.Errorf("the page lacks %s:\n%s", want, out.Body)
		}
	}
	form := w.holdStart(start)
	for _, path := range []string{w.times(), form, "/book/nobody", w.path} {
		out := w.send("GET", path, nil)
		if out.Header().Get("X-Robots-Tag") == "" || !strings.Contains(out.Body.String(), `content="noindex, nofollow"`) ||
			strings.Contains(out.Body.String(), "og:") {
			t.Errorf("%s may be listed", path)
		}
	}
	robots := w.send("GET", "/robots.txt", nil).Body.String()
	if robots != "User-agent: *\nAllow: /book/book/\nDisallow: /book/\n" {
		t.Errorf("robots.txt is %s", robots)
	}
}

func TestOnlyAllowedSitesShowThePageInAFrame(t *testing.T) {
	w := newBookable(t)
	frames := func(path string) string {
		_, after, _ := strings.Cut(w.send("GET", path, nil).Header().Get("Content-Security-Policy"), "frame-ancestors ")
		sites, _, _ := strings.Cut(after, ";")
		return sites
	}
	for _, path := range []string{"/book/clinic", w.times(), w.path, "/book/nobody"} {
		if got := frames(path); got != "'none'" {
			t.Errorf("%s may be in a frame of %s", path, got)
		}
	}
	w.Do(page.Set{Account: w.Account, Settings: page.Settings{
		On: true, Address: "clinic", Sites: []string{"https://a.example", "https://b.example"},
	}})
	for _, path := range []string{"/book/clinic", w.times(), w.holdStart(start)} {
		if got := frames(path); got != "https://a.example https://b.example" {
			t.Errorf("%s may be in a frame of %s", path, got)
		}
	}
	if got := frames(w.path); got != "'none'" {
		t.Errorf("the page of a link may be in a frame of %s", got)
	}
	out := w.send("GET", "/book/embed.js", nil)
	if out.Body.Len() > 2048 || out.Header().Get("Content-Type") != "text/javascript; charset=utf-8" ||
		out.Header().Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("the script has %d bytes, %v", out.Body.Len(), out.Header())
	}
	text := w.get("/book/clinic?embed=1", http.StatusOK, "?embed=1")
	if strings.Contains(text, "embed=11") {
		t.Error("the frame's mark is written twice")
	}
}

func TestPagePolicyIsStrict(t *testing.T) {
	w := newBookable(t, func(s *page.Settings) { s.Colour = "#ffe600" })
	for _, path := range []string{"/book/clinic", w.times(), w.holdStart(start), w.path} {
		out := w.send("GET", path, nil)
		policy, text := out.Header().Get("Content-Security-Policy"), out.Body.String()
		if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "require-trusted-types-for 'script'") ||
			!strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		if strings.Contains(text, " style=") || strings.Contains(text, " onclick") || out.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s has inline code or a cookie:\n%s", path, body(text))
		}
		// Yellow is read in black, and on white paper its border is ink.
		if !strings.Contains(text, ":root{--go:#ffe600;--on-go:#000000;--go-edge:#000000}") ||
			!strings.Contains(text, "dark){:root{--go:#ffe600;--on-go:#000000;--go-edge:#ffe600}") {
			t.Errorf("%s does not have the colour of the account", path)
		}
	}
}

func TestLogoIsServedByItsHash(t *testing.T) {
	w := newBookable(t)
	var upload bytes.Buffer
	w.Ok(png.Encode(&upload, image.NewNRGBA(image.Rect(0, 0, 30, 10))))
	drawn, err := picture.Logo(upload.Bytes())
	w.Ok(err)
	w.Do(page.SetLogo{Account: w.Account, Logo: drawn})
	path := "/book/clinic/logo/" + drawn.SHA256
	w.get("/book/clinic", http.StatusOK, `<img src="/book`+path+`" width="30" height="10" alt="">`,
		`<meta property="og:image" content="https://example.org/book`+path+`">`)
	out := w.send("GET", path, nil)
	want, err := base64.StdEncoding.DecodeString(drawn.Content.Reveal())
	w.Ok(err)
	if out.Header().Get("Content-Type") != "image/png" || !bytes.Equal(out.Body.Bytes(), want) ||
		!strings.Contains(out.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("the logo is %v", out.Header())
	}
	w.get(w.path, http.StatusOK, `/logo/`+drawn.SHA256) // the page of a link has the same look
}

func TestBookingIsConfirmedByEmail(t *testing.T) {
	w := newBookable(t, func(s *page.Settings) { s.ConfirmEmail = true })
	path := w.holdStart(start)
	w.get(path, http.StatusOK, "Your booking is kept once you use the link")
	w.Now = w.Now.Add(time.Minute)
	form := filled()
	form.Del("email")
	if text := w.send("POST", path, form).Body.String(); !strings.Contains(text, "Please give your email address") {
		t.Errorf("without an address the page is %s", body(text))
	}
	w.get(w.see(path, filled()), http.StatusOK, "Please check your email", "We have sent you a link.")
	if got := len(w.appointments()); got != 1 {
		t.Errorf("there are %d appointments before the link is used, want 1", got)
	}
	id, err := w.links.OpenHold(tokenOf(path))
	w.Ok(err)
	link := strings.TrimPrefix(w.links.Keep(id), "https://example.org/book")
	w.get(link, http.StatusOK, "Confirm your booking", "Yes, book it", "Wednesday, 4 May 2016")
	for range 2 {
		w.get(w.see(link, nil), http.StatusOK, "Your appointment is booked")
	}
	w.get(link, http.StatusOK, "Your appointment is booked")
	if got := len(w.appointments()); got != 2 {
		t.Errorf("there are %d appointments, want 2", got)
	}
}

func TestLinkInTheEmailIsTooLate(t *testing.T) {
	w := newBookable(t, func(s *page.Settings) { s.ConfirmEmail = true })
	path := w.holdStart(start)
	w.Now = w.Now.Add(time.Minute)
	w.see(path, filled())
	id, err := w.links.OpenHold(tokenOf(path))
	w.Ok(err)
	link := strings.TrimPrefix(w.links.Keep(id), "https://example.org/book")
	w.end(path)
	for _, method := range []string{"GET", "POST"} {
		out := w.send(method, link, nil)
		if out.Code != http.StatusGone || !strings.Contains(out.Body.String(), "free for others again") {
			t.Errorf("%s returned %d: %s", method, out.Code, body(out.Body.String()))
		}
	}
}

func TestBookingsThatNeedApproval(t *testing.T) {
	w := newBookable(t, func(s *page.Settings) { s.Approval = true })
	path := w.holdStart(start)
	w.get(path, http.StatusOK, "Send the request", "Clinic confirms each booking.")
	w.Now = w.Now.Add(time.Minute)
	w.get(w.see(path, filled()), http.StatusOK, "Your request was sent", "has not confirmed it yet")
}

// A page that is not stored is empty after the back button of the browser.
func TestPagesCanBeGoneBackTo(t *testing.T) {
	w := newBookable(t)
	for _, path := range []string{"/book/clinic", w.times(), w.holdStart(start)} {
		if cache := w.send("GET", path, nil).Header().Get("Cache-Control"); cache != "private, no-cache" {
			t.Errorf("%s has Cache-Control %q", path, cache)
		}
	}
}

func TestClosedAccountHasNoPage(t *testing.T) {
	w := newBookable(t)
	w.Do(account.Close{Account: w.Account})
	w.get("/book/clinic", http.StatusNotFound, "There is no booking page here")
}

func TestLargeFormIsRefused(t *testing.T) {
	w := newBookable(t)
	form := filled()
	form.Set("note", strings.Repeat("a", 300<<10))
	out := w.send("POST", w.holdStart(start), form)
	if out.Code != http.StatusRequestEntityTooLarge || !strings.Contains(out.Body.String(), "The form is too large.") {
		t.Errorf("returned %d: %.300s", out.Code, body(out.Body.String()))
	}
}

func TestFreeDaysArePaged(t *testing.T) {
	w := newBookable(t)
	w.Now = commandstest.Monday
	text := w.get(w.times()+"?from=2016-05-04&day=2016-05-05", http.StatusOK, "Thursday, 5 May 2016", "Earlier", "Later",
		"from=2016-05-09")
	if got := strings.Count(text, `class="day"`) + strings.Count(text, `class="day none"`); got != 5 {
		t.Errorf("the page shows %d days, want 5", got)
	}
	w.get(w.times()+"?from=2016-05-07&day=nonsense", http.StatusOK)
	w.get(w.times()+"?from=9999-12-30", http.StatusOK, "No time is free on these days.")
}
