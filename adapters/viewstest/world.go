package viewstest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// world is a log that happens as the test says, and read models that follow it.
type world struct {
	t         testing.TB
	suite     Suite
	place     string
	store     *memory.Store
	log       string // its identity
	vault     *domaintest.Vault
	codec     *domain.Codec
	db        Database
	projector *projector.Projector
	revisions map[domain.Stream]domain.Revision
	last      domain.Position
	events    int
}

func newWorld(t testing.TB, s Suite) *world {
	t.Helper()
	return worldAt(t, s, s.New(t))
}

// worldAt is a world with an empty log and the read models that are at a place.
func worldAt(t testing.TB, s Suite, place string) *world {
	t.Helper()
	w := &world{
		t: t, suite: s, place: place, store: memory.New(), vault: domaintest.NewVault(), log: "the log",
		revisions: make(map[domain.Stream]domain.Revision),
	}
	codec, err := aggregates.NewCodec(w.vault)
	w.ok(err)
	w.codec = codec
	w.open(projections.All()...)
	t.Cleanup(w.close)
	return w
}

func (w *world) open(wired ...readmodel.Projection) {
	w.t.Helper()
	db, err := w.suite.Open(w.place)
	w.ok(err)
	w.db = db
	w.wire(wired...)
}

func (w *world) wire(wired ...readmodel.Projection) {
	w.projector = projector.New(w.store, w.codec, w.db, wired...)
	w.projector.SetLog(w.log)
}

func (w *world) close() {
	w.t.Helper()
	if w.db != nil {
		w.ok(w.db.Close())
	}
	w.db = nil
}

