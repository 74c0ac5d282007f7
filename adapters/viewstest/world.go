package viewstest

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/optout"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// The salon of projectiontest.
var (
	acme      = projectiontest.Acme
	haircut   = projectiontest.Haircut
	chair     = projectiontest.Chair
	anna      = projectiontest.Anna
	bruno     = projectiontest.Bruno
	monday    = projectiontest.Monday
	visitID   = projectiontest.Visit
	replacing = projectiontest.Message(11) // an email in place of a text
	// alphaOutage is the id of an outage in Brazil.
	alphaOutage = domain.DeriveID[domain.OutageID]("outage")
	number      = domain.DeriveID[domain.NumberID]("+5527999990002")
)

// world is a log and the read models of one place that follow it.
type world struct {
	*projectiontest.Log
	t         testing.TB
	suite     Suite
	place     string
	logID     string
	db        Database
	projector *projector.Projector
	visits    int // booked by benchLive
}

// newWorld returns a world with an empty log and no read models.
func newWorld(t testing.TB, s Suite) *world {
	t.Helper()
	return worldAt(t, s, s.New(t))
}

// worldAt returns a world with an empty log and the read models that a place has.
func worldAt(t testing.TB, s Suite, place string) *world {
	t.Helper()
	w := &world{Log: projectiontest.NewLog(t), t: t, suite: s, place: place, logID: "the log"}
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

// wire makes a new projector.
func (w *world) wire(wired ...readmodel.Projection) {
	w.projector = projector.New(w.Store, w.Codec, w.db, wired...)
	w.projector.SetLog(w.logID)
}

func (w *world) close() {
	w.t.Helper()
	if w.db != nil {
		w.ok(w.db.Close())
	}
	w.db = nil
}

// reopen does what a restart does.
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

// record appends events to a stream of the salon.
func (w *world) record(at time.Time, stream domain.Stream, events ...domain.Event) {
	w.t.Helper()
	w.Append(projectiontest.On(stream, at, events...))
}

// openSalon opens the salon.
func (w *world) openSalon() {
	w.t.Helper()
	w.Append(projectiontest.Opened()...)
}

// everything gives most read models rows.
func (w *world) everything() {
	w.t.Helper()
	w.Append(projectiontest.Week()...)
	w.Append(projectiontest.Booked(visitID(7), bruno, monday, monday.Add(150*time.Hour))...)
	w.Append(projectiontest.Booked(visitID(6), anna, monday, monday.Add(160*time.Hour))...)
	m := projectiontest.Message(9)
	w.record(monday, appointment.StreamOf(visitID(6)), appointment.Cancelled{
		Appointment: visitID(6), Account: acme, Client: anna, Sequence: 1, By: appointment.Client,
		Visit: projectiontest.VisitAt(monday.Add(160 * time.Hour)), Reason: domain.Secret("Anna has the measles"),
	})
	w.record(monday, message.Stream(m), message.ReminderQueued{
		Message: m, Letter: projectiontest.ReminderTo(anna, visitID(1), "+5527999990001", "Dear Anna"), Rule: "day-before",
	})
	w.record(monday, message.Stream(m), message.MessageReplaced{Message: m, By: replacing})
	w.record(monday, appointment.StreamOf(visitID(7)), appointment.AttentionNeeded{
		Appointment: visitID(7), Account: acme, Client: bruno, Service: projectiontest.Haircut,
		Visit: projectiontest.VisitAt(monday.Add(150 * time.Hour)), Reason: appointment.ZoneRules,
	})
	w.record(monday, client.Stream(anna), client.SmsOptedOut{Client: anna})
	w.record(monday, client.Stream(bruno), client.SmsOptedOut{Client: bruno, Number: number})
	w.record(monday, optout.Stream(number), optout.NumberOptedOut{Number: number, Account: acme})
}

// request requests an appointment with a client.
func (w *world) request(a domain.AppointmentID, who domain.ClientID, at, start time.Time) {
	w.t.Helper()
	w.Append(projectiontest.Requested(a, who, at, start)...)
}

func (w *world) catchUp() {
	w.t.Helper()
	_, err := w.projector.CatchUp(w.t.Context())
	w.ok(err)
}

func (w *world) rebuild(names ...string) []projector.Rebuilt {
	w.t.Helper()
	return w.rebuildBy(w.projector, names...)
}

func (w *world) rebuildBy(projector *projector.Projector, names ...string) []projector.Rebuilt {
	w.t.Helper()
	results, err := projector.Rebuild(w.t.Context(), nil, names...)
	w.ok(err)
	return results
}

// hashes returns the hash of every read model's rows.
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

// checkHashes compares all rows with those that had the wanted hashes.
func (w *world) checkHashes(when string, want map[string]string) {
	w.t.Helper()
	if got := w.hashes(); !reflect.DeepEqual(got, want) {
		w.t.Fatalf("%s the rows have the hashes\n got: %v\nwant: %v", when, got, want)
	}
}

// tables returns the names of all tables that the checkpoints list, sorted. Each must exist, and no other.
func (w *world) tables() string {
	w.t.Helper()
	var names []string
	for row, err := range w.db.Query(w.t.Context(), "SELECT tables FROM checkpoints ORDER BY view") {
		w.ok(err)
		names = append(names, strings.Fields(row.Text(0))...)
	}
	for _, name := range names {
		for _, err := range w.db.Query(w.t.Context(), "SELECT count(*) FROM "+name) {
			w.ok(err)
		}
	}
	if all := w.suite.Tables(w.t, w.place); len(all) != len(names)+2 {
		w.t.Errorf("the place has the tables %s, the checkpoints list %s", all, names)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// write changes tables without the projector.
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

// hasAppointment reports whether the calendar has an appointment.
func (w *world) hasAppointment(id domain.AppointmentID) bool {
	w.t.Helper()
	_, ok, err := projections.Calendar{DB: w.db}.One(w.t.Context(), acme, id)
	w.ok(err)
	return ok
}

// hasAnna reports whether the clients include Anna.
func (w *world) hasAnna() bool {
	w.t.Helper()
	_, ok, err := directory.Clients{DB: w.db}.One(w.t.Context(), acme, anna)
	w.ok(err)
	return ok
}

func isRefusal(err error) bool {
	_, ok := domain.AsRefusal(err)
	return ok
}
