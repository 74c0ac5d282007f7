package httpapi_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/adapters/httpapi/apikey"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/openapi"
	"github.com/clickbook/clickbook/adapters/httpapi/live"
	"github.com/clickbook/clickbook/adapters/mail"
	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/adapters/passkeys"
	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sqlite/state"
	"github.com/clickbook/clickbook/adapters/sqlite/views"
	callback "github.com/clickbook/clickbook/adapters/webhooks"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/commands/visiting"
	"github.com/clickbook/clickbook/commands/webhooks"
	"github.com/clickbook/clickbook/docs"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projector"
)

// start is a Thursday.
var start = time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)

// document is the API document that every response is checked against.
var document = sync.OnceValue(func() *openapi3.T {
	spec, err := openapi3.NewLoader().LoadFromData(docs.OpenAPI)
	if err != nil {
		panic(err)
	}
	return spec
})

// world is the whole API in this process: the real engine on a log in memory, and the real read models.
type world struct {
	hooks    *webhooks.Hooks
	t        testing.TB
	clock    time.Time
	store    *memory.Store
	engine   *commands.Engine
	handler  http.Handler
	hub      *live.Hub
	replies  *replies
	log      *bytes.Buffer
	routes   routers.Router
	admin    string // a key
	keys     int    // issued so far
	position string // of the last write of any caller, which the next read waits for
	done     map[string]bool
	people   *people.People
	mails    mailbox
}

