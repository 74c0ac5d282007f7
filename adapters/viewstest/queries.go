package viewstest

import (
	"iter"
	"reflect"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/domain/team"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// rowsAndQueriesEqualThoseOfSQLite builds the read models of one log here and in SQLite, and compares all rows byte
// by byte, step by step and rebuilt. Then it runs every query of projections.Reader on both, with many arguments, and
// compares what they return. A new query needs no change here unless it takes an argument of a new type.
func rowsAndQueriesEqualThoseOfSQLite(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.everything()
	w.appointments(250)
	w.directory()
	scratch, err := views.NewScratch()
	w.ok(err)
	t.Cleanup(func() { w.ok(scratch.Close()) })
	reference := projector.New(w.Store, w.Codec, scratch, projections.All()...)
	compare := func() {
		t.Helper()
		_, err := reference.CatchUp(t.Context())
		w.ok(err)
		w.catchUp()
		want := make(map[string]string)
		for _, projection := range projections.All() {
			hash, rows, err := projector.Hash(t.Context(), scratch, projection)
			w.ok(err)
			if want[projection.Name] = hash; rows == 0 {
				t.Errorf("%s has no rows: the comparison proves nothing", projection.Name)
			}
		}
		w.checkHashes("compared with SQLite", want)
		for _, result := range append(w.rebuild(), w.rebuildBy(reference)...) {
			if !result.Same() || result.After != want[result.Name] {
				t.Errorf("a rebuild changed the rows: %+v", result)
			}
		}
		w.compareQueries(projections.NewReader(scratch), projections.NewReader(w.db))
	}
	compare()
	w.erase(bruno)
	compare()
}

// directory appends what the salon does not have: blocks, texts, keys, free credits, providers, routes and refund
// windows.
func (w *world) directory() {
	at := monday
	w.record(at, account.Stream(acme), account.TemplateSet{
		Account: acme, Kind: "reminder", Channel: "sms", Text: domain.Secret("Olá {client}"),
	})
	maria := domain.ResourceID{UUID: projectiontest.ID(29)}
	w.record(at, resource.Stream(maria), resource.ResourceAdded{Resource: maria, Account: acme, Profile: resource.Profile{
		Name: domain.Secret("Maria"), Kind: "staff", Units: 1, Email: domain.Secret("maria@example.com"),
	}})
	w.record(at, resource.Stream(chair), resource.TimeBlockAdded{
		Resource: chair, Block: domain.BlockID{UUID: projectiontest.ID(21)}, TimeBlock: resource.TimeBlock{
			Interval: domain.Interval{Start: at, End: at.Add(time.Hour)}, Available: true,
		},
	})
	someone := domain.MemberID{UUID: projectiontest.ID(30)}
	w.record(at, team.Stream(acme), team.MemberInvited{
		Account: acme, Member: someone, Email: domain.Secret("maria@example.com"), Role: team.Owner,
	}, team.MemberJoined{Account: acme, Member: someone, Name: domain.Secret("Maria")})
	w.record(at, access.Stream("cb_x7Qp"), access.KeyIssued{Account: acme, Prefix: "cb_x7Qp", Hash: "0a", Role: "owner"})
	w.record(at, credit.StreamOf(acme), credit.CreditsPurchased{Purchase: "p2", Posted: credit.Posted{
		Account: acme.String(), EffectiveAt: at, RecordedAt: at,
		Postings: []credit.Posting{{From: credit.IssuedPaid, To: credit.Paid, Amount: 5}},
	}})
	attempted := projectiontest.Message(8)
	w.record(at, message.Stream(attempted), message.ReminderQueued{
		Message: attempted, Rule: "day-before",
		Letter: projectiontest.ReminderTo(bruno, visitID(2), "+5527999990002", "See you tomorrow"),
	}, message.SmsAttempted{Message: attempted, Attempt: 1, Reference: "r", Provider: "alpha", Country: "BR", At: at})
	w.mails(at)
	w.outage(at)
	for _, a := range []projectiontest.Append{
		{Stream: provider.Stream("alpha"), Events: []domain.Event{
			provider.ProviderRegistered{Provider: "alpha", Kind: "simulated", Label: "Alpha"},
		}},
		{Stream: route.Stream("BR"), Events: []domain.Event{
			route.RouteSet{Country: "BR", Providers: []string{"alpha", "beta"}},
		}},
		{Stream: "window-w1", Events: []domain.Event{window.RefundWindowDeclared{Window: "w1", Terms: window.Terms{
			Bounds: window.Bounds{Kind: window.Instants, Start: at, End: at.Add(time.Hour)},
		}}}},
	} {
		a.At = at
		w.Append(a)
	}
}

// mails records an email that the mail server put off, and one that bounced.
func (w *world) mails(at time.Time) {
	w.t.Helper()
	for n, events := range map[byte][]message.Event{ // in any order: each is a stream of its own
		12: {message.MailDelayed{Message: projectiontest.Message(12), Account: acme, Attempt: 1, Code: "451", Until: at}},
		13: {
			message.MailSent{Message: projectiontest.Message(13), Account: acme, SentAt: at},
			message.MailBounced{Message: projectiontest.Message(13), Account: acme, Permanent: true, Code: "5.1.1", At: at},
		},
	} {
		id := projectiontest.Message(n)
		w.record(at, message.Stream(id), message.NoticeQueued{Message: id, Kind: "agenda", Letter: message.Letter{
			Account: acme, Channel: message.Email, To: domain.Secret("owner@example.com"), Title: domain.Secret("Monday"),
			Text: domain.Secret("2016-05-02"), ScheduledFor: at, UsefulUntil: at.Add(time.Hour),
		}})
		for _, event := range events {
			w.record(at, message.Stream(id), event)
		}
	}
}

// outage appends a confirmed outage, with a text about an appointment ahead that was lost in it.
func (w *world) outage(at time.Time) {
	lost, cell := projectiontest.Message(20), outage.Cell{Provider: "alpha", Country: "BR"}
	w.record(at, message.Stream(lost), message.ReminderQueued{
		Message: lost, Rule: "day-before",
		Letter: projectiontest.ReminderTo(anna, visitID(4), "+5527999990001", "See you tomorrow"),
	}, message.SmsAttempted{Message: lost, Attempt: 1, Reference: "r", Provider: "alpha", Country: "BR", At: at},
		message.SmsSent{
			Message: lost, Account: acme, Attempt: 1, Provider: "alpha", Country: "BR", ProviderID: "id-1", SentAt: at,
		})
	w.record(at, outage.Stream("alpha"), outage.OutageDetected{
		ID: alphaOutage, Cell: cell, ChangePoint: at, At: at, Cause: outage.Silent,
	}, outage.CellOverridden{
		Cell: cell, Mode: outage.Up, Reason: "the drill", Until: at.Add(72 * time.Hour), At: at,
	})
	w.alerts(at)
	who, later := domain.DeriveID[domain.ClientID]("client", 1), at.Add(time.Minute)
	w.Append(projectiontest.Booked(visitID(8), who, at, at.AddDate(0, 0, 20))...)
	next := projectiontest.Message(23)
	letter := projectiontest.ReminderTo(who, visitID(8), "+5527000000001", "See you tomorrow")
	w.record(later, message.Stream(next), message.ReminderQueued{Message: next, Rule: "hour-before", Letter: letter},
		message.SmsAttempted{Message: next, Attempt: 1, Reference: "r", Provider: "alpha", Country: "BR", At: later},
		message.SmsSent{Message: next, Account: acme, Attempt: 1, Provider: "alpha", Country: "BR", SentAt: later})
}

// alerts appends the alert of the outage to one of two accounts, which comes back, as does the address of a client.
func (w *world) alerts(at time.Time) {
	told := projectiontest.Message(21)
	letter := message.Letter{
		Account: acme, Channel: message.Email, To: domain.Secret("owner@example.com"), Text: domain.Secret("Call them"),
		ScheduledFor: at, UsefulUntil: at.Add(time.Hour),
	}
	w.record(at, message.Stream(told), message.NoticeQueued{
		Message: told, Kind: "alert", Letter: letter,
		Alert: message.Alert{About: message.AboutOutage, Outage: alphaOutage, Round: 1, Through: at, Last: true},
	}, message.MailFailed{Message: told, Account: acme, Code: "550"})
	bounced := projectiontest.Message(22)
	letter.Client, letter.To = anna, domain.Secret("anna@example.com")
	w.record(at.Add(time.Second), message.Stream(bounced),
		message.ReminderQueued{Message: bounced, Letter: letter, Rule: "by-email"},
		message.MailBounced{Message: bounced, Account: acme, Permanent: true, Code: "5.1.1", At: at})
	w.record(at, credit.StreamOf(acme), credit.LowBalanceWarned{
		Posted: credit.Posted{Account: acme.String(), EffectiveAt: at, RecordedAt: at}, Available: 1, Below: 2,
	})
}

// compareQueries calls every method of every field of two readers with the same arguments. Each must return rows for
// some of them.
func (w *world) compareQueries(want, got projections.Reader) {
	w.t.Helper()
	arguments := w.arguments()
	fields := reflect.TypeFor[projections.Reader]()
	for i := range fields.NumField() {
		wanted, gotten := reflect.ValueOf(want).Field(i), reflect.ValueOf(got).Field(i)
		for m := range wanted.NumMethod() {
			name := fields.Field(i).Name + "." + wanted.Type().Method(m).Name
			method, calls, withRows := wanted.Method(m), 0, 0
			for in := range combinations(method.Type(), 0, func(shape reflect.Type) []reflect.Value {
				return w.valuesOf(arguments, name, shape)
			}) {
				one, other := results(method.Call(in)), results(gotten.Method(m).Call(in))
				if !reflect.DeepEqual(one, other) {
					w.t.Errorf("%s%v returned\n got: %+v\nwant: %+v", name, in[1:], other, one)
				}
				calls++
				if hasRows(one) {
					withRows++
				}
			}
			if withRows == 0 {
				w.t.Errorf("%s returned no rows in %d calls: the comparison proves nothing", name, calls)
			}
		}
	}
}

// arguments returns the values that queries are called with, by type.
func (w *world) arguments() map[reflect.Type][]reflect.Value {
	arguments := make(map[reflect.Type][]reflect.Value)
	for _, value := range []any{
		0, 1, 100,
		"", "anna", "+5527", "+5527999990001", "sms", "BR", "alpha", "w1", "cb_x7Qp", "2016-05-03", "reminder", "purchase", "id-1", "maria@example.com",
		monday, monday.AddDate(0, 1, 0), alphaOutage,
		domain.Interval{},
		domain.Interval{Start: monday, End: monday.AddDate(0, 0, 2)},
		domain.Interval{Start: monday.AddDate(0, 0, 1)},
		acme, projectiontest.Other,
		domain.AccountID{},
		anna,
		domain.ClientID{},
		bruno, haircut, chair, number,
		visitID(1), visitID(3), visitID(7), projectiontest.Message(9),
		domain.DeriveID[domain.AppointmentID]("appointment", 1),
		appointment.StatusBooked, appointment.StatusFulfilled, message.Queued, message.Delivered,
		readmodel.Cursor{At: monday.Add(48 * time.Hour), ID: visitID(2).UUID},
		readmodel.NameCursor{},
		readmodel.NameCursor{Name: "b", ID: bruno.UUID},
		projections.LineCursor{Entry: 4},
		projections.Message{ID: replacing, Client: anna, Channel: message.Email},
		projections.WindowCursor{},
		projections.OutageFilter{},
		projections.OutageFilter{Provider: "beta"},
		alphaOutage,
		projections.Outage{Cell: outage.Cell{Provider: "alpha"}, ChangePoint: monday.AddDate(0, -1, 0)},
		projections.By{Account: true, Day: true},
		projections.By{Provider: true, Country: true},
		w.Codec,
	} {
		arguments[reflect.TypeOf(value)] = append(arguments[reflect.TypeOf(value)], reflect.ValueOf(value))
	}
	return arguments
}

// valuesOf returns the values to try for a parameter. A filter is tried empty, and with each of its fields alone.
func (w *world) valuesOf(arguments map[reflect.Type][]reflect.Value, name string, shape reflect.Type) []reflect.Value {
	w.t.Helper()
	switch {
	case len(arguments[shape]) > 0:
		return arguments[shape]
	case reflect.TypeOf(w.t.Context()).AssignableTo(shape):
		return []reflect.Value{reflect.ValueOf(w.t.Context())}
	case shape.Kind() == reflect.Interface && reflect.TypeOf(w.Store).AssignableTo(shape):
		return []reflect.Value{reflect.ValueOf(w.Store)}
	case shape.Kind() == reflect.Slice:
		values := []reflect.Value{reflect.Zero(shape)}
		for _, element := range w.valuesOf(arguments, name, shape.Elem()) {
			values = append(values, reflect.Append(reflect.Zero(shape), element))
		}
		return values
	case shape.Kind() == reflect.Struct:
		values := []reflect.Value{reflect.Zero(shape)}
		for i := range shape.NumField() {
			for _, field := range w.valuesOf(arguments, name, shape.Field(i).Type) {
				filter := reflect.New(shape).Elem()
				filter.Field(i).Set(field)
				values = append(values, filter)
			}
		}
		return values
	default:
		w.t.Fatalf("%s takes a %s: add some values of that type to arguments", name, shape)
		return nil
	}
}

// combinations yields the arguments of a function from a parameter on, in every combination of values.
func combinations(
	function reflect.Type, from int, values func(reflect.Type) []reflect.Value,
) iter.Seq[[]reflect.Value] {
	return func(yield func([]reflect.Value) bool) {
		if from == function.NumIn() {
			yield(make([]reflect.Value, from))
			return
		}
		for rest := range combinations(function, from+1, values) {
			for _, value := range values(function.In(from)) {
				rest[from] = value
				if !yield(rest) {
					return
				}
			}
		}
	}
}

// results returns what a query returned. It reads an iterator to its end.
func results(out []reflect.Value) (got []any) {
	for _, value := range out {
		if value.Kind() != reflect.Func {
			got = append(got, value.Interface())
			continue
		}
		for one, err := range value.Seq2() {
			got = append(got, one.Interface(), err.Interface())
		}
	}
	return got
}

// hasRows reports whether the first result of a query has rows or a value. The zero value of a struct that always comes,
// such as a proof without faults, counts.
func hasRows(got []any) bool {
	if len(got) == 0 {
		return false
	}
	value := reflect.ValueOf(got[0])
	if value.IsZero() {
		return len(got) == 2 && value.Kind() == reflect.Struct
	}
	return value.Kind() != reflect.Slice && value.Kind() != reflect.Map || value.Len() > 0
}
