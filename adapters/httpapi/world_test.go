package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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
	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/docs"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/projector"
)

// start is a Thursday.
var start = time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)

// document is what every answer is held to.
var document = sync.OnceValue(func() *openapi3.T {
	spec, err := openapi3.NewLoader().LoadFromData(docs.OpenAPI)
	if err != nil {
		panic(err)
	}
	return spec
})

// world is the whole API in this process: the real engine on a log in memory, the real read models.
type world struct {
	t       testing.TB
	clock   time.Time
	store   *memory.Store
	engine  *commands.Engine
	handler http.Handler
	replies *replies
	log     *bytes.Buffer
	routes  routers.Router
	admin   string
	keys    int
	reached string          // position of the last write, whoever made it: the next read asks for it
	seen    map[string]bool // operations that were answered with success
}

// newWorld makes one; each change may put another part in before it starts.
func newWorld(t testing.TB, changes ...func(*httpapi.Config)) *world {
	t.Helper()
	w := &world{
		t: t, clock: start, store: memory.New(), replies: &replies{kept: make(map[string]httpapi.Reply)},
		log: new(bytes.Buffer), seen: make(map[string]bool),
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
	t.Cleanup(func() {
		stop()
		running.Wait()
		w.ok(db.Close())
	})
	config := httpapi.Config{
		Engine: w.engine, Streams: w.store, Booking: &booking.Protocol{Engine: w.engine, Units: w.units},
		Openings: openings.Openings{Engine: w.engine},
		Eraser:   &commands.Eraser{Engine: w.engine, Keys: erasing{vault}},
		Keys:     httpapi.EngineKeys{Engine: w.engine}, Replies: w.replies, Terms: credit.ProductTerms,
		Views:    projector,
		Accounts: directory.Accounts{DB: db}, Services: directory.Services{DB: db},
		Resources: directory.Resources{DB: db}, Clients: directory.Clients{DB: db},
		Calendar: projections.Calendar{DB: db}, Messages: projections.Messages{DB: db}, Due: due{},
		Deliveries: projections.Deliveries{DB: db}, Ledger: projections.Ledger{DB: db},
		Windows: projections.Windows{DB: db}, Providers: directory.Providers{DB: db},
		Issued:    directory.Keys{DB: db},
		Simulated: true, Build: httpapi.Build{Version: "test"},
		Slog: slog.New(slog.NewJSONHandler(w.log, nil)), Clock: func() time.Time { return w.clock },
	}
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

// issue makes a key without asking the API, as the first start does.
func (w *world) issue(of domain.AccountID, role string) string {
	w.t.Helper()
	w.keys++
	key := httpapi.MintKey(domain.DeriveUUID("test key", w.keys))
	origin := commands.ForAccount(of, domain.Actor{})
	if of.IsZero() {
		origin = commands.ForInstallation(domain.Actor{})
	}
	_, err := w.engine.Do(context.Background(), origin, access.Issue{
		Account: of, Prefix: key.Prefix, Hash: key.Hash, Role: role,
	})
	w.ok(err)
	return key.Text
}

func (w *world) units(ctx context.Context, id domain.ResourceID) (int, error) {
	state, _, err := commands.Load(ctx, w.engine, resource.Decider, resource.Stream(id))
	return state.Units, err
}

// head is where the log ends.
func (w *world) head() domain.Position {
	w.t.Helper()
	position, err := w.store.Head(context.Background())
	w.ok(err)
	return position
}

// answer is what the API said.
type answer struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func (a answer) text(member string) string { text, _ := a.body[member].(string); return text }

func (a answer) items() []map[string]any {
	list, _ := a.body["items"].([]any)
	items := make([]map[string]any, len(list))
	for i, item := range list {
		items[i] = item.(map[string]any)
	}
	return items
}

// ask sends one request and holds the answer to the document. Headers are name, value, …; a POST without an
// Idempotency-Key gets a new one.
func (w *world) ask(key, method, path string, body any, headers ...string) answer {
	w.t.Helper()
	r := w.request(key, method, path, body, headers...)
	return w.answered(r)
}

// answered sends a request as it is.
func (w *world) answered(r *http.Request) answer {
	w.t.Helper()
	out := httptest.NewRecorder()
	w.handler.ServeHTTP(out, r)
	got := answer{status: out.Code, header: out.Header(), raw: out.Body.String()}
	if err := json.Unmarshal(out.Body.Bytes(), &got.body); err != nil {
		w.t.Fatalf("%s %s answered %d and no JSON: %s", r.Method, r.URL, got.status, got.raw)
	}
	w.holds(r, got)
	if position := got.header.Get(httpapi.PositionHeader); position > w.reached {
		w.reached = position
	}
	return got
}

// request is what ask sends.
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
	r := httptest.NewRequest(method, httpapi.Base+path, sent)
	if sent != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if method == http.MethodPost {
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	if method == http.MethodGet && w.reached != "" {
		r.Header.Set(httpapi.PositionHeader, w.reached)
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	return r
}

// holds checks an answer against the document.
func (w *world) holds(r *http.Request, got answer) {
	w.t.Helper()
	found, params, err := w.routes.FindRoute(r)
	if err != nil {
		return // the document knows no such address, and says nothing of it
	}
	err = openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: found},
		Status:                 got.status, Header: got.header, Body: io.NopCloser(strings.NewReader(got.raw)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		w.t.Fatalf("%s %s answered %d, which the document does not allow: %v\n%s", r.Method, r.URL, got.status, err, got.raw)
	}
	if got.status < 300 {
		w.seen[found.Operation.OperationID] = true
	}
}

// must is ask, where nothing but this status will do.
func (w *world) must(status int, key, method, path string, body any, headers ...string) answer {
	w.t.Helper()
	got := w.ask(key, method, path, body, headers...)
	if got.status != status {
		w.t.Fatalf("%s %s answered %d instead of %d: %s\n%s", method, path, got.status, status, got.raw, w.log)
	}
	return got
}

// refused is ask, where nothing but this refusal will do.
func (w *world) refused(status int, code, key, method, path string, body any, headers ...string) answer {
	w.t.Helper()
	got := w.must(status, key, method, path, body, headers...)
	if got.text("code") != code {
		w.t.Fatalf("%s %s was refused as %q instead of %q: %s", method, path, got.text("code"), code, got.text("detail"))
	}
	return got
}

type object = map[string]any

// tenant is an account that can be booked: a teacher from nine to five on weekdays, lessons of an hour, a client.
type tenant struct {
	id, path, owner, staff, billing string
	resource, service, client       string
}

func (w *world) tenant() tenant {
	w.t.Helper()
	var made tenant
	made.id = w.must(201, w.admin, "POST", "/accounts", object{
		"name": "Music school", "zone": "Europe/Berlin", "locale": "de-DE", "country": "DE", "email": "ann@example.com",
	}).text("id")
	made.path = "/accounts/" + made.id
	id, err := domain.ParseID[domain.AccountID](made.id)
	w.ok(err)
	made.owner, made.staff, made.billing = w.issue(id, "owner"), w.issue(id, "staff"), w.issue(id, "billing")
	added := w.must(201, made.owner, "POST", made.path+"/resources", object{"name": "Room 1", "kind": "room"})
	made.resource = added.text("id")
	w.must(200, made.owner, "PUT", made.path+"/resources/"+made.resource+"/hours", object{
		"zone":  "Europe/Berlin",
		"hours": []object{{"days": []int{1, 2, 3, 4, 5}, "from": "09:00", "to": "17:00"}},
	}, "If-Match", added.header.Get("ETag"))
	made.service = w.must(201, made.owner, "POST", made.path+"/services", object{
		"name": "Lesson", "duration_min": 60,
		"requirements": []object{{"any_of": []object{{"resource": made.resource}}}},
	}).text("id")
	made.client = w.must(201, made.staff, "POST", made.path+"/clients", object{
		"name": "Clara Wieck", "phone": "+4915123456789", "email": "clara@example.com",
	}).text("id")
	return made
}

func (made tenant) booking(local string) object {
	return object{"client": made.client, "service": made.service, "local": local}
}

// erasing lets the vault for tests forget.
type erasing struct{ vault *domaintest.Vault }

func (e erasing) Erase(_ context.Context, subject domain.Subject) error {
	e.vault.Erase(subject)
	return nil
}

// due is a list of reminders to come.
type due struct{}

func (due) Of(_ context.Context, of domain.AccountID, before time.Time, limit int) ([]messaging.DueReminder, error) {
	if limit < 1 || !before.After(start) {
		return nil, fmt.Errorf("asked for %d reminders before %s", limit, before)
	}
	return []messaging.DueReminder{{
		Message: domain.DeriveID[domain.MessageID]("due"), Account: of,
		Appointment: domain.DeriveID[domain.AppointmentID]("due"), Rule: "day-before", DueAt: start.Add(time.Hour),
	}}, nil
}

// replies keeps answers in memory.
type replies struct {
	mu   sync.Mutex
	kept map[string]httpapi.Reply
}

func (r *replies) FindReply(_ context.Context, of domain.AccountID, key string) (httpapi.Reply, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	reply, ok := r.kept[of.String()+"/"+key]
	return reply, ok, nil
}

func (r *replies) KeepReply(_ context.Context, of domain.AccountID, key string, reply httpapi.Reply) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept[of.String()+"/"+key] = reply
	return nil
}