// newWorld returns a world. A change can replace a part of its configuration.
func newWorld(t testing.TB, changes ...func(*httpapi.Config)) *world {
	t.Helper()
	w := &world{
		t: t, clock: start, store: memory.New(), replies: &replies{kept: make(map[string]httpapi.Reply)},
		log: new(bytes.Buffer), done: make(map[string]bool),
	}
	vault := domaintest.NewVault()
	codec, err := aggregates.NewCodec(vault)
	w.ok(err)
	w.engine = commands.NewEngine(w.store, codec, func() time.Time { return w.clock }, aggregates.All()...)
	db, err := views.Open(filepath.Join(t.TempDir(), "views.db"))
	w.ok(err)
	projector := projector.New(w.store, codec, db, projections.All()...)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = projector.Run(ctx) })
	w.hub = httpapi.NewLive(w.store, projector, projections.Messages{DB: db})
	running.Go(func() { _ = w.hub.Run(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
		w.ok(db.Close())
	})
	w.hooks = &webhooks.Hooks{
		Engine: w.engine, Queue: w.openState(), Caller: callback.New(true), Log: slog.New(slog.DiscardHandler),
	}
	config := httpapi.Config{
		Engine: w.engine, Booking: booking.Bookings{
			Engine: w.engine, Openings: openings.Openings{Engine: w.engine}, Protocol: &booking.Protocol{Engine: w.engine},
		},
		Eraser: &commands.Eraser{Engine: w.engine, Keys: vaultKeys{vault}}, OptOuts: commands.OptOuts{Engine: w.engine, Keys: vault},
		Terms:  credit.ProductTerms,
		Reader: projections.NewReader(db), Views: projector, Replies: w.replies,
		Cursors: cursorKey(t), Live: w.hub, CellHealth: cells, Demo: &played{now: func() time.Time { return w.clock }},
		Rebuilds: &oneRebuild{last: httpapi.Rebuild{State: "none"}}, Imports: &sheets{},
		Carriers: &sms.Receiver{
			Engine: w.engine, Registry: sms.NewRegistry(sms.RegistryOptions{Public: "http://here", Base: httpapi.Base}, testKinds()...),
		},
		Bounces:   mail.ReturnPaths{MAC: vault.Fingerprint},
		Webhooks:  w.hooks,
		Simulated: true, Build: httpapi.Build{Version: "test"},
		Log: slog.New(slog.NewJSONHandler(w.log, nil)), Clock: func() time.Time { return w.clock },
	}
	config.ByLink = booking.ByLink{Bookings: config.Booking, Links: links.Links{
		Engine: w.engine, Keys: vault, Base: "https://book.example.org",
	}}
	config.Visiting = &visiting.Visiting{
		Bookings: config.Booking, Links: config.ByLink.Links, Eraser: config.Eraser, Limits: visiting.NewLimits(),
		Directory: visitorsDirectory{w, projector, config.Reader},
	}
	config.Attention = booking.Attention{Bookings: config.Booking, Ahead: ahead{w, projector, config.Reader}}
	file, err := state.Open(t.TempDir())
	w.ok(err)
	w.people = people.New(people.Config{
		Engine: w.engine, Store: file, Directory: memberRows{config.Reader.Members}, Mailer: &w.mails,
		Base: "https://example.com",
	})
	t.Cleanup(func() {
		w.people.Wait()
		w.ok(file.Close())
	})
	config.People = w.people
	config.Passkeys, err = passkeys.New(w.people)
	w.ok(err)
	for _, change := range changes {
		change(&config)
	}
	w.handler, err = httpapi.New(config)
	w.ok(err)
	w.routes, err = gorillamux.NewRouter(document())
	w.ok(err)
	w.admin = w.issue(domain.AccountID{}, access.Admin)
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// issue makes a key without the API, as the first start does.
func (w *world) issue(account domain.AccountID, role string) string {
	w.t.Helper()
	w.keys++
	key := apikey.Mint(domain.DeriveUUID("test key", w.keys))
	origin := commands.ForAccount(account, domain.Actor{})
	if account.IsZero() {
		origin = commands.ForInstallation(domain.Actor{})
	}
	_, err := w.engine.Do(context.Background(), origin, access.Issue{
		Account: account, Prefix: key.Prefix, Hash: key.Hash, Role: role,
	})
	w.ok(err)
	return key.Text
}

// head returns the position of the last event in the log.
func (w *world) head() domain.Position {
	w.t.Helper()
	position, err := w.store.Head(context.Background())
	w.ok(err)
	return position
}

// result is a response of the API.
type result struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func (r result) text(member string) string { text, _ := r.body[member].(string); return text }

func (r result) items() []map[string]any {
	list, _ := r.body["items"].([]any)
	items := make([]map[string]any, len(list))
	for i, item := range list {
		items[i] = item.(map[string]any)
	}
	return items
}

// call sends a request and checks the response against the document. Headers are name, value, …. A POST without an
// Idempotency-Key gets a new one.
func (w *world) call(key, method, path string, body any, headers ...string) result {
	w.t.Helper()
	return w.serve(w.request(key, method, path, body, headers...))
}

// serve sends a request as it is.
func (w *world) serve(r *http.Request) result {
	w.t.Helper()
	out := httptest.NewRecorder()
	r, leave := leaving(r)
	defer leave()
	w.handler.ServeHTTP(out, r)
	got := result{status: out.Code, header: out.Header(), raw: out.Body.String()}
	if kind := got.header.Get("Content-Type"); strings.HasPrefix(kind, "text/") { // a download, or a stream of changes
		return got
	}
	if err := json.Unmarshal(out.Body.Bytes(), &got.body); err != nil {
		w.t.Fatalf("%s %s returned %d without JSON: %s", r.Method, r.URL, got.status, got.raw)
	}
	w.check(r, got)
	if position := got.header.Get(openapi.PositionHeader); position > w.position {
		w.position = position
	}
	return got
}

// leaving returns a request whose caller soon leaves, if the response lasts until then.
func leaving(r *http.Request) (*http.Request, context.CancelFunc) {
	if !strings.HasSuffix(r.URL.Path, "/changes") {
		return r, func() {}
	}
	ctx, leave := context.WithTimeout(r.Context(), 50*time.Millisecond)
	return r.WithContext(ctx), leave
}

// request returns the request that call sends.
func (w *world) request(key, method, path string, body any, headers ...string) *http.Request {
	w.t.Helper()
	var sent io.Reader
	switch given := body.(type) {
	case nil:
	case string:
		sent = strings.NewReader(given)
	default:
		data, err := json.Marshal(given)
		w.ok(err)
		sent = bytes.NewReader(data)
	}
	r := httptest.NewRequest(method, openapi.Base+path, sent)
	if sent != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if secret, ok := strings.CutPrefix(key, "session "); ok {
		r.Header.Set("Cookie", "__Host-clickbook="+secret)
		r.Header.Set("Clickbook-Csrf", "1")
	} else if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if method == http.MethodPost {
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	if method == http.MethodGet && w.position != "" {
		r.Header.Set(openapi.PositionHeader, w.position)
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	return r
}

// check checks a response against the document.
func (w *world) check(r *http.Request, got result) {
	w.t.Helper()
	found, params, err := w.routes.FindRoute(r)
	if err != nil {
		return // the document does not describe responses at unknown addresses
	}
	err = openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: found},
		Status:                 got.status, Header: got.header, Body: io.NopCloser(strings.NewReader(got.raw)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		w.t.Fatalf("%s %s returned %d, which the document does not allow: %v\n%s", r.Method, r.URL, got.status, err, got.raw)
	}
	if got.status < 300 {
		w.done[found.Operation.OperationID] = true
	}
}

// must is call with an expected status.
func (w *world) must(status int, key, method, path string, body any, headers ...string) result {
	w.t.Helper()
	got := w.call(key, method, path, body, headers...)
	if got.status != status {
		w.t.Fatalf("%s %s returned %d, want %d: %s\n%s", method, path, got.status, status, got.raw, w.log)
	}
	return got
}

// refused is call with an expected problem.
func (w *world) refused(status int, code, key, method, path string, body any, headers ...string) result {
	w.t.Helper()
	got := w.must(status, key, method, path, body, headers...)
	if got.text("code") != code {
		w.t.Fatalf("%s %s was refused with %q, want %q: %s", method, path, got.text("code"), code, got.text("detail"))
	}
	return got
}

type object = map[string]any

// fixture is an account with a room from nine to five on weekdays, lessons of an hour, and a client.
type fixture struct {
	id, path, owner, staff, billing string // the last three are keys
	resource, service, client       string
}

func (w *world) newAccount() fixture {
	w.t.Helper()
	var acc fixture
	acc.id = w.must(201, w.admin, "POST", "/accounts", object{
		"name": "Music school", "zone": "Europe/Berlin", "locale": "de-DE", "country": "DE", "email": "ann@example.com",
	}).text("id")
	acc.path = "/accounts/" + acc.id
	id, err := domain.ParseID[domain.AccountID](acc.id)
	w.ok(err)
	acc.owner, acc.staff, acc.billing = w.issue(id, "owner"), w.issue(id, "staff"), w.issue(id, "billing")
	added := w.must(201, acc.owner, "POST", acc.path+"/resources", object{"name": "Room 1", "kind": "room"})
	acc.resource = added.text("id")
	w.must(200, acc.owner, "PUT", acc.path+"/resources/"+acc.resource+"/hours", object{
		"zone":  "Europe/Berlin",
		"hours": []object{{"days": []int{1, 2, 3, 4, 5}, "from": "09:00", "to": "17:00"}},
	}, "If-Match", added.header.Get("ETag"))
	acc.service = w.must(201, acc.owner, "POST", acc.path+"/services", object{
		"name": "Lesson", "duration_min": 60,
		"requirements": []object{{"any_of": []object{{"resource": acc.resource}}}},
	}).text("id")
	acc.client = w.must(201, acc.staff, "POST", acc.path+"/clients", object{
		"name": "Clara Wieck", "phone": "+4915123456789", "email": "clara@example.com",
	}).text("id")
	return acc
}

func (acc fixture) booking(local string) object {
	return object{"client": acc.client, "service": acc.service, "local": local}
}

// cursorKey returns what seals cursors.
func cursorKey(t testing.TB) cipher.AEAD {
	t.Helper()
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	key, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// vaultKeys erases a subject's key from the test vault.
type vaultKeys struct{ vault *domaintest.Vault }

func (k vaultKeys) Erase(_ context.Context, subject domain.Subject) error {
	k.vault.Erase(subject)
	return nil
}

// replies stores replies in memory.
type replies struct {
	mu   sync.Mutex
	kept map[string]httpapi.Reply
}

func (r *replies) FindReply(_ context.Context, account domain.AccountID, key string) (httpapi.Reply, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	reply, ok := r.kept[account.String()+"/"+key]
	return reply, ok, nil
}

func (r *replies) KeepReply(_ context.Context, account domain.AccountID, key string, reply httpapi.Reply) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept[account.String()+"/"+key] = reply
	return nil
}

// oneRebuild is a httpapi.Rebuilds whose first rebuild never ends.
type oneRebuild struct{ last httpapi.Rebuild }

func (o *oneRebuild) Start(names []string, _ bool) error {
	if o.last.State == "running" {
		return domain.Refuse(domain.Disallowed, "rebuild_running", "the read models are being rebuilt")
	}
	o.last = httpapi.Rebuild{State: "running"}
	for _, name := range names {
		o.last.Models = append(o.last.Models, httpapi.RebuiltModel{Name: name})
	}
	return nil
}

func (o *oneRebuild) Last() httpapi.Rebuild { return o.last }

// sheets is a httpapi.Imports that books every line of a file after the first.
type sheets struct{ done []httpapi.Import }

func (s *sheets) Start(id uuid.UUID, of domain.AccountID, file httpapi.Sheet) error {
	rows := bytes.Count(file.Content, []byte("\n")) - 1
	s.done = append(s.done, httpapi.Import{
		ID: id, Account: of, State: httpapi.ImportDone, Rows: rows, Booked: rows, Report: file.Dates + " " + file.Hours,
		Guesses: []httpapi.ImportGuess{{Client: "Ana", Rows: 2}}, Warned: 1,
		Warnings: []httpapi.ImportWarning{{Line: 2, Text: "no phone"}},
	})
	return nil
}

func (s *sheets) Find(of domain.AccountID, id uuid.UUID) (found httpapi.Import, ok bool) {
	for _, one := range s.done {
		if one.ID == id && one.Account == of {
			return one, true
		}
	}
	return found, false
}