// reopen is what a restart does.
func (w *world) reopen(wired ...readmodel.Projection) {
	w.t.Helper()
	w.close()
	w.open(wired...)
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// happened appends events to a stream of an account.
func (w *world) happened(of domain.AccountID, at time.Time, stream domain.Stream, events ...domain.Event) {
	w.t.Helper()
	revision, known := w.revisions[stream]
	if !known {
		revision = domain.NoStream
	}
	stored := make([]domain.Stored, len(events))
	for i, event := range events {
		w.events++
		var err error
		stored[i], err = w.codec.Encode(domain.DeriveUUID("test", w.events), event, domain.Metadata{
			Account: of, OccurredAt: at, RecordedAt: at,
		})
		w.ok(err)
	}
	appended, err := w.store.Append(w.t.Context(), stream, revision, stored)
	w.ok(err)
	w.revisions[stream], w.last = appended.Revision, appended.Position
}

func (w *world) catchUp() {
	w.t.Helper()
	_, err := w.projector.CatchUp(w.t.Context())
	w.ok(err)
}

// hashes are the rows of every read model.
func (w *world) hashes() map[string]string {
	w.t.Helper()
	hashes := make(map[string]string)
	for _, projection := range projections.All() {
		hash, _, err := projector.Hash(w.t.Context(), w.db, projection)
		w.ok(err)
		hashes[projection.Name] = hash
	}
	return hashes
}

// tables are the names of all tables, by name.
func (w *world) tables() string {
	w.t.Helper()
	var names []string
	for row, err := range w.db.Query(w.t.Context(), "SELECT tables FROM checkpoints ORDER BY view") {
		w.ok(err)
		names = append(names, strings.Fields(row.Text(0))...)
	}
	for _, name := range names { // whoever speaks of a table has it
		for _, err := range w.db.Query(w.t.Context(), "SELECT count(*) FROM "+name) {
			w.ok(err)
		}
	}
	if all := w.suite.Tables(w.t, w.place); len(all) != len(names)+2 {
		w.t.Errorf("there are tables %s, in the checkpoints %s", all, names)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// write changes tables behind the projector's back.
func (w *world) write(statements ...string) {
	w.t.Helper()
	w.ok(w.db.Write(w.t.Context(), func(tx readmodel.Tx) error {
		for _, statement := range statements {
			if err := tx.Exec(w.t.Context(), statement); err != nil {
				return err
			}
		}
		return nil
	}))
}

func id(n byte) uuid.UUID { return uuid.UUID{15: n} }

var (
	acme    = domain.AccountID{UUID: id(1)}
	other   = domain.AccountID{UUID: id(2)}
	haircut = domain.ServiceID{UUID: id(3)}
	chair   = domain.ResourceID{UUID: id(4)}
	anna    = domain.ClientID{UUID: id(5)}
	bruno   = domain.ClientID{UUID: id(6)}
	monday  = time.Date(2016, 5, 2, 12, 0, 0, 0, time.UTC)
)

func opened(w *world) {
	w.happened(acme, monday, account.Stream(acme), account.AccountOpened{Account: acme, Settings: account.Settings{
		Name: domain.Secret("Salon Vitória"), Zone: "America/Sao_Paulo", Locale: "pt-BR", Country: "BR",
	}}, account.ReminderRulesSet{Account: acme, Rules: []account.ReminderRule{
		{ID: "day-before", LeadMin: 24 * 60, Channel: "sms"},
	}})
	w.happened(acme, monday, service.Stream(haircut), service.ServiceDefined{
		Service: haircut, Account: acme, Policy: service.Policy{Name: "Haircut", DurationMin: 30},
	})
	w.happened(acme, monday, resource.Stream(chair), resource.ResourceAdded{
		Resource: chair, Account: acme, Profile: resource.Profile{Name: domain.Secret("Chair by the window"), Units: 1},
	})
	w.happened(acme, monday, client.Stream(anna), client.ClientRegistered{Client: anna, Account: acme, Contact: client.Contact{
		Name: domain.Secret("Anna Conceição"), Phone: domain.Secret("+5527999990001"), Country: "BR",
		Email: domain.Secret("anna@example.com"),
	}})
	w.happened(acme, monday, client.Stream(bruno), client.ClientRegistered{Client: bruno, Account: acme, Contact: client.Contact{
		Name: domain.Secret("Bruno Álvares"), Phone: domain.Secret("+5527999990002"), Country: "BR",
	}})
}

// visitAt is half an hour in the chair, by the clock of São Paulo in winter.
func visitAt(start time.Time) appointment.Visit {
	during := domain.Interval{Start: start, End: start.Add(30 * time.Minute)}
	return appointment.Visit{
		Start: during.Start, End: during.End, Zone: "America/Sao_Paulo",
		Local: start.Add(-3 * time.Hour).Format("2006-01-02T15:04:05"),
		Legs:  []appointment.Leg{{Resource: chair, Units: 1, Interval: during}},
	}
}

// requested opens a booking and holds its leg.
func (w *world) requested(a domain.AppointmentID, who domain.ClientID, at, start time.Time) {
	w.t.Helper()
	visit, until := visitAt(start), at.Add(time.Minute)
	w.happened(acme, at, streamOf(a), appointment.Requested{
		Appointment: a, Account: acme, Client: who, Service: haircut, Visit: visit, Until: until,
	})
	w.held(a, 0, visit, at, until)
}

func (w *world) held(a domain.AppointmentID, sequence int, visit appointment.Visit, at, until time.Time) {
	w.t.Helper()
	for _, leg := range visit.Legs {
		for _, month := range diary.Months(leg.Interval) {
			w.happened(acme, at, diary.StreamOf(leg.Resource, month), diary.UnitsHeld{
				Resource: leg.Resource, Appointment: a, Sequence: sequence, Interval: leg.Interval, Units: leg.Units,
				Until: until,
			})
		}
	}
}

// booked is a whole booking.
func (w *world) booked(a domain.AppointmentID, who domain.ClientID, at, start time.Time) {
	w.t.Helper()
	w.requested(a, who, at, start)
	w.happened(acme, at, streamOf(a), appointment.Booked{
		Appointment: a, Account: acme, Client: who, Service: haircut, Visit: visitAt(start),
	})
}

func streamOf(a domain.AppointmentID) domain.Stream {
	return domain.StreamOf("appointment", a.String())
}

func visitID(n byte) domain.AppointmentID { return domain.AppointmentID{UUID: id(100 + n)} }
